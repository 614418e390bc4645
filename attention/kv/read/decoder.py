"""The fields of a config that describe its decoder, with the ways of its model type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attention.kv.read.family import PLAIN, Family
from attention.kv.read.fields import Fields
from attention.sentence import Sentence


@dataclass
class DecoderFields(Fields):
    """A config, or the nested part of it that describes the decoder.

    Args:
        family: what its model type means beyond its fields.
    """

    family: Family = PLAIN

    def overlaid(self, changes: Mapping[str, Any], path: str) -> "DecoderFields":
        """These fields with some replaced, as one layer has them; assumptions go to the same list.

        Args:
            path: the place where the changes lie in the file, for their origins.
        """
        return Overlay(
            data={**self.data, **changes},
            path=self.path,
            model_type=self.model_type,
            wrapper=self.wrapper,
            family=self.family,
            assumptions=self.assumptions,
            defaulted=self.defaulted,
            encoder_tokens=self.encoder_tokens,
            changed=frozenset(changes),
            changes_path=path,
        )


@dataclass
class Overlay(DecoderFields):
    """Fields of one layer: :meth:`DecoderFields.overlaid` makes them."""

    changed: frozenset[str] = frozenset()
    changes_path: str = ""

    def value(self, *names: str) -> tuple[Any, str]:
        value, origin = super().value(*names)
        name = origin.removeprefix(self.path)
        if name not in self.changed:
            return value, origin
        return value, Sentence("{place} for {name}", place=self.changes_path, name=name)
