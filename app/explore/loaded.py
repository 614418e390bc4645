"""A model in memory, and its attentions that were given a source. No Streamlit."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from attention.models.base import Model

MOST = 8  # attentions with their sources that are held
Asked = TypeVar("Asked", bound=Model)


@dataclass(frozen=True, eq=False)
class Loaded(Generic[Asked]):
    """One model.

    Args:
        tokenizing: a fast tokenizer must not be used by two threads at once.
    """

    model: Asked
    tokenizing: threading.Lock = field(default_factory=threading.Lock)
    _views: OrderedDict[tuple[str, tuple[int, ...]], Asked] = field(default_factory=OrderedDict)
    _looking: threading.Lock = field(default_factory=threading.Lock)

    def of(self, part: str, source: tuple[int, ...]) -> Asked:
        """The model itself; or an attention of its target, given a source: the same each time, for
        it keeps what the encoder made of that.

        Args:
            part: "" where it is itself.
        """
        if not part:
            return self.model
        parted: Any = self.model
        with self._looking:
            key = (part, source)
            if key not in self._views:
                self._views[key] = parted.of(part, source)
            self._views.move_to_end(key)
            if len(self._views) > MOST:
                self._views.popitem(last=False)
            return self._views[key]
