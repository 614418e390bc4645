"""Weights, cache and GPUs: what fits."""
