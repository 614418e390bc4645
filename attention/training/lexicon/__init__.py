"""The words of the grammar, by language, and the most frequent forms of each."""
