"""A logit as a sum of parts, against the model's own logits and against its weights by hand."""

import pytest
import torch

from attention.interventions.off import Off
from attention.models.huggingface.checkpoint import load
from attention.models.huggingface.errors import CheckpointError
from attention.models.limits import TextError
from attention.models.residual import pushes
from tests.models import tiny
from tests.models.real import fetched

IDS = torch.randint(10, 300, (20,), generator=torch.Generator().manual_seed(1)).tolist()
BENT = {
    "residual": ("gemma2", "gemma3", "olmo2", "olmo3", "granite"),
    "logits": ("cohere", "cohere2"),
}
SPLIT = [name for name in tiny.DECODERS if name not in BENT["residual"] + BENT["logits"]]


@pytest.mark.parametrize("name", SPLIT)
def test_all_parts_together_are_the_logits(name):
    model = tiny.load_tiny(name)
    for token in (0, 7, 19):
        residual = model.residual(IDS, token=token)
        logits = model.logits(torch.tensor([IDS]))[0, token].double()
        torch.testing.assert_close(residual.total(), logits, rtol=0, atol=1e-5)
        parts = [*residual.heads, residual.biases, residual.mlps, residual.embedding[None]]
        shares = torch.cat([residual.logits(part) for part in parts]).sum(0) + residual.offset
        torch.testing.assert_close(shares, logits, rtol=0, atol=1e-5)


def test_there_are_enough_architectures():
    assert len(SPLIT) >= 24


def test_a_heads_share_by_hand():
    own, model = tiny.eager("llama"), tiny.load_tiny("llama")
    seen = []
    hook = own.model.norm.register_forward_pre_hook(lambda _, args: seen.append(args[0][0, 7]))
    hook2 = own.model.layers[1].self_attn.o_proj.register_forward_pre_hook(
        lambda _, args: seen.append(args[0][0, 7])
    )
    with torch.inference_mode():
        own(input_ids=torch.tensor([IDS]))
    hook.remove(), hook2.remove()
    merged, last = seen
    lane = slice(2 * 12, 3 * 12)
    with torch.inference_mode():
        part = own.model.layers[1].self_attn.o_proj.weight[:, lane] @ merged[lane]
        scaled = part * own.model.norm.weight * torch.rsqrt(last.square().mean() + 1e-6)
        expected = own.lm_head(scaled).double()
    residual = model.residual(IDS, token=7)
    torch.testing.assert_close(
        residual.logits(residual.heads[1][2]), expected, rtol=1e-5, atol=1e-5
    )


def test_the_tokens_that_a_head_pushes_most():
    model = tiny.load_tiny("gpt2")
    residual = model.residual(IDS, token=19)
    share = residual.logits(residual.heads[2][1])
    found = pushes(residual, 2, 1, model.token_texts, k=3)
    centred = (share - share.mean()).tolist()
    ranked = sorted(range(len(centred)), key=lambda i: -centred[i])
    assert [push.id for push in found.up] == ranked[:3]
    assert [push.id for push in found.down] == ranked[::-1][:3]
    assert [push.logit for push in found.up] == pytest.approx([centred[i] for i in ranked[:3]])
    assert found.up[0].text == model.token_texts([ranked[0]])[0]
    assert found.down[0].logit < 0 < found.up[0].logit


def test_a_head_that_is_off_has_no_share_and_the_sum_is_that_passs_logits():
    model = tiny.load_tiny("qwen2").without(Off.parse("1.2"))
    residual = model.residual(IDS, token=19)
    assert not residual.heads[1][2].any() and residual.heads[1][1].any()
    torch.testing.assert_close(residual.total().float(), model.next_logits(IDS), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", BENT["residual"])
def test_a_residual_stream_that_is_more_than_a_sum_is_refused(name):
    model = tiny.load_tiny(name)
    with pytest.raises(CheckpointError) as refused:
        model.residual(IDS, token=3)
    assert str(refused.value) == (
        f"{model.architecture} puts more into its residual stream than heads and an MLP, or scales "
        "them (layer 0): its logits cannot be split into parts."
    )


@pytest.mark.parametrize("name", BENT["logits"])
def test_logits_that_are_bent_afterwards_are_refused(name):
    model = tiny.load_tiny(name)
    with pytest.raises(CheckpointError) as refused:
        model.residual(IDS, token=3)
    assert str(refused.value) == (
        f"{model.architecture} makes its logits by more than one norm and one matrix: they cannot "
        "be split into parts."
    )


def test_no_such_token_and_no_next_token_are_refused():
    with pytest.raises(TextError, match=r"^token 20 does not exist: choose 0 to 19\.$"):
        tiny.load_tiny("llama").residual(IDS, token=20)
    with pytest.raises(TextError, match="predicts no next token: choose a model with an LM head"):
        tiny.load_tiny("bert").residual(IDS, token=2)


def test_nothing_stays_in_the_model():
    model = tiny.load_tiny("llama")
    before = [len(module._forward_hooks) for module in model.model.modules()]
    model.residual(IDS, token=3)
    assert [len(module._forward_hooks) for module in model.model.modules()] == before


def test_smollm2():
    fetched("smollm2")
    model = load("smollm2", device="cpu", dtype="float32")
    ids = model.encode("The keys near the old cabinet")
    residual = model.residual(ids, token=len(ids) - 1)
    logits = model.next_logits(ids).double()
    torch.testing.assert_close(residual.total(), logits, rtol=0, atol=1e-3)
    assert logits.abs().max() > 10
