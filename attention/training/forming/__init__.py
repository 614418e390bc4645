"""Three trainings that are looked at on the way: their text, their recipe, what is kept of them."""
