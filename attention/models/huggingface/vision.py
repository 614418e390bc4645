"""A model whose words are patches: "An Image Is Worth 16×16 Words", arXiv 2010.11929."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from math import isqrt
from typing import Any, NoReturn, Self

from torch import Tensor
from transformers import BaseImageProcessor, PreTrainedModel

from attention.interventions.change import Changes
from attention.models.huggingface import anatomy, patching, processor
from attention.models.huggingface.capture import Receive, record
from attention.models.huggingface.encoding import Message
from attention.models.huggingface.model import LanguageModel
from attention.models.huggingface.surveys import Surveyor
from attention.models.image import open_image
from attention.models.limits import TextError
from attention.models.looks import Asked
from attention.models.patches import Patches
from attention.models.roles import Roles
from attention.models.samples import SAMPLES, sample
from attention.steps import Each, at_once
from attention.survey import TILE

#: Bytes of all tiles that are kept as they are; above, they are pooled as those of a long text.
MOST_TILES = 2**25


class VisionModel(LanguageModel):
    """One model of pictures with its image processor; see :class:`attention.models.images.Vision`.

    What it is asked of tokens is asked of patches: ids are places in the picture that it was given
    (:meth:`seeing`), and all of them are asked for together. It keeps no cache.

    Args:
        model, title, source, borrowed: see :class:`LanguageModel`; of a model for pictures and
            texts its tower for pictures.
        image_processor: its own.

    Raises:
        CheckpointError: its attention cannot be read, see :mod:`.patching`.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        image_processor: BaseImageProcessor,
        *,
        title: str,
        source: str,
        borrowed: bool = False,
    ) -> None:
        self.patches: Patches | None = None
        self._processor = image_processor
        reader: Any = image_processor  # in the tokenizer's place
        super().__init__(model, reader, title=title, source=source, borrowed=borrowed)

    @property
    def vision(self) -> Self:
        """Itself."""
        return self

    def _read_with(self, tokenizer: Any) -> None:
        """There is no tokenizer."""

    def _dissect(self) -> anatomy.Anatomy:
        pixels = self._placed(processor.pixels_of(self._processor, sample(SAMPLES[0])))
        return patching.dissect(self.model, pixels, self.architecture)

    def seeing(self, image: Any) -> Self:
        """See :meth:`attention.models.images.Vision.seeing`."""
        pixels = self._placed(processor.pixels_of(self._processor, open_image(image)))
        with self._ready():
            cut = patching.cut_of(self.model, pixels, self.architecture)
        patches = Patches(
            png=processor.png_of(self._processor, pixels),
            pixels=pixels,
            rows=cut.rows,
            columns=cut.columns,
            before=cut.before,
            after=cut.after,
        )
        return self.with_patches(patches)

    def with_patches(self, patches: Patches) -> Self:
        """See :meth:`attention.models.images.Vision.with_patches`."""
        view = copy(self)
        view.patches, view.again = patches, None
        view.max_tokens = len(patches.labels)
        return view

    def _placed(self, pixels: Tensor) -> Tensor:
        device = next(self.model.parameters()).device  # "meta": it waits on disk
        return pixels.to("cpu" if device.type == "meta" else device, self.model.dtype)

    def _pass(
        self, rows: Tensor, changes: Changes, receive: Receive | None, given: dict[str, Any]
    ) -> Any:
        patches = self._seen()
        places = list(range(len(patches.labels)))
        if rows.tolist() != [places]:
            raise TextError(
                "A picture is read whole: ask for its {n} tokens, 0 to {last}.",
                n=len(places),
                last=places[-1],
            )
        with self._ready(), record(receive, changes):
            return self.model(pixel_values=patches.pixels, return_dict=True)

    def _surveyor(self, asked: Asked) -> Surveyor:
        """Every patch is looked at by itself; its left neighbour is a relation, as words have."""
        n, heads = len(asked.ids), sum(config.n_heads for config in self.configs)
        tile = n if n <= isqrt(MOST_TILES // heads) else TILE
        return Surveyor(replace(asked, units=None, pairs=self._seen().left), tile=tile)

    def _run_reference(self, reference: str | None, receive: Receive) -> None:
        """A picture of ours, instead of a text."""
        if reference is not None:
            self._refuse_text()
        view = (self._whole or self).seeing(sample(SAMPLES[0]))
        view.run(range(view.max_tokens), receive=receive)

    def _seen(self) -> Patches:
        if self.patches is None:
            self._refuse_text()
        return self.patches

    def _refuse_text(self) -> NoReturn:
        raise TextError(
            "{title} reads pictures and no text: look at one with trace --image FILE, or with "
            "show(image=...) in Python.",
            title=self.title,
        )

    def roles(self, each: Each = at_once) -> Roles:
        """None: what heads do is measured on texts."""
        return ()

    def roles_known(self) -> Roles | None:
        return ()

    @property
    def reference_text(self) -> str:
        self._refuse_text()

    @property
    def vocab_size(self) -> int:
        """The tokens of its picture."""
        return len(self._seen().labels)

    @property
    def pairs(self) -> bool:
        return False

    def encode(self, text: str, second: str | None = None, *, special: bool = True) -> list[int]:
        """Raises TextError."""
        self._refuse_text()

    def chat(self, messages: Sequence[Message]) -> str:
        """Raises TextError."""
        self._refuse_text()

    def decode(self, ids: Sequence[int]) -> str:
        return " ".join(self.token_texts(ids))

    def token_texts(self, ids: Sequence[int]) -> list[str]:
        """See :attr:`attention.models.patches.Patches.labels`."""
        labels = self._seen().labels
        return [labels[i] for i in ids]

    def token_bytes(self, ids: Sequence[int]) -> list[bytes]:
        return [label.encode() for label in self.token_texts(ids)]

    def embedding(self) -> None:
        """There is no vector a token."""

    def unembedding(self) -> None:
        """Nor is one predicted."""
