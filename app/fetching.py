"""Models on their way to this machine: one download each, however many press. No Streamlit.

A download goes on when the visitor who began it has left; others may wait for it.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from attention.errors import sentence_of
from attention.models.store.fetch import Progress, fetch
from attention.models.store.names import NAMED

Report = Callable[[Progress], None]


@dataclass(eq=False)
class Fetching:
    """One download: how far it is, and how it ended."""

    progress: Progress | None = None  # None: not known
    error: str | None = None  # one sentence, or where the library has none, the error's name
    told: bool = True  # False: it is only a name
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def failed(self) -> bool:
        return self.ended.is_set() and self.error is not None


class Fetches:
    """The downloads of this process.

    Args:
        from_catalog: gets a model of the catalog; its errors are ValueErrors with a sentence.
        from_hub: gets any other by its Hub id, and cannot tell how far it is.
    """

    def __init__(
        self,
        from_hub: Callable[[str], object],
        from_catalog: Callable[..., object] = fetch,
    ) -> None:
        self._from_hub, self._from_catalog = from_hub, from_catalog
        self._fetches: dict[str, Fetching] = {}
        self._lock = threading.Lock()

    def of(self, name: str) -> Fetching | None:
        """The last download of this model, if there was one."""
        with self._lock:
            return self._fetches.get(name)

    def start(self, name: str) -> Fetching:
        """Begin, unless one is under way."""
        with self._lock:
            known = self._fetches.get(name)
            if known is not None and not known.ended.is_set():
                return known
            begun = self._fetches[name] = Fetching()
        threading.Thread(target=self._run, args=(name, begun), daemon=True, name="fetch").start()
        return begun

    def _run(self, name: str, fetching: Fetching) -> None:
        def report(progress: Progress) -> None:
            fetching.progress = progress

        try:
            if name in NAMED:
                self._from_catalog(name, progress=report)
            else:
                self._from_hub(name)
        except ValueError as error:
            fetching.error = sentence_of(error)
        except Exception as error:
            fetching.error, fetching.told = type(error).__name__, False
        finally:
            fetching.ended.set()
