"""How fast a device can make tokens at most."""
