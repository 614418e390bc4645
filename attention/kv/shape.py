"""What of a model's shape decides the size of its cache: its layers, and where each number is from.

Everything about one layer stands in ``layer.py``; import either from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from attention.kv.checks import LARGEST_LAYERS, ShapeError, require_number
from attention.kv.experts import Experts
from attention.kv.layer import Cross, Layer, LayerKind, State
from attention.kv.layouts import Checkpoint, Layout
from attention.kv.matrices import Matrix
from attention.sentence import Sentence

ParametersBasis = Literal["exact", "estimated", "given"]
Stored = tuple[tuple[Matrix, Layout], ...]  # matrices with how they are stored

__all__ = [
    "Cross",
    "Layer",
    "LayerKind",
    "ModelShape",
    "ParametersBasis",
    "ShapeError",
    "State",
    "Stored",
    "uniform",
]


@dataclass(frozen=True, kw_only=True)
class ModelShape:
    """A model, as far as its cache and its weights go.

    Args:
        name: what people call it, or what its config says; hostile text, never markup.
        model_type: Hugging Face's, or llama.cpp's ``general.architecture``.
        layers: the decoder's, from 0.
        n_heads: query heads of most layers; 0 for a model without attention.
        d_model: width; None where it is not known.
        max_context: tokens that the model was made for.
        vocab: tokens that it knows.
        parameters: all of them, experts included; None where no source says it.
        parameters_basis: where they come from: ``"exact"``, counted from the tensors of a file;
            ``"given"``, as a source prints them or a person sets them; ``"estimated"``, summed
            from the shape.
        matrices: that its weights consist of; empty where they are not known.
        experts: of a mixture; None for a dense model, or where nothing is known. They are the
            model's as it was built, whatever is changed by hand, as the parameters are.
        is_tied: whether the output matrix is that of the input; None where nothing says so.
        number_format: of the weights, as the config names it, or None.
        checkpoint: how its weights are quantised, as the config says it; None if they are not.
        published: every matrix of other checkpoints of its makers, by the format's name, where
            those are made otherwise than usual.
        stored: every matrix of a file; empty where only a config is known.
        origins: for each number, the config field or the default that it came from. Keys are the
            names of the fields of this class and of :class:`Layer`.
        assumptions: what was taken for granted, in sentences.
        sources: public files that say so.
        changed: names of the numbers that :meth:`with_` set.

    Raises:
        ShapeError: no layers, too many, or one that shares the cache of no earlier layer.
    """

    name: str
    model_type: str
    layers: tuple[Layer, ...]
    n_heads: int
    d_model: int | None = None
    max_context: int | None = None
    vocab: int | None = None
    parameters: int | None = None
    parameters_basis: ParametersBasis | None = None
    matrices: tuple[Matrix, ...] = ()
    experts: Experts | None = None
    is_tied: bool | None = None
    number_format: str | None = None
    checkpoint: Checkpoint | None = None
    published: tuple[tuple[str, Stored], ...] = ()
    stored: Stored = ()
    origins: Mapping[str, str] = field(default_factory=dict, hash=False)
    assumptions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    changed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        require_number("n_layers", len(self.layers), most=LARGEST_LAYERS)
        require_number("n_heads", self.n_heads, least=0)
        for name in ("d_model", "max_context", "vocab"):
            if getattr(self, name) is not None:
                require_number(name, getattr(self, name))
        for index, layer in enumerate(self.layers):
            self._check_sharing(index, layer)

    def _check_sharing(self, index: int, layer: Layer) -> None:
        if layer.shares is None:
            return
        if not 0 <= layer.shares < index or not self.layers[layer.shares].grows:
            raise ShapeError(
                "layer {index} shares the cache of layer {shares}, which keeps none: choose an "
                "earlier layer that does.",
                index=index,
                shares=layer.shares,
            )

    @property
    def n_layers(self) -> int:
        return len(self.layers)

    @property
    def kinds(self) -> dict[LayerKind, int]:
        """How many layers of each kind, most frequent first; ``{GLOBAL: 32}`` for plain models."""
        kinds = [layer.kind for layer in self.layers]
        return {kind: kinds.count(kind) for kind in sorted(set(kinds), key=kinds.count)[::-1]}

    @property
    def keeps_nothing(self) -> bool:
        """Whether no layer keeps anything: an encoder reads its text at once."""
        return all(layer.kind is LayerKind.NONE for layer in self.layers)

    @property
    def largest_window(self) -> int | None:
        """The context, in tokens, from which on no window grows any more; None without any."""
        return max((layer.window for layer in self.layers if layer.window), default=None)

    def origin(self, index: int, name: str) -> str | None:
        """Where field ``name`` of layer ``index`` comes from: its own origin, or the model's."""
        return self.layers[index].origins.get(name, self.origins.get(name))

    def with_(self, **changes: int | None) -> "ModelShape":
        """The same model with some numbers changed: the what-if.

        Args:
            changes: any of ``n_layers`` (the pattern of layers is cut, or begun again),
                ``n_heads``, ``n_kv_heads``, ``head_dim`` (of K, and of V where it was the same),
                ``v_head_dim``, ``window``, ``latent_rank``, ``rope_dim``, ``d_model``,
                ``max_context``, ``vocab``, ``parameters``. A number of a layer is set in every
                layer that has it; None leaves it. Nothing else follows: changing ``n_heads``
                leaves ``head_dim`` as it is.

        Raises:
            ShapeError: an unknown name, a value out of range, or n_heads that does not divide.
        """
        wanted = {name: value for name, value in changes.items() if value is not None}
        unknown = sorted(wanted.keys() - LAYER_CHANGES - MODEL_CHANGES)
        if unknown:
            names = ", ".join(sorted(LAYER_CHANGES | MODEL_CHANGES))
            raise ShapeError(
                "{unknown} cannot be changed: choose one of {names}.",
                unknown=unknown[0],
                names=names,
            )
        for name, value in wanted.items():
            require_number(name, value, most=LARGEST_LAYERS if name == "n_layers" else None)
        layers = self.layers
        if "n_layers" in wanted:
            layers = tuple(layers[i % self.n_layers] for i in range(wanted["n_layers"]))
        of_layers = {name: value for name, value in wanted.items() if name in LAYER_CHANGES}
        if of_layers:
            layers = tuple(_changed(layer, of_layers) for layer in layers)
        of_model: dict[str, Any] = {
            name: wanted[name] for name in MODEL_CHANGES & wanted.keys() - {"n_layers"}
        }
        return replace(
            self,
            layers=layers,
            origins={**self.origins, **_by_hand(wanted)},
            changed=self.changed.union(wanted),
            parameters_basis="given" if "parameters" in wanted else self.parameters_basis,
            **of_model,
        )


LAYER_CHANGES = frozenset(
    {"n_heads", "n_kv_heads", "head_dim", "v_head_dim", "window", "latent_rank", "rope_dim"}
)
MODEL_CHANGES = frozenset({"n_layers", "n_heads", "d_model", "max_context", "vocab", "parameters"})


def uniform(
    *,
    n_layers: int,
    n_heads: int,
    n_kv_heads: int,
    head_dim: int,
    v_head_dim: int | None = None,
    window: int | None = None,
    name: str = Sentence("given by hand"),
) -> ModelShape:
    """A model of equal layers, from bare numbers.

    Args:
        v_head_dim: numbers in a value; left out, as many as in a key.
        window: tokens that every layer keeps; left out, all.

    Raises:
        ShapeError: a value out of range, or heads that do not divide.
    """
    require_number("n_layers", n_layers, most=LARGEST_LAYERS)
    layer = Layer(
        kind=LayerKind.GLOBAL if window is None else LayerKind.WINDOW,
        n_heads=require_number("n_heads", n_heads),
        n_kv_heads=n_kv_heads,
        k_head_dim=require_number("head_dim", head_dim),
        v_head_dim=head_dim if v_head_dim is None else require_number("v_head_dim", v_head_dim),
        window=window,
    )
    given = ("n_layers", "n_heads", "n_kv_heads", "head_dim", "k_head_dim", "v_head_dim", "window")
    return ModelShape(
        name=name,
        model_type="",
        layers=(layer,) * n_layers,
        n_heads=n_heads,
        origins=dict.fromkeys(given, Sentence("given by hand")),
    )


def _by_hand(wanted: Mapping[str, int]) -> dict[str, str]:
    """Origins of numbers that a person set."""
    origins: dict[str, str] = {
        name: Sentence("set to {value} by hand", value=value) for name, value in wanted.items()
    }
    if "head_dim" in wanted:
        origins["k_head_dim"] = origins["head_dim"]
        origins.setdefault("v_head_dim", origins["head_dim"])
    return origins


def _changed(layer: Layer, wanted: Mapping[str, int]) -> Layer:
    """The layer with those numbers in it that it has; its own origins of them are dropped."""
    names = ("window", "latent_rank")
    new: dict[str, Any] = {name: wanted[name] for name in names if _has(layer, name, wanted)}
    if "rope_dim" in wanted and layer.latent_rank:
        new["rope_dim"] = wanted["rope_dim"]
    if layer.n_kv_heads:
        new |= {name: wanted[name] for name in ("n_heads", "n_kv_heads") if name in wanted}
        if "head_dim" in wanted:
            new["k_head_dim"] = wanted["head_dim"]
            if layer.v_head_dim == layer.k_head_dim:
                new["v_head_dim"] = wanted["head_dim"]
        if "v_head_dim" in wanted:
            new["v_head_dim"] = wanted["v_head_dim"]
    kept = {name: text for name, text in layer.origins.items() if name not in new}
    return replace(layer, **new, origins=kept)


def _has(layer: Layer, name: str, wanted: Mapping[str, int]) -> bool:
    return name in wanted and bool(getattr(layer, name))
