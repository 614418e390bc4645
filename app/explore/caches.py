"""What the caches of all visitors' generations hold together. No Streamlit here."""

import weakref

from attention.models.generate import Generation

MOST_BYTES = 512 * 2**20


class Caches:
    """Every visitor's cache: together they hold at most ``max_bytes``.

    The one used longest ago is given back first; its generation fills it again when it goes on.
    """

    def __init__(self, max_bytes: int = MOST_BYTES) -> None:
        self.max_bytes = max_bytes
        self._used: weakref.WeakKeyDictionary[Generation, None] = weakref.WeakKeyDictionary()

    def use(self, generation: Generation) -> None:
        """Note that this one was used last, and make room. Only the queue's worker comes here."""
        self._used.pop(generation, None)
        self._used[generation] = None
        oldest = list(self._used)
        while self.held_bytes() > self.max_bytes and len(oldest) > 1:
            oldest.pop(0).release()

    def held_bytes(self) -> int:
        return sum(generation.held_bytes for generation in self._used)
