"""Text that a language model writes itself, so that nobody's data set is needed."""

import numpy as np
import torch
from torch import Tensor

from attention.models.huggingface.model import LanguageModel

BESIDE = 64  # rows at a time: of few, a step reads all weights for little


def generator_of(seed: int, part: int) -> torch.Generator:
    """Random numbers of their own for every seed and part: torch takes 32 bits of a seed."""
    (mixed,) = np.random.SeedSequence((seed, part)).generate_state(1)
    return torch.Generator().manual_seed(int(mixed))


@torch.no_grad()
def written(model: LanguageModel, rows: int, window: int, seed: int, part: int) -> Tensor:
    """Token ids ``[rows, window]``, drawn from what the model says comes next, temperature 1.

    Each row begins with any ordinary token of the vocabulary (as Liu et al. 2023, LLM-QAT, arXiv
    2305.17888, section 2.1); nothing is cut off the distribution, and a text that ends is followed
    by whatever the model says follows.

    Args:
        rows: at most :data:`BESIDE`.
        part: of one long text; each is a pure function of seed and part.
    """
    network, generator = model.model, generator_of(seed, part)
    special = set(model.tokenizer.all_special_ids)
    ordinary = torch.tensor([i for i in range(model.vocab_size) if i not in special])
    first = torch.randint(len(ordinary), (rows, 1), generator=generator)
    ids, cache = ordinary[first], model.new_cache()
    while ids.shape[1] < window:
        given = ids[:, -1:].to(network.device)
        logits = network(input_ids=given, cache=cache, use_cache=True).logits[:, -1]
        chances = logits.float().softmax(-1).cpu()
        ids = torch.cat((ids, torch.multinomial(chances, 1, generator=generator)), dim=1)
    return ids
