"""What is done to heads in a pass, in any model: nothing here changes the model itself."""
