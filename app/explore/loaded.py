"""A model in memory, and its attentions that were given a source. No Streamlit."""

import threading
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from app.recent import Recent
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
    _views: Recent[Asked] = field(default_factory=lambda: Recent(MOST))
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
                self._views.put(key, parted.of(part, source))
            return self._views.use(key)
