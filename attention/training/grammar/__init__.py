"""The sentences that the training text is made of, a package a language."""
