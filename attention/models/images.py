"""Models that read pictures: what they can be asked, and a picture as one of them reads it."""

from __future__ import annotations

from typing import Any, Protocol, Self

from attention.models.base import Model
from attention.models.image import open_image
from attention.models.limits import TextError
from attention.models.look import Reading
from attention.models.parts import Chosen
from attention.models.patches import Patches


class Vision(Model, Protocol):
    """A model whose tokens are patches of a picture. By itself it has none yet."""

    #: Of the picture that it was given; None where it was given none.
    patches: Patches | None

    def seeing(self, image: Any) -> Self:
        """The same model with a picture; this one is as it was. Its tokens are then those of
        ``patches``, their ids their places.

        Args:
            image: see :func:`attention.models.image.open_image`.

        Raises:
            ImageError: it is no picture, or too large.
        """

    def with_patches(self, patches: Patches) -> Self:
        """The same with a picture that it saw before."""


def seen(model: Model, image: Any) -> Chosen:
    """A picture in the model, or in its tower for pictures, and the reading of it.

    Args:
        image: see :func:`attention.models.image.open_image`.

    Raises:
        ImageError: it is no picture, or too large.
        TextError: the model reads text alone.
    """
    vision = model.vision
    if vision is None:
        raise TextError(
            "{title} reads text: a picture is for models such as ViT, CLIP, SigLIP and DINOv2.",
            title=model.title,
        )
    opened = open_image(image)
    view = vision.seeing(opened)
    return Chosen(view, reading_of(view, opened.name))


def reading_of(view: Vision, name: str = "") -> Reading:
    """The tokens of a model that was given a picture.

    Args:
        name: of the picture, which stands for the text.
    """
    patches = view.patches
    labels = () if patches is None else patches.labels
    n = len(labels)
    return Reading(text=name, ids=tuple(range(n)), tokens=labels, total=n, patches=patches)
