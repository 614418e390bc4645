"""transformers: tensors that grow, or are made in advance."""
