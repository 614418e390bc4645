"""A model that several files of tests generate with."""

import pytest
import torch

from attention.models.huggingface.model import LanguageModel
from tests.models.generating import llama, wrapped


@pytest.fixture(scope="module")
def tiny() -> LanguageModel:
    """A small Llama of random weights; each file of tests has its own."""
    torch.manual_seed(1)
    return wrapped(llama())
