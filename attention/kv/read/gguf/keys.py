"""Reading a GGUF file's metadata by name, noting where each number came from."""

from dataclasses import dataclass, field
from typing import Any

from attention.kv.checks import ShapeError, require_number


@dataclass
class Keys:
    """The metadata, read by names without the architecture in front; origins fill meanwhile."""

    metadata: dict[str, Any]
    origins: dict[str, str] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)

    @property
    def arch(self) -> str:
        arch = self.metadata.get("general.architecture")
        if not isinstance(arch, str) or not arch:
            raise ShapeError("the GGUF header names no general.architecture.")
        return arch

    def raw(self, name: str) -> Any:
        return self.metadata.get(f"{self.arch}.{name}")

    def text(self, key: str) -> str:
        value = self.metadata.get(key)
        return value if isinstance(value, str) else ""

    def number(self, label: str, name: str, least: int = 1) -> int | None:
        """A whole number, or None where the key is missing."""
        value = self.raw(name)
        if value is None:
            return None
        self.origins[label] = f"{self.arch}.{name}"
        return require_number(f"{self.arch}.{name}", value, least=least)

    def of_kind(self, label: str, name: str, is_swa: bool, least: int = 1) -> int | None:
        """A number that layers with a window may have of their own, under a name with ``_swa``."""
        own = self.number(label, f"{name}_swa", least=least) if is_swa else None
        return own if own is not None else self.number(label, name, least=least)

    def flags(self, label: str, name: str, n_layers: int) -> list[bool] | None:
        """True or false for each layer, from one or from a list; None where the key is missing."""
        value = self.raw(name)
        if isinstance(value, list):
            value = [int(entry) if isinstance(entry, bool) else entry for entry in value]
        elif isinstance(value, bool):
            value = int(value)
        elif not isinstance(value, int):
            return None
        listed = self._listed(name, value, n_layers)
        self.origins[label] = f"{self.arch}.{name}"
        return [bool(entry) for entry in listed]

    def per_layer(self, label: str, name: str, n_layers: int) -> list[int] | None:
        """A number for each layer, from one or from a list; None where the key is missing."""
        value = self.raw(name)
        if value is None:
            return None
        self.origins[label] = f"{self.arch}.{name}"
        return self._listed(name, value, n_layers)

    def _listed(self, name: str, value: Any, n_layers: int) -> list[int]:
        if not isinstance(value, list):
            return [require_number(f"{self.arch}.{name}", value, least=0)] * n_layers
        if len(value) < n_layers:
            raise ShapeError(
                "{arch}.{name} has {n_value} entries, but there are {n_layers} layers.",
                arch=self.arch,
                name=name,
                n_value=len(value),
                n_layers=n_layers,
            )
        return [
            require_number(f"an entry of {self.arch}.{name}", entry, least=0)
            for entry in value[:n_layers]
        ]

    def assume(self, sentence: str) -> None:
        if sentence not in self.assumptions:
            self.assumptions.append(sentence)
