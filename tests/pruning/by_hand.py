"""Losses and slopes of tiny models with heads off, by a hook on transformers' own eager pass."""

from contextlib import ExitStack

import torch
import torch.nn.functional as F

from attention.models.huggingface.checkpoint import wrap
from tests.models import tiny
from tests.models.hand_made import heads_off, output_projections

LAYERS, HEADS = 3, 4  # of every tiny model
ROWS = torch.randint(10, 300, (3, 16), generator=torch.Generator().manual_seed(4))
EVERY = [(layer, head) for layer in range(LAYERS) for head in range(HEADS)]
IDLE = (1, 2)  # the head of `with_an_idle_head` that writes nothing


def loss(model, rows, off=()):
    """Nats a token, a float."""
    with torch.inference_mode(), heads_off(model, off, LAYERS, HEADS):
        return cross_entropy(model(input_ids=rows).logits, rows).item()


def cross_entropy(logits, rows):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), rows[:, 1:].flatten())


def slope(model, row, layer, head, step=3e-3):
    """∂L/∂gate of one head by a central difference: norms are float32 whatever the model is."""
    module = output_projections(model, LAYERS)[layer]

    def ends(gate):
        def hook(_, args):
            lanes = args[0].clone().unflatten(-1, (HEADS, -1))
            lanes[..., head, :] *= gate
            return (lanes.flatten(-2), *args[1:])

        with ExitStack() as stack, torch.inference_mode():
            stack.callback(module.register_forward_pre_hook(hook).remove)
            return cross_entropy(model(input_ids=row).logits, row).item()

    return (ends(1 + step) - ends(1 - step)) / (2 * step)


def with_an_idle_head():
    """A model whose head :data:`IDLE` writes nothing, and rows that the model said itself.

    No other model is likelier to have said them, so that every head which does something is missed.
    """
    own = tiny.make_model("llama")
    layer, head = IDLE
    w_o = output_projections(own, LAYERS)[layer].weight
    with torch.no_grad():
        w_o.unflatten(1, (HEADS, -1))[:, head] = 0
        rows = torch.randint(10, 300, (8, 1), generator=torch.Generator().manual_seed(5))
        generator = torch.Generator().manual_seed(6)
        for _ in range(40):
            chances = own(input_ids=rows).logits[:, -1].softmax(-1)
            rows = torch.cat([rows, torch.multinomial(chances, 1, generator=generator)], 1)
    return wrap(own, tiny.make_tokenizer("bytes")), rows
