"""What heads that are off free."""

import pytest

from attention.interventions.off import Off
from attention.models.layouts.load import load_layout
from attention.models.roles import Role
from attention.pruning import parameters, roles_gone
from tests.models import tiny

Q_K_V_O = ("q_proj.weight", "k_proj.weight", "v_proj.weight", "o_proj.weight")
FUSED = ("c_attn.weight", "attn.c_proj.weight")


@pytest.mark.parametrize("name", ["llama", "llama-mqa", "qwen2", "gemma", "gpt2"])
def test_all_on_is_what_transformers_counts(name):
    weights = tiny.make_model(name).named_parameters()
    expected = sum(weight.numel() for key, weight in weights if key.endswith(Q_K_V_O + FUSED))
    assert parameters(tiny.load_tiny(name), Off()) == expected


@pytest.mark.parametrize(
    ("off", "freed"),
    [
        ("0.0", 2),  # slices of W_Q and W_O, in heads of 12 × 48 numbers
        ("0.0,1.0", 4),
        ("0.0,0.1", 4 + 2),  # their KV head's W_K and W_V
        ("0.1,0.2", 4),  # of two KV heads
        ("2.0,2.1,2.2,2.3", 8 + 4),
    ],
)
def test_of_w_k_and_w_v_only_whole_kv_heads(off, freed):
    model = tiny.load_tiny("llama")
    before, after = parameters(model, Off()), parameters(model, Off.parse(off))
    assert before - after == freed * 12 * 48


def test_a_layout():
    model = load_layout(8, 2, device="cpu")
    layers = model.decoder.layers
    own = sum(m.weight.numel() for la in layers for m in (la.w_q, la.w_k, la.w_v, la.w_o))
    assert parameters(model, Off()) == own
    every = frozenset((layer, head) for layer in range(3) for head in range(8))
    assert parameters(model, Off(every)) == 0


def test_latents_are_no_slices_of_heads():
    assert parameters(tiny.load_tiny("deepseek_v3"), Off()) is None


def test_roles_that_are_gone():
    roles = [
        [Role("previous", 0.9), Role("mixed", 0.1)],
        [Role("previous", 0.5), Role("induction", 0.8)],
    ]
    assert roles_gone(roles, ["0.0", "1.1"]) == {
        "induction": (1, 1),
        "mixed": (0, 1),
        "previous": (1, 2),
    }
