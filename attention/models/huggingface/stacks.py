"""What an encoder–decoder is made of, found out by letting a source and a target through it.

As in :mod:`.anatomy` nothing is guessed from the name. Which attention a call is of shows by its
module, and by its keys: the probe's source is longer than its target.
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import DynamicCache, EncoderDecoderCache, PreTrainedConfig, PreTrainedModel
from transformers.cache_utils import Cache
from transformers.modeling_outputs import BaseModelOutput
from transformers.utils import ModelOutput

from attention.models.huggingface.agreement import require_equal, require_every_layer
from attention.models.huggingface.anatomy import Anatomy, LayerParts, input_device, parts_of
from attention.models.huggingface.caches import numbers_per_token
from attention.models.huggingface.call import AttentionCall
from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.probe import PROBE_LEN, Watch, agreeing, let_through, probe_ids
from attention.models.parts import PARTS

TARGET_LEN = 6


@dataclass(frozen=True)
class Stacks:
    """The layers of each attention, by :data:`attention.models.parts.PARTS`."""

    layers: dict[str, tuple[LayerParts, ...]]
    order: tuple[str, ...]  # of the decoder's calls: "decoder", "cross", "decoder" …

    def of(self, part: str) -> Anatomy:
        """One of the attentions by itself."""
        layers = self.layers[part]
        return Anatomy(layers, numbers=tuple(range(len(layers))))


def is_pair(model: PreTrainedModel) -> bool:
    """Whether it is an encoder with a decoder."""
    return "decoder_input_ids" in inspect.signature(model.forward).parameters


def new_cache(model: PreTrainedModel) -> EncoderDecoderCache:
    """An empty cache, as the decoder makes it for itself (transformers 5.24, modeling_t5.py)."""
    own = DynamicCache(config=_config(decoder_of(model), model))
    return EncoderDecoderCache(own, DynamicCache())


def encoder_of(model: PreTrainedModel) -> PreTrainedModel:
    return cast(PreTrainedModel, model.get_encoder())


def decoder_of(model: PreTrainedModel) -> PreTrainedModel:
    return cast(PreTrainedModel, model.get_decoder())


@torch.inference_mode()
def dissect(model: PreTrainedModel, name: str) -> Stacks:
    """The layers of the three attentions; leaves ``model`` with our attention.

    Args:
        model: in eval mode.
        name: of the architecture, for the messages.

    Raises:
        CheckpointError: it reads no tokens, or as :func:`.anatomy.dissect`.
    """
    if "input_ids" not in inspect.signature(model.forward).parameters:
        raise CheckpointError(
            "The encoder of {name} reads no tokens: only models of text can be shown.", name=name
        )
    return agreeing(partial(_dissected, model, name))


def _dissected(model: PreTrainedModel, name: str, implementation: str) -> Stacks:
    source = probe_ids(model).to(input_device(model))
    asked = {"input_ids": source, "decoder_input_ids": source[:, :TARGET_LEN]}
    watch, eager, ours = let_through(model, asked, None, implementation)
    of_calls = _of_calls(model, watch.calls)
    for part in PARTS:
        _require_part(part, of_calls, watch, eager, ours, name)
    n_layers = [of_calls.count(part) for part in PARTS]
    caches = (None, *_filled(model, **asked))
    numbers = {
        part: iter(numbers_per_token(cache, range(n)))
        for part, cache, n in zip(PARTS, caches, n_layers, strict=True)
    }
    widths = {
        part: _config(stack, model).get_text_config().hidden_size
        for part, stack in zip(PARTS, _stacks(model), strict=True)
    }
    every = parts_of(
        model,
        watch,
        [next(numbers[part]) for part in of_calls],
        [widths[part] for part in of_calls],
    )
    layers = {
        part: tuple(each for each, of in zip(every, of_calls, strict=True) if of == part)
        for part in PARTS
    }
    return Stacks(layers, tuple(part for part in of_calls if part != "encoder"))


def encoded(model: PreTrainedModel, source: Tensor) -> ModelOutput:
    """What the encoder makes of token ids ``[batch, source_len]``, as the decoder is given it."""
    return cast(ModelOutput, encoder_of(model)(input_ids=source, return_dict=True))


def _filled(
    model: PreTrainedModel, input_ids: Tensor, decoder_input_ids: Tensor
) -> tuple[Cache, Cache]:
    """The decoder's two caches after a target, of its own tokens and of the source's."""
    given = {"encoder_outputs": encoded(model, input_ids), "decoder_input_ids": decoder_input_ids}
    cache = new_cache(model)
    model(cache=cache, use_cache=True, **given)
    return cache.self_attention_cache, cache.cross_attention_cache


def _config(stack: PreTrainedModel, model: PreTrainedModel) -> PreTrainedConfig:
    """A stack's own, where it is told one."""
    return getattr(stack, "config", model.config)


def _stacks(model: PreTrainedModel) -> Sequence[PreTrainedModel]:
    """The stack that each part's queries pass through."""
    return encoder_of(model), decoder_of(model), decoder_of(model)


def _of_calls(model: PreTrainedModel, calls: Sequence[AttentionCall]) -> list[str]:
    """The part that each call is of."""
    encoder = set[nn.Module](encoder_of(model).modules())

    def part_of(call: AttentionCall) -> str:
        if call.module in encoder:
            return "encoder"
        return "cross" if call.k.shape[2] == PROBE_LEN else "decoder"

    return [part_of(call) for call in calls]


def _require_part(
    part: str, of_calls: Sequence[str], watch: Watch, eager: ModelOutput, ours: ModelOutput,
    name: str,
) -> None:  # fmt: skip
    """Raises CheckpointError: not every layer of this part was seen, or its weights are others."""
    mine = [i for i, of in enumerate(of_calls) if of == part]
    theirs: Any = getattr(eager, f"{part}_attentions", None)
    calls = [watch.calls[i] for i in mine]
    n_keys = TARGET_LEN if part == "decoder" else PROBE_LEN
    require_every_layer(calls, len(theirs or calls), (), n_keys, name)
    weights = [watch.weights[i] for i in mine]
    require_equal(calls, weights, _with(eager[0], theirs), _with(ours[0], None), name)


def _with(result: Tensor, attentions: Any) -> ModelOutput:
    return BaseModelOutput(last_hidden_state=result, attentions=attentions)
