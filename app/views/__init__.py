"""One short file for each page, and for each section of it."""
