"""The layouts that this repository trained."""
