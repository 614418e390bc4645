"""What was fetched is what people use: tokenizer, weights and files of SmolLM2 and MiniLM."""

import hashlib

import pytest
import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer

from attention.models.store import inventory
from attention.models.store.names import NAMED
from tests.models.real import fetched

TEXTS = (
    "The keys near the old cabinet are lost.",
    "In 2024, it's 3.14 — isn't it?",
    "अलमारी के पास की चाबियाँ खो गई हैं।",
    "👩‍👩‍👧 and 🙂, then\n\n\ttabs  and   spaces",
    "日本語 עברית",
)


@pytest.mark.parametrize("name", NAMED)
def test_every_byte_is_what_the_manifest_says(name):
    folder = fetched(name)
    held = inventory.held(name, full=True)
    assert (held.state, held.path) == ("ready", folder)
    assert held.size <= NAMED[name].stored


def test_smollm2_has_the_tokenizer_of_the_hub():
    tokenizer = (fetched("smollm2") / "tokenizer.json").read_bytes()
    assert hashlib.sha256(tokenizer).hexdigest() == NAMED["smollm2"].tokenizer_sha256


@pytest.mark.parametrize("text", TEXTS)
def test_smollm2_gives_every_text_back(text):
    tokenizer = AutoTokenizer.from_pretrained(fetched("smollm2"))
    ids = tokenizer(text).input_ids
    assert tokenizer.decode(ids) == text
    pieces = tokenizer.convert_ids_to_tokens(ids)
    assert not any(len(piece) > 1 and any(c.isdigit() for c in piece) for piece in pieces)
    assert not set(ids) & set(tokenizer.all_special_ids)  # it adds none


def test_smollm2_knows_its_special_tokens():
    tokenizer = AutoTokenizer.from_pretrained(fetched("smollm2"))
    ids = tokenizer("<|im_start|>user\nHi<|im_end|>").input_ids
    assert (ids[0], ids[-1]) == (tokenizer.bos_token_id, tokenizer.eos_token_id) == (1, 2)
    assert tokenizer.model_max_length == 8192


def test_smollm2_knows_the_capital_of_france():
    folder = fetched("smollm2")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with torch.inference_mode():
        logits = model(**tokenizer("The capital of France is", return_tensors="pt")).logits
    assert tokenizer.decode(logits[0, -1].argmax()) == " Paris"


def test_minilm_finds_the_sentence_that_means_the_same():
    folder = fetched("minilm")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32)

    def meaning(text):
        with torch.inference_mode():
            states = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
        return torch.nn.functional.normalize(states.mean(0), dim=0)

    asked = meaning("Somebody has lost the keys.")
    others = ("The keys cannot be found.", "The soup is too hot.", "A cat sleeps on the roof.")
    near, *far = (float(asked @ meaning(text)) for text in others)
    assert near > 0.5 > max(far)
    assert tokenizer("keys").input_ids[0] == tokenizer.cls_token_id
    assert len(tokenizer("keys " * 300).input_ids) == 302  # nothing is cut off at 128
