"""What is asked of a cache: how many tokens, in which format, and how the engine is set up."""

from dataclasses import dataclass, replace
from typing import TypeVar, cast

from attention.kv.formats import StoredFormat, stored_format
from attention.kv.settings import AnySetting, Setting, Value, WorkloadError, require_count

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Sequences to hold, and how the engine that holds them is set up.

    :meth:`attention.kv.engines.engine.Engine.workload` makes one with an engine's settings by
    name; ``workload[SETTING]`` reads one of them.

    Args:
        context: tokens of a sequence.
        batch: sequences at once.
        k_format, v_format: names of number formats; V's is K's where it is left out.
        model_format: of what follows the model's own format, such as a state; left out, it is K's
            where that is a plain 16- or 32-bit format, else float16.
        shared_prefix: tokens at the start that all sequences have in common.
        tp: devices that share each layer's heads (tensor parallel); sizes are then those of one.
        settings: of an engine, with their values; what is not here is as the engine has it.

    Raises:
        WorkloadError: a value out of range.
        FormatError: an unknown number format.
    """

    context: int
    batch: int = 1
    k_format: str = "float16"
    v_format: str | None = None
    model_format: str | None = None
    shared_prefix: int = 0
    tp: int = 1
    settings: tuple[tuple[AnySetting, Value], ...] = ()

    def __post_init__(self) -> None:
        for name in ("context", "batch", "tp"):
            require_count(name, getattr(self, name))
        require_count("shared_prefix", self.shared_prefix, least=0)
        if self.shared_prefix > self.context:
            raise WorkloadError(
                "shared_prefix {shared_prefix} is longer than the context of {context} tokens: "
                "choose at most that.",
                shared_prefix=self.shared_prefix,
                context=self.context,
            )
        for setting, value in self.settings:
            setting.check(value)
            if not setting.has_room(value, self.batch):
                raise WorkloadError(
                    "{name} {value} has no room for {batch} sequences: choose at least as many.",
                    name=setting.name,
                    value=value,
                    batch=self.batch,
                )
        for stored in (self.k_format, self.v_format, self.model_format):
            if stored is not None:
                stored_format(stored)

    def __getitem__(self, setting: Setting[T]) -> T:
        """The value of an engine's setting: as given, else its default."""
        for given, value in self.settings:
            if given is setting:
                return cast(T, value)  # checked when the workload was made
        return setting.default

    def with_batch(self, batch: int) -> "Workload":
        """The same for so many sequences; a setting without room for them is left out."""
        kept = tuple(given for given in self.settings if given[0].has_room(given[1], batch))
        return replace(self, batch=batch, settings=kept)

    @property
    def k(self) -> StoredFormat:
        """K's number format."""
        return stored_format(self.k_format)

    @property
    def v(self) -> StoredFormat:
        """V's number format."""
        return stored_format(self.k_format if self.v_format is None else self.v_format)

    @property
    def model(self) -> StoredFormat:
        """The format of what follows the model's own."""
        if self.model_format is not None:
            return stored_format(self.model_format)
        plain = self.k.numbers == 1 and self.k.size >= 2
        return self.k if plain else stored_format("float16")

    def tokens(self, held: int) -> int:
        """Tokens of all sequences where each keeps its last ``held``, the common ones once."""
        begin = self.context - held
        shared = max(0, self.shared_prefix - begin)
        return shared + self.batch * (held - shared)
