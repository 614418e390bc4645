"""Accelerators: their memory, bandwidth and FLOPS, from ``assets/gpus.json``.

Each row names the public page or file that its numbers were read in. Makers print gigabytes of
10^9 bytes; a driver reports another number, which is kept beside it where a public log shows it.
FLOPS are dense: where a maker prints them with sparsity, they are halved and the note says so.
"""

import json
import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from typing import Any

from attention.assets import asset
from attention.errors import HeadcountError
from attention.kv.checks import LARGEST_NUMBER, shortened
from attention.sentence import Sentence

TABLE = asset("gpus.json")
GB = 10**9
MOST_SUGGESTED = 5
# Intel's Gaudi is another architecture than its GPUs, with software of its own.
MAKERS = ("NVIDIA", "AMD", "Intel Gaudi", "Intel", "Apple")
LARGEST_RATE = 10**21  # bytes or FLOPs a second: far beyond any device


class GpuError(HeadcountError):
    """An accelerator that is not known, or cannot be: one sentence with the value and the fix."""


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """One accelerator (one device: of a card with two, one half).

    Args:
        name: what people call it; may be a visitor's own text, never markup.
        advertised_bytes: memory as the maker prints it, gigabytes being 10^9 bytes.
        driver_bytes: memory that the driver reports, where a public log shows it.
        bandwidth_bytes_per_s: of that memory, at most.
        flops_16bit: dense float16 or bfloat16 operations a second; None where no source says.
        flops_8bit: dense 8-bit floating point ones, or None.
        aliases: other names.
        sources: public pages and files that the numbers were read in.
        note: what one has to know beside them.

    Raises:
        GpuError: a number out of range.
    """

    name: str
    advertised_bytes: int
    bandwidth_bytes_per_s: int
    flops_16bit: int | None = None
    flops_8bit: int | None = None
    driver_bytes: int | None = None
    aliases: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        _require("memory", self.advertised_bytes, LARGEST_NUMBER**2)
        _require("bandwidth", self.bandwidth_bytes_per_s, LARGEST_RATE)
        for name, value in (
            ("driver's memory", self.driver_bytes),
            ("16-bit FLOPS", self.flops_16bit),
            ("8-bit FLOPS", self.flops_8bit),
        ):
            if value is not None:
                _require(name, value, LARGEST_RATE)

    def with_(self, **numbers: int) -> "Gpu":
        """The same with some numbers changed by hand, as its sources then say.

        Args:
            numbers: ``advertised_bytes`` (the driver's number is then dropped),
                ``bandwidth_bytes_per_s``, ``flops_16bit``.

        Raises:
            GpuError: a number out of range.
        """
        if not numbers:
            return self
        changes: dict[str, Any] = {**numbers}
        if "advertised_bytes" in numbers:
            changes["driver_bytes"] = None
        return replace(self, **changes, sources=(*self.sources, Sentence("changed by hand")))

    @property
    def maker(self) -> str:
        """``"NVIDIA"`` and so on; ``""`` for a device of one's own."""
        return next((maker for maker in MAKERS if self.name.startswith(f"{maker} ")), "")

    @property
    def memory_bytes(self) -> int:
        """What it is counted with: the driver's number where it is known, else the maker's."""
        return self.driver_bytes or self.advertised_bytes

    @property
    def memory_text(self) -> str:
        """``"81559 MiB as its driver reports (80 GB as advertised)"``."""
        advertised = Sentence(
            "{advertised_bytes:,.10g} GB as advertised", advertised_bytes=self.advertised_bytes / GB
        )
        if self.driver_bytes is None:
            return Sentence("{advertised} (1 GB = 10^9 bytes)", advertised=advertised)
        return Sentence(
            "{driver_bytes:,.10g} MiB as its driver reports ({advertised})",
            driver_bytes=self.driver_bytes / 2**20,
            advertised=advertised,
        )

    @property
    def ridge(self) -> float | None:
        """FLOPs for a byte above which 16-bit compute, not memory, is the limit."""
        return None if self.flops_16bit is None else self.flops_16bit / self.bandwidth_bytes_per_s


@cache
def list_gpus() -> tuple[Gpu, ...]:
    """Every known accelerator, in the table's order: by maker, then by age."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))["gpus"]
    return tuple(
        Gpu(
            name=row["name"],
            advertised_bytes=row["advertised_gb"] * GB,
            bandwidth_bytes_per_s=row["bandwidth_bytes_per_s"],
            flops_16bit=row["flops_16bit"],
            flops_8bit=row["flops_8bit"],
            driver_bytes=row.get("driver_bytes"),
            aliases=tuple(row["aliases"]),
            sources=tuple(row["sources"]),
            note=Sentence(row["note"]),
        )
        for row in rows
    )


def find_gpu(name: str) -> Gpu:
    """The accelerator of that name; case, spaces, dashes and the maker in front do not matter.

    A part of a name will do where only one has it: ``4090``.

    Raises:
        GpuError: there is none; the message names those that are near.
    """
    names = _names()
    wanted = _plain(name) if isinstance(name, str) else ""
    if wanted in names:
        return names[wanted]
    near = list(dict.fromkeys(gpu for form, gpu in names.items() if wanted and wanted in form))
    if len(near) == 1:
        return near[0]
    close = get_close_matches(wanted, names, n=MOST_SUGGESTED)
    near = (near or list(dict.fromkeys(names[form] for form in close)))[:MOST_SUGGESTED]
    hint = (
        Sentence("did you mean {choices}?", choices=", ".join(gpu.name for gpu in near))
        if near
        else Sentence("choose one of the table, assets/gpus.json, or give its numbers.")
    )
    raise GpuError("GPU {name} is not known: {hint}", name=shortened(name), hint=hint)


@cache
def _names() -> dict[str, Gpu]:
    return {_plain(name): gpu for gpu in list_gpus() for name in (gpu.name, *gpu.aliases)}


def _plain(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "", name[:200].casefold())
    return re.sub(r"^(nvidia|amd|intel|apple)(instinct)?(geforce|tesla)?", "", plain)


def _require(name: str, value: object, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise GpuError(
            "the GPU's {name} {shortened} is not a whole number from 1 to {most}.",
            name=name,
            shortened=shortened(value),
            most=most,
        )


#: Where the numbers of a GPU that is not in the table can be put.
OWN_GPU = Gpu(
    name=Sentence("Your own"),
    advertised_bytes=24 * GB,
    bandwidth_bytes_per_s=1000 * GB,
    flops_16bit=100 * 10**12,
    note=Sentence("Numbers to begin with; they belong to no device."),
)
#: The one that is asked about where nobody chose.
USUAL_GPU = "NVIDIA A100 80GB SXM"
