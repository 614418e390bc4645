"""One line of text that asks whether a model fits: what it says, and what of it was understood."""
