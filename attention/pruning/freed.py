"""What goes with heads that are off: parameters, and roles."""

from collections.abc import Sequence

from attention.interventions.off import Off
from attention.models.base import Model
from attention.models.blocks import Block, head_named
from attention.models.roles import Roles


def parameters(model: Model, off: Off) -> int | None:
    """Of W_Q, W_K, W_V and W_O those that heads need which are on, without biases.

    A query head has ``head_dim`` rows of W_Q and columns of W_O, a KV head rows of W_K and W_V
    until its last query head is off.

    Returns:
        None where a head's are no such slices (as with the latents of DeepSeek), or wait on disk.
    """
    total = 0
    for layer, config in enumerate(model.configs):
        w_o = model.w_o(layer)
        if w_o is None or w_o[0].shape[1] != config.n_heads * config.head_dim:
            return None
        heads = config.n_heads - len(off.within(layer))
        kv_heads = config.n_kv_heads - off.idle_kv_heads(layer, config)
        total += 2 * (heads + kv_heads) * config.head_dim * config.d_model
    return total


def roles_gone(
    roles: Roles, heads: Sequence[str], blocks: Sequence[Block] = ()
) -> dict[str, tuple[int, int]]:
    """Of each role how many heads are off, and how many there are.

    Args:
        heads: named by :func:`attention.models.blocks.head_name`.
        blocks: of the model.
    """
    found = {role.name: [0, 0] for layer in roles for role in layer}
    off = {head_named(name, blocks) for name in heads}
    for layer, row in enumerate(roles):
        for head, role in enumerate(row):
            found[role.name][0] += (layer, head) in off
            found[role.name][1] += 1
    return {name: (gone, of) for name, (gone, of) in sorted(found.items())}
