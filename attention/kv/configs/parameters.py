"""An estimate of a model's parameters, for models whose sources say none."""

from dataclasses import dataclass

from attention.kv.configs.fields import Fields
from attention.kv.shape import Layer


@dataclass(frozen=True)
class Estimate:
    """How many parameters, the sum with its numbers, and a sentence that says it is an estimate."""

    total: int
    formula: str
    sentence: str


def estimate_parameters(fields: Fields, layers: tuple[Layer, ...]) -> Estimate | None:
    return None
