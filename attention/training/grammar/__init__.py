"""Text that teaches: sentences with the dependencies among their words."""
