"""The text, the tokenizer, the trainer and the evaluation of the trained family."""
