"""A text and what the model goes on with: the tokens that transformers' own generate() writes."""

import re
from pathlib import Path

import pytest
import torch

from attention.models.continued import continued
from attention.models.generate import GenerationError
from attention.models.huggingface.model import LanguageModel
from attention.models.layouts.load import load_layout
from attention.models.reading import read
from tests.models.tiny import eager, load_tiny

TEXT = "the cat sat"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> LanguageModel:
    return load_tiny("llama", tmp_path_factory.mktemp("llama"))


def test_it_is_what_transformers_generates(tiny: LanguageModel) -> None:
    prompt = read(tiny, TEXT)
    whole = continued(tiny, prompt, 5)
    ids = torch.tensor([prompt.ids])
    own = eager("llama").generate(ids, max_new_tokens=5, do_sample=False)
    assert whole.ids == tuple(own[0].tolist())
    assert whole.n_generated == len(own[0]) - len(prompt.ids)
    assert len(whole.tokens) == len(whole.ids)
    assert whole.generated(raw=True) == len(prompt.ids)


def test_a_layout_goes_on_too() -> None:
    model = load_layout(8, 2, device="cpu")
    prompt = read(model, "The keys near the old cabinet")
    whole = continued(model, prompt, 3)
    ids = list(prompt.ids)
    for _ in range(3):  # a pass over the whole text each time, without a cache
        ids.append(model.top(ids, 1)[0].id)
    assert whole.ids == tuple(ids)
    assert (whole.n_generated, prompt.generated(raw=False)) == (3, None)


def test_it_ends_where_no_more_fits(tiny: LanguageModel) -> None:
    limit = tiny.max_tokens
    prompt = read(tiny, "a" * limit, limit - 2)
    with pytest.raises(GenerationError) as caught:  # what was cut off cannot be gone on with
        continued(tiny, prompt, 5)
    assert str(caught.value) == (
        f"The text has {prompt.total} tokens; at most {limit - 2} fit: cut it."
    )
    short = read(tiny, "a" * (limit - 3))
    missing = limit - len(short.ids)
    whole = continued(tiny, short, 50)
    assert whole.n_generated <= missing and len(whole.ids) <= limit and not whole.cut
    assert len(tiny.look(whole.ids).layers) == tiny.n_layers


def test_refusals_are_sentences(tiny: LanguageModel, tmp_path: Path) -> None:
    with pytest.raises(
        GenerationError, match=r"^0 tokens cannot be generated: ask for 1 or more\.$"
    ):
        continued(tiny, read(tiny, TEXT), 0)
    bert = load_tiny("bert", tmp_path)
    said = f"{bert.title} predicts no next token: choose a model with an LM head."
    with pytest.raises(GenerationError, match=f"^{re.escape(said)}$"):
        continued(bert, read(bert, TEXT), 4)
