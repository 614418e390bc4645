"""The words that are tokens, and the stems and endings that others are cut into."""
