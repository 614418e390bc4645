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

    def per_layer(self, label: str, name: str, n_layers: int) -> list[int] | None:
        """A number for each layer, from one or from a list; None where the key is missing."""
        value = self.raw(name)
        if value is None:
            return None
        self.origins[label] = f"{self.arch}.{name}"
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
