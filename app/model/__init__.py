"""Which model a page is about: what Explore and Heads have in common of address and controls."""
