"""How devices share a model: what each of them holds of the weights, the layers and the users.

    n_devices = tp · pp · dp

- Tensor parallel (tp): each device has a part of every layer's heads and widths.
- Pipeline parallel (pp): each has a run of whole layers.
- DP attention (dp): each group of devices holds attention, with the cache of its own users, for
  itself; routed experts are divided over all of them. It is the way to hold latents (MLA), which
  tensor parallelism copies to every device. vLLM: ``--data-parallel-size`` beside
  ``--enable-expert-parallel``; SGLang: ``--enable-dp-attention``, whose ``--tp`` is our tp · dp.
- Expert parallel (ep): each device has whole experts, instead of a slice of every one.
"""

from dataclasses import dataclass, replace

from attention.errors import HeadcountError, sentence_of
from attention.kv import engines
from attention.kv.checks import require_number
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload


class FitError(HeadcountError):
    """A budget, or a division over devices, that cannot be: one sentence with value and fix."""


@dataclass(frozen=True, kw_only=True)
class Ways:
    """What is asked of a division; what is None follows from the number of devices.

    Args:
        tp, pp, dp: as above.
        ep: whether experts are divided whole.

    Raises:
        FitError: a value out of range.
    """

    tp: int | None = None
    pp: int | None = None
    dp: int | None = None
    ep: bool = False

    def __post_init__(self) -> None:
        for name in ("tp", "pp", "dp"):
            if getattr(self, name) is not None:
                try:
                    require_number(name, getattr(self, name))
                except ValueError as error:
                    raise FitError(sentence_of(error)) from None

    @property
    def named(self) -> int:
        """Devices that the ways named take together."""
        return (self.tp or 1) * (self.pp or 1) * (self.dp or 1)


@dataclass(frozen=True, kw_only=True)
class Division:
    """A division that was settled: see the module."""

    tp: int = 1
    pp: int = 1
    dp: int = 1
    ep: bool = False

    @property
    def n_devices(self) -> int:
        return self.tp * self.pp * self.dp

    def on_each(self, workload: Workload) -> Workload:
        """What one device holds of it: its heads, and with dp its users."""
        batch = -(-workload.batch // self.dp)
        shared = workload if batch == workload.batch else workload.with_batch(batch)
        return replace(shared, tp=self.tp)

    @property
    def text(self) -> str:
        """``"TP 4 · PP 2"``; ``""`` for one device."""
        sizes = {"TP": self.tp, "PP": self.pp, "DP": self.dp}
        parts = [f"{name} {size}" for name, size in sizes.items() if size > 1]
        return " · ".join([*parts, "EP"] if self.ep and parts else parts)


#: Nothing is chosen; and one device for everything.
ANY_WAY, ALONE = Ways(), Division()


def divide(shape: ModelShape, engine: str, n_devices: int, ways: Ways = ANY_WAY) -> Division:
    """The model over so many devices: as asked, else by heads as far as they divide, then layers.

    Raises:
        FitError: ways that do not make up the number, heads that do not divide over tp, more
            stages than layers, or a way that the engine has not.
    """
    if engines.ENGINES[engines.find(engine)].splits_layers:
        return _by_layers(shape, n_devices, ways)
    if n_devices % ways.named or (ways.tp and ways.pp and ways.dp and ways.named != n_devices):
        raise FitError(
            "tp, pp and dp take {named} devices together, and {n_devices} is no multiple of that: "
            "choose another number of devices.",
            named=ways.named,
            n_devices=n_devices,
        )
    rest = n_devices // ways.named
    tp, pp, dp = ways.tp or 1, ways.pp or 1, ways.dp or 1
    if ways.tp is not None:  # what is left over goes to the layers, or else to the users
        pp, dp = (pp * rest, dp) if ways.pp is None else (pp, dp * rest)
    elif ways.pp is not None:
        tp = rest
    else:
        tp = max(n for n in range(1, rest + 1) if rest % n == 0 and _divide_over(shape, n))
        pp = rest // tp
    require_heads(shape, tp)
    require_layers(shape, pp)
    return Division(tp=tp, pp=pp, dp=dp, ep=ways.ep)


def _by_layers(shape: ModelShape, n_devices: int, ways: Ways) -> Division:
    """llama.cpp: every device has whole layers."""
    if (ways.tp or 1) > 1 or (ways.dp or 1) > 1 or ways.ep or ways.pp not in (None, n_devices):
        raise FitError(
            "llama.cpp gives each device whole layers: leave out tp, dp and ep, and choose pp "
            "{n_devices} or leave it out.",
            n_devices=n_devices,
        )
    require_layers(shape, n_devices)
    return Division(pp=n_devices)


def _divide_over(shape: ModelShape, n_devices: int) -> bool:
    return all(layer.n_heads % n_devices == 0 for layer in shape.layers)


def require_heads(shape: ModelShape, n_devices: int) -> None:
    """Refuse devices over which the query heads of a layer do not divide.

    Raises:
        FitError: naming both.
    """
    for n_heads in sorted({layer.n_heads for layer in shape.layers if layer.n_heads}):
        if n_heads % n_devices:
            raise FitError(
                "{n_heads} query heads do not divide over {n_devices} devices: choose a number of "
                "devices that divides {n_heads}.",
                n_heads=n_heads,
                n_devices=n_devices,
            )


def require_layers(shape: ModelShape, n_stages: int) -> None:
    """Refuse more stages than layers.

    Raises:
        FitError: naming both.
    """
    if n_stages > shape.n_layers:
        raise FitError(
            "each device gets whole layers, and {n_layers} are too few for {n_stages} devices: "
            "choose at most as many.",
            n_layers=shape.n_layers,
            n_stages=n_stages,
        )
