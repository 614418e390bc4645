"""Headcount: attention heads and key-value heads, computed, measured and drawn.

Import what you need from the modules; nothing here loads torch.
"""
