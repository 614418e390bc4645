"""Language models from Hugging Face checkpoints; nothing here is loaded before it is used."""
