"""By what the weights of a model are known again."""

import hashlib
from collections.abc import Iterable

from torch import Tensor

SAMPLE = 64  # numbers of each parameter


def fingerprint_of(weights: Iterable[tuple[str, Tensor]], name: str) -> str:
    """32 hex digits that change with names, shapes and a sample of every weight.

    Args:
        weights: named; of those on the meta device the name and shape alone.
        name: of the architecture, whose code may differ where the weights do not.
    """
    digest = hashlib.sha256(name.encode())
    for path, weight in weights:
        digest.update(f"{path}{tuple(weight.shape)}".encode())
        if weight.device.type != "meta":
            flat = weight.detach().flatten()
            some = flat[:: max(1, len(flat) // SAMPLE)][:SAMPLE]
            digest.update(some.float().cpu().numpy().tobytes())
    return digest.hexdigest()[:32]
