"""What an engine is to everything outside its folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from attention.kv.allocation import Allocation
from attention.kv.checks import shortened
from attention.kv.settings import AnySetting, WorkloadError
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

MAKERS = ("", "NVIDIA", "AMD", "Intel", "Intel Gaudi", "Apple")
ASKED = frozenset(field.name for field in fields(Workload)) - {"settings"}


@dataclass(frozen=True)
class Stage:
    """A device of a pipeline's stage: the layers that it has, and its bytes for their cache."""

    layers: range
    available: int


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One engine.

    Args:
        name: as the command line and the page call it.
        allocate: what it sets aside for a model's cache.
        settings: what can be set in it, in the order in which it is offered.
        predict_log: the lines that it prints of the memory for its cache on a device of each
            stage, where that is known.
        splits_layers: whether several devices get whole layers; else they share each layer's heads.
        makers: of the devices that it runs on; a device of one's own has no maker.
    """

    name: str
    allocate: Callable[[ModelShape, Workload], Allocation]
    settings: tuple[AnySetting, ...] = ()
    predict_log: Callable[[ModelShape, Workload, Sequence[Stage]], tuple[str, ...]] | None = None
    splits_layers: bool = False
    makers: tuple[str, ...] = MAKERS

    def heeds(self, name: str) -> bool:
        """Whether a workload for this engine has something of that name."""
        return name in ASKED or any(setting.name == name for setting in self.settings)

    def workload(self, **asked: Any) -> Workload:
        """A workload for this engine.

        Args:
            asked: fields of a :class:`~attention.kv.workload.Workload` and settings of the engine,
                by name; a setting that is None is left as the engine has it.

        Raises:
            WorkloadError: a name that this engine does not know, or a value that cannot be.
            FormatError: an unknown number format.
        """
        for name in asked:
            if not self.heeds(name):
                known = ", ".join(setting.name for setting in self.settings)
                raise WorkloadError(
                    "{name} is no setting of {name_2}: choose one of {known}.",
                    name=shortened(name),
                    name_2=self.name,
                    known=known,
                )
        settings = tuple(
            (setting, asked[setting.name])
            for setting in self.settings
            if asked.get(setting.name) is not None
        )
        plain = {name: value for name, value in asked.items() if name in ASKED}
        return Workload(**plain, settings=settings)
