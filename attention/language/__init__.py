"""Language models from Hugging Face checkpoints; nothing here loads torch or transformers."""
