"""One file for each section below the picture."""
