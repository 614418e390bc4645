"""What was used last, within a bound: what was used longest ago goes first. No Streamlit here."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Values by their keys. It has no lock of its own.

    Args:
        most: of all sizes together. A value that is larger than this alone is not kept, and pushes
            nothing out.
        size: of a value; by default each counts one.
    """

    def __init__(self, most: int, size: Callable[[Value], int] = lambda value: 1) -> None:
        self.most, self._size = most, size
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    @property
    def total(self) -> int:
        """The sizes of all that is kept."""
        return sum(size for _, size in self._kept.values())

    def use(self, key: Hashable) -> Value:
        """The value, which is now the one used last.

        Raises:
            KeyError: it is not kept.
        """
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def put(self, key: Hashable, value: Value) -> None:
        """Keep it, and let go of as many others as that takes."""
        size = self._size(value)
        if size > self.most:
            return
        self._kept[key] = value, size
        self._kept.move_to_end(key)
        while self.total > self.most:
            self._kept.popitem(last=False)


def held_bytes(value: Any) -> int:
    """Bytes of every array and tensor in ``value``, in its fields and in what they hold."""
    if hasattr(value, "nbytes"):  # numpy and torch alike
        return int(value.nbytes)
    if is_dataclass(value):
        return sum(held_bytes(getattr(value, each.name)) for each in fields(value))
    if isinstance(value, dict):
        return sum(map(held_bytes, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(held_bytes, value))
    return 0
