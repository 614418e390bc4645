"""The picture in a notebook's cell: JupyterLab, Notebook, VS Code, and what nbconvert makes of it.

    from attention import show
    show("The keys near the old cabinet are", model=model, tokenizer=tokenizer)

The cell holds the self-contained page of :mod:`attention.picture.page` in a frame of its own:
neither the notebook's styles nor its keyboard short cuts reach in, nothing is loaded, and it stays
when the notebook is saved and opened elsewhere.
"""

from __future__ import annotations

import html
import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attention.models.base import Model
from attention.models.comparison import compare
from attention.models.limits import TextError
from attention.models.parts import Chosen, chosen
from attention.models.reading import given, in_pieces
from attention.picture.compose import opened_scene
from attention.picture.page import html_of, look_at
from attention.picture.scene import Scene
from attention.picture.still import Still
from attention.picture.words import words_for
from attention.words import load_words

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from attention.models.look import Reading

__all__ = ("Traced", "trace")

#: Pixels, until the page inside has told its own height.
HEIGHT = 760


class Traced:
    """A text in a model, shown by a notebook as the picture; ``save`` writes the same as a file.

    ``svg``, ``png`` and ``csv`` write a part of it, one of :data:`attention.picture.still.PARTS`:
    ``shown.svg("head.svg", "head", layer=1, head=3)``. Further by name: ``token``, ``colours``
    ("light", as for paper, or "dark") and ``measure``, what the map is coloured by.
    """

    def __init__(self, page: str, heading: str, says: str, scene: Callable[..., Scene]) -> None:
        self._page, self._heading, self._says, self._scene = page, heading, says, scene

    def save(self, path: str | Path) -> None:
        """Write the page as one HTML file.

        Raises:
            OSError: it cannot be written.
        """
        Path(path).write_text(self._page, encoding="utf-8")

    def svg(self, path: str | Path, part: str = "all", **choices: Any) -> None:
        """Write a part as SVG, its words as text.

        Raises:
            StillError: there is no such part, or no such colours or measure.
            SceneError: there is no such layer, head or token.
            OSError: the file cannot be written.
        """
        self._write("svg", path, part, **choices)

    def png(self, path: str | Path, part: str = "all", **choices: Any) -> None:
        """Write a part as PNG; takes and raises what :meth:`svg` does."""
        self._write("png", path, part, **choices)

    def csv(self, path: str | Path, part: str = "head", **choices: Any) -> None:
        """Write a part's numbers; takes and raises what :meth:`svg` does."""
        self._write("csv", path, part, **choices)

    def _write(
        self,
        kind: str,
        path: str | Path,
        part: str,
        *,
        layer: int | None = None,
        head: int | None = None,
        token: int | None = None,
        **look: str,
    ) -> None:
        Still(self._scene(layer, head, token), part, **look).write(kind, path)

    def _repr_html_(self) -> str:
        return (
            f'<iframe title="{html.escape(self._heading)}" srcdoc="{html.escape(self._page)}" '
            f'style="width: 100%; height: {HEIGHT}px; border: 0"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<Traced {self._says}: shown by a notebook, or save(path) writes the page>"


def trace(
    text: str | None = None,
    *,
    model: PreTrainedModel | Model,
    tokenizer: PreTrainedTokenizerBase | None = None,
    image: Any = None,
    text_b: str | None = None,
    ids: Sequence[int] | None = None,
    messages: Sequence[Mapping[str, Any]] | None = None,
    target: str | None = None,
    attention: str | None = None,
    generate: int | None = None,
    pieces: str = "merged",
    layer: int = 0,
    head: int = 0,
    lang: str = "en",
    beside: Model | str | None = None,
    beside_layer: int | None = None,
    beside_head: str | int = "likest",
) -> Traced:
    """Every layer and head of a model on a text, as a picture to click through.

    >>> from attention import load_layout, show
    >>> shown = show("The keys near the old cabinet are lost.", model=load_layout(8, 2))
    >>> shown  # a notebook shows the picture
    <Traced Headcount 8/2 on 10 tokens: shown by a notebook, or save(path) writes the page>
    >>> shown.save("page.html")

    Args:
        model: one of transformers' models that is in memory, which stays as it is; or what
            :func:`attention.load_layout` or :func:`attention.load_model` gave.
        tokenizer: of a model of transformers; of one that reads pictures its image processor.
        image: a picture instead of a text, for models such as ViT, CLIP, SigLIP and DINOv2: a
            file's path, its bytes, a picture of Pillow or a uint8 array ``[height, width, 3]``.
        text_b: a second text, which an encoder such as BERT compares with the first.
        ids: token ids instead of a text, as they are.
        messages: a chat instead of a text, through the model's own template.
        target: of an encoder–decoder what its decoder reads; left out, its own greedy answer.
        attention: of an encoder–decoder "encoder", "decoder" or "cross"; left out, "cross" where
            there is a target, else "encoder".
        generate: go on for so many of the model's own likeliest tokens, marked as generated.
        pieces: "merged", the smallest that can be read, or "words": a word's weights are summed
            where it is looked at and averaged where it looks.
        layer, head: what is open first.
        lang: of the words around, "en" or "hi".
        beside: what stands beside the head that is open: another model, "same" (this one, another
            layer or head of it) or "base" (this one without its adapter). Another model is on the
            page as well; where its tokens differ, they are aligned by characters.
        beside_layer, beside_head: of it; left out, the head of any layer that is most like. "same"
            is the head of the same number.

    Raises:
        CheckpointError: the model cannot be shown, or the tokenizer is missing; it says why.
        ImageError: ``image`` is no picture, or too large.
        TextError: the text has no tokens, there is no such layer or head, not one of text, image,
            ids and messages is given, or the model does not read such, or there are no such pieces;
            or the model is no encoder–decoder and has no target; or as
            :func:`attention.models.comparison.compare`.
        GenerationError: ``generate`` is asked of a model that predicts no next token, or no more
            tokens fit.
        LocaleError: there is no such language.
    """
    known, words = _known(model, tokenizer), load_words(lang)
    if image is None:
        reading = given(known, text, second=text_b, ids=ids, messages=messages)
        if generate is not None:
            reading = _continued(known, reading, generate)
        shown = chosen(known, reading, target=target, part=attention)
    else:
        texts: dict[str, Any] = {"text": text, "text_b": text_b, "ids": ids, "messages": messages}
        texts |= {"target": target, "attention": attention, "generate": generate}
        shown = _seen(known, image, texts)
    known, reading = shown.model, in_pieces(shown.reading, pieces)
    reading, look = look_at(known, reading, layer=layer, head=head)
    compared = None
    if beside is not None:
        compared = compare(known, reading, beside, its_layer=beside_layer, like=beside_head)
    page = html_of(known, reading, look, known.roles(), words, beside=compared)

    def scene(at: int | None, of: int | None, token: int | None) -> Scene:
        chosen = {"layer": layer if at is None else at, "head": head if of is None else of}
        return opened_scene(known, reading, look, words, token=token, **chosen)

    heading = words_for(reading, words)("saved.heading", title=known.title)
    return Traced(page, heading, f"{known.title} on {len(reading.ids)} tokens", scene)


def _continued(model: Model, reading: Reading, count: int) -> Reading:
    """With what the model goes on with; torch is loaded only where that is asked for."""
    return importlib.import_module("attention.models.continued").continued(model, reading, count)


def _seen(model: Model, image: Any, texts: Mapping[str, Any]) -> Chosen:
    """A picture in a model, and nothing of a text; Pillow is loaded only where it is needed."""
    if named := [name for name, value in texts.items() if value is not None]:
        raise TextError("A picture stands by itself: leave out {name}.", name=named[0])
    return importlib.import_module("attention.models.images").seen(model, image)


def _known(model: Any, tokenizer: Any) -> Model:
    """Something that can be asked; transformers is loaded only for a model of it."""
    if hasattr(model, "look"):
        return model
    return importlib.import_module("attention.models.huggingface.checkpoint").wrap(model, tokenizer)
