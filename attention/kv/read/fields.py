"""Reading a config's fields: by any of their names, or by default, noting where each came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from attention.kv.checks import LARGEST_NUMBER, ShapeError, require_number, shortened
from attention.kv.read.defaults import VERSION, defaults_of, wrapper_defaults_of
from attention.kv.read.names import NAMES
from attention.sentence import Sentence

MISSING = object()
RIVALS = ("n_layers", "n_heads", "n_kv_heads", "d_model")  # a second name must not say otherwise


@dataclass
class Fields:
    """One config, or a nested part of it.

    Args:
        data: its fields.
        path: where it lies in the whole file: ``"text_config."``, or nothing.
        model_type: whose defaults fill what is absent; ``""`` for none.
        wrapper: the type of the config around it, which may have defaults of its own for it.

    ``origins``, ``assumptions`` and ``defaulted`` fill while fields are read.
    """

    data: Mapping[str, Any]
    path: str = ""
    model_type: str = ""
    wrapper: str = ""
    origins: dict[str, str] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)
    defaulted: dict[str, Any] = field(default_factory=dict)
    encoder_tokens: tuple[int, str] | None = None  # and where that is from

    def __post_init__(self) -> None:
        of_class = defaults_of(self.model_type)
        self.is_known = of_class is not None
        self.defaults = {**(of_class or {}), **wrapper_defaults_of(self.wrapper)}

    def given(self, *names: str) -> tuple[str, Any]:
        """The first of those fields that the config has and that is not null, and its value.

        Returns:
            ``("", None)`` where there is none.
        """
        for name in names:
            value = _walk(self.data, name)
            if value is not MISSING and value is not None:
                return name, value
        return "", None

    def value(self, *names: str) -> tuple[Any, str]:
        """As :meth:`given`, or transformers' default for this model type; and the origin.

        Returns:
            ``(None, "")`` where neither says anything.
        """
        name, value = self.given(*names)
        if name:
            return value, f"{self.path}{name}"
        for name in names:
            # A null in the file is an answer: "sliding_window": null is how Mistral v0.2 says none.
            if self.defaults.get(name) is not None and _walk(self.data, name) is MISSING:
                return self.defaults[name], self.default_origin(name)
        return None, ""

    def number(
        self, label: str, *names: str, least: int = 1, most: int | None = None
    ) -> int | None:
        """A whole number by any of its names (those of ``label`` where none are given).

        Its origin is noted under ``label``.

        Raises:
            ShapeError: the field holds something else, or a number out of range.
        """
        names = names or NAMES[label]
        name, _ = self.given(*names)
        value, origin = self.value(*names)
        if not origin:
            return None
        if label in RIVALS:
            self._warn_of_rivals(names, value)
        self.origins[label] = origin
        if not name:
            self.defaulted[origin.rpartition("(")[2].rstrip(")")] = value
        return require_number(
            f"{self.path}{name}" if name else label, value, least=least, most=most
        )

    def size(self, *names: str) -> int | None:
        """A number that a reader may do without: None for what is no whole number from 0 on."""
        value = self.value(*names)[0]
        is_size = isinstance(value, int) and not isinstance(value, bool)
        return value if is_size and 0 <= value <= LARGEST_NUMBER else None

    def _warn_of_rivals(self, names: Sequence[str], taken: object) -> None:
        """Note where two names of one thing are both given, and differ."""
        first, _ = self.given(*names)
        for rival in names:
            value = _walk(self.data, rival)
            is_number = isinstance(value, int) and not isinstance(value, bool)
            if rival != first and is_number and value != taken:
                self.assume(
                    Sentence(
                        "{first} {taken} was read, and {rival} {value} ignored.",
                        first=first,
                        taken=shortened(taken),
                        rival=rival,
                        value=value,
                    )
                )

    def default_origin(self, name: str) -> str:
        """How a default is named as an origin."""
        return Sentence(
            "default of {model_type} in transformers {version} ({name})",
            model_type=self.model_type,
            version=VERSION,
            name=name,
        )

    def assume(self, sentence: str) -> None:
        """Add a sentence to the assumptions, once."""
        if sentence not in self.assumptions:
            self.assumptions.append(sentence)

    def listed(self, name: str) -> list | None:
        """A list by that name, or None.

        Raises:
            ShapeError: the field holds something else.
        """
        _, value = self.given(name)
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            raise ShapeError(
                "{path}{name} {shortened} is not a list.",
                path=self.path,
                name=name,
                shortened=shortened(value),
            )
        return list(value)

    def indices(self, name: str, n_layers: int, first: int = 0) -> frozenset[int] | None:
        """A list of layers by that name, counted from 0, or None.

        Args:
            first: what the file calls the first layer.

        Raises:
            ShapeError: an entry is no layer of the model.
        """
        value = self.listed(name)
        if value is None:
            return None
        most = n_layers - 1 + first
        return frozenset(
            require_number(f"an entry of {self.path}{name}", entry, least=first, most=most) - first
            for entry in value
        )

    def flag(self, name: str) -> bool:
        """Whether a field, or its default, is true."""
        value, _ = self.value(name)
        return value is True or value == 1


def _walk(data: Mapping[str, Any], name: str) -> Any:
    for part in name.split("."):
        if not isinstance(data, Mapping) or part not in data:
            return MISSING
        data = data[part]
    return data
