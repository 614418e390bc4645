"""The low-rank way against all eigenvalues of the matrix of vocabulary by vocabulary."""

import numpy as np
import pytest
import torch

from attention.atlas.copying import copying, eigenvalue_share
from attention.models.layouts.load import load_layout
from tests.models.tiny import HYBRIDS, load_tiny


def whole(embedding, w_v, w_o, unembedding) -> float:
    """By numpy, nothing left out: [vocab, vocab]."""
    values = np.linalg.eigvals(unembedding @ w_o @ w_v @ embedding.T)
    return float(values.real.sum() / np.abs(values).sum())


@pytest.mark.parametrize("seed", range(5))
def test_as_by_the_whole_matrix(seed: int) -> None:
    random = np.random.default_rng(seed)
    embedding, unembedding = random.normal(size=(2, 60, 12))
    w_v, w_o = random.normal(size=(4, 12)), random.normal(size=(12, 4))
    found = eigenvalue_share(*map(torch.from_numpy, (w_v, w_o, embedding.T @ unembedding)))
    assert found == pytest.approx(whole(embedding, w_v, w_o, unembedding), abs=1e-6)


def test_of_every_head_of_a_model_with_shared_kv_heads() -> None:
    model = load_tiny("llama")  # 4 heads, 2 KV heads
    found, why = copying(model)
    assert why is None
    state = {name: weight.double().numpy() for name, weight in model.model.state_dict().items()}
    n, dim = model.configs[0].n_heads, model.configs[0].head_dim
    for layer in range(model.n_layers):
        at = f"model.layers.{layer}.self_attn"
        for head in range(n):
            kv = head // 2
            expected = whole(
                state["model.embed_tokens.weight"],
                state[f"{at}.v_proj.weight"][kv * dim : (kv + 1) * dim],
                state[f"{at}.o_proj.weight"][:, head * dim : (head + 1) * dim],
                state["lm_head.weight"],
            )
            assert found[layer][head] == pytest.approx(expected, abs=1e-5)


def test_a_head_that_writes_what_it_reads_has_1_and_its_opposite_minus_1() -> None:
    embedding = torch.eye(6, dtype=torch.float64)
    part = torch.eye(6, dtype=torch.float64)[:3]
    assert eigenvalue_share(part, part.T, embedding) == pytest.approx(1)
    assert eigenvalue_share(part, -part.T, embedding) == pytest.approx(-1)
    assert eigenvalue_share(0 * part, part.T, embedding) == 0


def test_random_weights_copy_nothing_on_average() -> None:
    found, _ = copying(load_layout(8, 8, device="cpu").reinitialised(0))
    assert abs(np.mean(found)) < 0.1


@pytest.mark.parametrize("name", sorted(HYBRIDS))
def test_a_hybrid_is_measured_or_says_why_not(name: str) -> None:
    found, why = copying(load_tiny(name))
    assert (found is None) != (why is None)
    if name.startswith("zamba"):  # their attention is given the embedding beside the stream
        assert str(why) == "W_V reads more than the residual stream."
