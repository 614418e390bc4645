"""Models of others on this machine: which there are, and how they get here."""
