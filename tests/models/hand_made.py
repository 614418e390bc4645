"""Heads switched off by hand: a pre-hook on transformers' own output projection."""

import re
from contextlib import ExitStack, contextmanager

import torch

# What architectures call the matrix behind their heads.
OUTPUT = re.compile(
    r"(attn|attention)\.(o_proj|out_proj|c_proj|dense|Wo|out_lin)$|attention\.output\.dense$"
)


def output_projections(model, n_layers):
    """The output projection of each layer, by its name."""
    found = [module for path, module in model.named_modules() if OUTPUT.search(path)]
    assert len(found) == n_layers
    return found


@contextmanager
def heads_off(model, heads, n_layers, n_heads, means=None):
    """In every pass inside each head's numbers of the matrix's input are 0, or its mean.

    Args:
        heads: ``(layer, head)``.
        means: as :func:`mean_inputs` gives them.
    """

    def hook_of(layer):
        def hook(module, args):
            merged = args[0].clone()
            width = merged.shape[-1] // n_heads
            for head in (head for of, head in heads if of == layer):
                lane = slice(head * width, (head + 1) * width)
                merged[..., lane] = 0 if means is None else means[layer][lane]
            return (merged, *args[1:])

        return hook

    with ExitStack() as hooks:
        for layer, module in enumerate(output_projections(model, n_layers)):
            hooks.callback(module.register_forward_pre_hook(hook_of(layer)).remove)
        yield


def mean_inputs(model, ids, n_layers):
    """Each layer's mean merged context over these tokens, ``[n_heads * head_dim]``."""
    kept = []
    with ExitStack() as hooks, torch.inference_mode():
        for module in output_projections(model, n_layers):
            keep = module.register_forward_pre_hook(lambda _, args: kept.append(args[0][0].mean(0)))
            hooks.callback(keep.remove)
        model(input_ids=torch.tensor([ids]))
    return kept
