"""The page "Memory": its settings and their address, what is computed of them, and its words."""
