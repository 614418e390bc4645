"""The streamed survey against weights held whole: plain numpy, and what transformers does."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers.models.gemma2 import modeling_gemma2
from transformers.models.gpt_oss import modeling_gpt_oss
from transformers.models.mistral import modeling_mistral

from attention import blocks, functional
from attention.scores import SurveyError, of_weights
from attention.survey import head_weights, pool_to, survey_heads
from attention.text.pieces import Units, merge_weights
from tests.peak import measured

LAYOUTS = [(8, 8), (8, 2), (6, 3), (4, 1), (1, 1)]


def tensors(n_heads, n_kv_heads, seq_len, head_dim=6, seed=0):
    random = torch.Generator().manual_seed(seed)
    q = torch.randn(n_heads, seq_len, head_dim, generator=random) * 2
    return q, torch.randn(n_kv_heads, seq_len, head_dim, generator=random)


def some_ids(seq_len, distinct=7, seed=0):
    return np.random.default_rng(seed).integers(0, distinct, seq_len).tolist()


def plainly(q, k, *, causal, scale=None, softcap=None, mask=None, window=None, sinks=None):
    """Weights in float64, a head at a time: the definition."""
    q, k = q.double().numpy(), k.double().numpy()
    n_heads, seq_len, head_dim = q.shape
    away = np.arange(seq_len)[:, None] - np.arange(seq_len)
    hidden = np.zeros((seq_len, seq_len), dtype=bool)
    hidden |= (away < 0) if causal else False
    hidden |= (np.abs(away) >= window) if window else False
    every = []
    for head in range(n_heads):
        scores = q[head] @ k[head * len(k) // n_heads].T * (scale or 1 / math.sqrt(head_dim))
        scores = softcap * np.tanh(scores / softcap) if softcap else scores
        if mask is not None:
            scores = scores + mask.expand(n_heads, seq_len, seq_len)[head].double().numpy()
        powers = np.exp(np.where(hidden, -np.inf, scores))
        sink = 0 if sinks is None else math.exp(sinks[head])
        every.append(powers / (powers.sum(-1, keepdims=True) + sink))
    return np.array(every)


def check(survey, weights, ids, causal, pairs=None, atol=2e-6):
    """Everything in a survey against all the weights, by the definitions of the scores."""
    tiles, pool = pool_to(weights, 128)
    assert survey.pool == pool
    np.testing.assert_allclose(survey.tiles, tiles, atol=atol)
    away = np.abs(np.arange(len(ids))[:, None] - np.arange(len(ids)))
    expected = (weights * away).sum(2).mean(1)
    np.testing.assert_allclose(survey.distance, expected, rtol=1e-5, atol=atol)
    for ours, theirs in zip(survey.scores, of_weights(weights, ids, causal, pairs), strict=True):
        assert ours == {
            name: value if value is None else pytest.approx(value, abs=5 * atol)
            for name, value in theirs.items()
        }


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seq_len", [1, 2, 127, 128, 129, 300, 1000])
@pytest.mark.parametrize("causal", [True, False])
def test_a_survey_is_what_the_whole_weights_give(layout, seq_len, causal):
    q, k = tensors(*layout, seq_len)
    ids, pairs = some_ids(seq_len), [(seq_len - 1, 0), (seq_len - 1, seq_len // 2)]
    weights = functional.weigh(q[None], k[None], causal)[0].numpy()
    survey = survey_heads(q, k, causal=causal, ids=ids, pairs=pairs)
    check(survey, weights, ids, causal, pairs)
    assert (survey.tiles.dtype, survey.distance.dtype) == (np.float32, np.float32)
    for head in {0, layout[0] - 1}:
        one = head_weights(q, k, head, causal=causal)
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, weights[head], atol=2e-6)


@st.composite
def rules(draw):
    """A layer and everything that may shape its weights."""
    n_heads, n_kv_heads = draw(st.sampled_from(LAYOUTS))
    seq_len = draw(st.sampled_from([1, 2, 3, 17, 64, 129, 150]))
    heads, rows = draw(st.sampled_from([(1, 1), (1, seq_len), (n_heads, seq_len)]))
    additive = torch.randn(heads, rows, seq_len, generator=torch.Generator().manual_seed(1))
    given = {
        "causal": draw(st.booleans()),
        "scale": draw(st.sampled_from([None, 0.1, 1.0])),
        "softcap": draw(st.sampled_from([None, 2.0, 50.0])),
        "mask": draw(st.sampled_from([None, additive])),
        "window": draw(st.sampled_from([None, 1, 4, 100, 1000])),
        "sinks": draw(st.sampled_from([None, torch.linspace(-3, 6, n_heads)])),
    }
    return (n_heads, n_kv_heads, seq_len), draw(st.integers(0, 99)), given


@given(rules(), st.sampled_from([1, 3, 40, 128]))
def test_softcap_mask_window_and_sinks_by_definition(drawn, tile):
    shape, seed, rule = drawn
    q, k = tensors(*shape, seed=seed)
    ids = some_ids(shape[2], seed=seed)
    weights = plainly(q, k, **rule)
    survey = survey_heads(q, k, ids=ids, tile=tile, **rule)
    np.testing.assert_allclose(survey.tiles, pool_to(weights, tile)[0], atol=5e-6)
    check(survey_heads(q, k, ids=ids, **rule), weights, ids, rule["causal"], atol=5e-6)
    np.testing.assert_allclose(head_weights(q, k, 0, **rule), weights[0], atol=5e-6)


@pytest.mark.parametrize("size", [1, 64 * 150, 3 * 64 * 150, 2**24])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_however_many_heads_go_together(layout, size, monkeypatch):
    monkeypatch.setitem(blocks.SIZE, "cpu", size)
    q, k = tensors(*layout, 150)
    ids = some_ids(150)
    weights = functional.weigh(q[None], k[None], True)[0].numpy()
    check(survey_heads(q, k, causal=True, ids=ids), weights, ids, True)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_narrow_and_wide_formats_are_computed_in_float32(dtype):
    q, k = (part.to(dtype) for part in tensors(8, 2, 200))
    ids = some_ids(200)
    check(survey_heads(q, k, causal=True, ids=ids), plainly(q, k, causal=True), ids, True)


def additive(seq_len, window=None):
    away = torch.arange(seq_len)[:, None] - torch.arange(seq_len)
    hidden = (away < 0) | (away >= (window or seq_len))
    return torch.zeros(1, 1, seq_len, seq_len).masked_fill(hidden, torch.finfo(torch.float32).min)


def eager(module, q, k, mask, scale, **given):
    """Weights of an eager attention of transformers, [n_heads, seq_len, seq_len]."""
    layer = SimpleNamespace(num_key_value_groups=len(q) // len(k), training=False, **given)
    more = {"softcap": given["softcap"]} if "softcap" in given else {}
    return module.eager_attention_forward(
        layer, q[None], k[None], k[None], mask, scaling=scale, **more
    )[1][0].numpy()


def test_softcaps_are_those_of_gemma_2():
    q, k = tensors(8, 4, 150, 16)
    theirs = eager(modeling_gemma2, q * 9, k, additive(150), 0.25, softcap=5.0)
    ours = survey_heads(q * 9, k, causal=True, ids=some_ids(150), scale=0.25, softcap=5.0)
    check(ours, theirs, some_ids(150), True)


def test_sinks_are_those_of_gpt_oss():
    q, k = tensors(8, 2, 150, 16)
    sinks = torch.linspace(-2, 30, 8)  # the last head gives the sink nearly everything
    theirs = eager(modeling_gpt_oss, q, k, additive(150), 0.25, sinks=sinks)
    ours = survey_heads(q, k, causal=True, ids=some_ids(150), scale=0.25, sinks=sinks)
    check(ours, theirs, some_ids(150), True)
    assert theirs[-1].sum(-1).max() < 1e-3
    assert ours.scores[-1]["spread"] < 0.01


@pytest.mark.parametrize("as_mask", [True, False])
def test_windows_are_those_of_mistral(as_mask):
    q, k = tensors(8, 2, 300, 16)
    mask = additive(300, window=70)
    theirs = eager(modeling_mistral, q, k, mask, 0.25)
    rule = {"mask": mask[0]} if as_mask else {"window": 70}
    ours = survey_heads(q, k, causal=True, ids=some_ids(300), scale=0.25, **rule)
    check(ours, theirs, some_ids(300), True)


@pytest.mark.parametrize("hide", [-math.inf, torch.finfo(torch.float32).min])
def test_a_query_that_may_see_nothing_gives_numbers_all_the_same(hide):
    q, k = tensors(2, 1, 5)
    mask = torch.zeros(5, 5)
    mask[3] = hide
    weights = head_weights(q, k, 1, causal=False, mask=mask)
    np.testing.assert_allclose(weights[3], 0.2)
    assert np.isfinite([s["spread"] for s in survey_heads(
        q, k, causal=False, ids=[1] * 5, mask=mask).scores]).all()  # fmt: skip


def test_large_scores_do_not_overflow():
    q, k = tensors(4, 2, 140)
    weights = functional.weigh(q[None] * 300, k[None], True)[0].numpy()
    survey = survey_heads(q * 300, k, causal=True, ids=some_ids(140))
    check(survey, weights, some_ids(140), True, atol=1e-4)


UNITS = Units(np.array([0, 1, 4, 5, 6, 70, 71, 73, 150]), tuple("abcdefgh"))


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("rule", [{}, {"window": 9}, {"sinks": torch.zeros(8)}])
@pytest.mark.parametrize("tile", [3, 128])
def test_units_are_merged_before_anything_is_taken(causal, rule, tile):
    q, k = tensors(8, 2, 150)
    ids, pairs = some_ids(150, distinct=2), [(149, 2), (149, 3), (149, 100)]
    weights = merge_weights(plainly(q, k, causal=causal, **rule), UNITS)
    survey = survey_heads(q, k, causal=causal, ids=ids, units=UNITS, tile=tile, pairs=pairs, **rule)
    np.testing.assert_allclose(survey.tiles, pool_to(weights, tile)[0], atol=2e-6)
    of_units = of_weights(weights, UNITS.ids(ids), causal, [(7, 1), (7, 7)])
    for ours, theirs in zip(survey.scores, of_units, strict=True):
        assert ours["induction"] is None or ours["induction"] <= 1
        for name, value in theirs.items():
            assert ours[name] == pytest.approx(value, abs=1e-5), name
    one = head_weights(q, k, 5, causal=causal, units=UNITS, **rule)
    np.testing.assert_allclose(one, weights[5], atol=2e-6)


def test_many_units_over_several_blocks():
    q, k = tensors(4, 2, 600)
    starts = np.unique(np.append(np.random.default_rng(3).integers(1, 600, 400), [0, 600]))
    units, ids = Units(starts, ("x",) * (len(starts) - 1)), some_ids(600)
    weights = merge_weights(functional.weigh(q[None], k[None], True)[0].numpy(), units)
    check(survey_heads(q, k, causal=True, ids=ids, units=units), weights, units.ids(ids), True)


def test_units_of_one_token_each_change_nothing():
    q, k = tensors(2, 1, 20)
    plain = Units(np.arange(21), ("x",) * 20)
    check(
        survey_heads(q, k, causal=True, ids=some_ids(20), units=plain),
        functional.weigh(q[None], k[None], True)[0].numpy(), some_ids(20), True,
    )  # fmt: skip


@pytest.mark.gpu
@pytest.mark.parametrize("units", [None, UNITS])
def test_on_a_gpu_it_is_the_same(gpu, units):
    q, k = tensors(8, 2, 150)
    rule = {"causal": True, "window": 90, "softcap": 4.0, "units": units}
    sinks, ids = torch.zeros(8), some_ids(150)
    here = survey_heads(q, k, ids=ids, tile=50, sinks=sinks, **rule)
    there = survey_heads(q.to(gpu), k.to(gpu), ids=ids, tile=50, sinks=sinks.to(gpu), **rule)
    np.testing.assert_allclose(there.tiles, here.tiles, atol=1e-4)
    np.testing.assert_allclose(there.distance, here.distance, rtol=1e-3)
    for ours, theirs in zip(there.scores, here.scores, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-4)


@pytest.mark.parametrize(("n", "side", "pool", "left"), [(5, 5, 1, 5), (5, 2, 3, 2), (8, 3, 3, 3)])
def test_pooling_keeps_the_largest_of_each_square(n, side, pool, left):
    weights = np.random.default_rng(0).random((2, n, n), dtype=np.float32)
    pooled, by = pool_to(weights, side)
    assert (by, pooled.shape) == (pool, (2, left, left))
    for row in range(left):
        for key in range(left):
            square = weights[:, row * pool : (row + 1) * pool, key * pool : (key + 1) * pool]
            assert (pooled[:, row, key] == square.max((1, 2))).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ids": [1, 2]}, "2 ids do not fit 3 queries."),
        ({"k": torch.ones(2, 4, 6)}, "4 keys do not fit 3 queries."),
        ({"k": torch.ones(3, 3, 6)}, "4 heads cannot share 3 KV heads evenly."),
        ({"pairs": [(3, 0)]}, "pairs [(3, 0)] leave the 3 tokens."),
        ({"pairs": [(2, -1)]}, "pairs [(2, -1)] leave the 3 tokens."),
        ({"units": Units(np.array([0, 2]), ("x",))}, "units of 2 tokens do not fit 3 queries."),
        ({"q": torch.ones(4, 0, 6), "k": torch.ones(2, 0, 6)}, "0 keys do not fit 0 queries."),
    ],
)
def test_what_does_not_fit_is_refused(change, said):
    q, k = tensors(4, 2, 3)
    with pytest.raises(SurveyError) as refused:
        survey_heads(**{"q": q, "k": k, "ids": [1, 2, 3], "causal": True, **change})
    assert str(refused.value) == said


@pytest.mark.parametrize("head", [-1, 4])
def test_a_head_that_is_not_there_is_refused(head):
    with pytest.raises(SurveyError) as refused:
        head_weights(*tensors(4, 2, 3), head, causal=True)
    assert str(refused.value) == f"head {head} does not exist: choose 0 to 3."


LONG = """
import torch
from attention.survey import survey_heads
from tests.peak import peak_mb
q, k = torch.randn(3, 8192, 16), torch.randn(1, 8192, 16)
survey_heads(q[:, :700], k[:, :700], causal=True, ids=range(700))
before = peak_mb()
survey_heads(q, k, causal=True, ids=range(8192))
print(peak_mb() - before)
"""


@pytest.mark.slow
def test_8192_tokens_take_a_few_mb_where_their_weights_would_take_800():
    [more] = measured(LONG)
    assert 0 < more < 60


@pytest.mark.parametrize(("n", "n_keys"), [(3, 200), (200, 3), (130, 300), (1, 1)])
def test_keys_of_another_text(n, n_keys):
    """Tiles, weights and the scores that know no places, against plain weights."""
    torch.manual_seed(0)
    q, k = torch.randn(4, n, 8), torch.randn(2, n_keys, 8)
    survey = survey_heads(q, k, causal=False, ids=range(n), across=True)
    weights = torch.softmax(q @ k.repeat_interleave(2, 0).transpose(1, 2) / 8**0.5, -1).numpy()
    tiles, pool = pool_to(weights, 128)
    np.testing.assert_allclose(survey.tiles, tiles, atol=1e-6)
    assert (survey.pool, survey.distance) == (pool, None)
    for head in range(4):
        np.testing.assert_allclose(head_weights(q, k, head, causal=False), weights[head], atol=1e-6)
        scores = survey.scores[head]
        assert scores.keys() == {"first", "spread"}
        if n > 1:
            assert scores["first"] == pytest.approx(weights[head, 1:, 0].mean(), abs=1e-5)
        if n_keys > 1:
            entropy = -(weights[head] * np.log(weights[head])).sum(-1).mean() / np.log(n_keys)
            assert scores["spread"] == pytest.approx(entropy, abs=1e-4)
