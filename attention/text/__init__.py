"""Text as tokens, and tokens as something that can be read."""
