"""From a picture to what a model is given, by the checkpoint's own image processor.

transformers' processors come twice, for torchvision and for Pillow (transformers 5.24,
``image_processing_auto.py``). Pillow's are taken, so that a picture is read the same everywhere.
"""

import io
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from PIL import Image as Pillow
from torch import Tensor
from transformers import AutoImageProcessor, BaseImageProcessor, ViTImageProcessorPil

from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.folder import read_json
from attention.models.image import Image

SETTINGS = ("preprocessor_config.json", "processor_config.json")
LONGEST_SIDE = 2048  # pixels that a processor may ask for: the largest published asks for 1,024
# There is none of these for Pillow. Both resize, rescale and normalise; theirs rescales first, so
# that a pixel may differ by the half step that Pillow rounds to.
INSTEAD = {"DINOv3ViTImageProcessor": ViTImageProcessorPil}


def read_processor(folder: Path, own: dict[str, Any]) -> BaseImageProcessor | None:
    """A folder's image processor; None where there is none.

    Args:
        own: what ``from_pretrained`` is told.

    Raises:
        CheckpointError: it asks for more pixels than are read.
    """
    found = [folder / name for name in SETTINGS if (folder / name).is_file()]
    told = [read_json(path) for path in found]
    named = [each.get("image_processor", each) for each in told]
    kinds = [str(each["image_processor_type"]) for each in named if "image_processor_type" in each]
    legacy = [each for each in named if "feature_extractor_type" in each]
    if not kinds and not legacy:
        return None
    kind = kinds[0].removesuffix("Fast") if kinds else ""
    if kind in INSTEAD:
        made = INSTEAD[kind].from_pretrained(folder, **own)
    else:
        made = AutoImageProcessor.from_pretrained(folder, backend="pil", **own)
    return cast(BaseImageProcessor, made)


def pixels_of(processor: BaseImageProcessor, image: Image) -> Tensor:
    """What the model is given, ``[1, channels, height, width]``.

    Raises:
        CheckpointError: the processor asks for more pixels than are read, or gives something else.
    """
    sizes = [getattr(processor, name, None) for name in ("size", "crop_size")]
    sides = [side for size in sizes for side in dict(size or {}).values() if side is not None]
    if any(side > LONGEST_SIDE for side in sides):
        raise CheckpointError(
            "Its image processor asks for pictures of {side:,} pixels a side: at most {most:,} are "
            "read.",
            side=max(sides),
            most=LONGEST_SIDE,
        )
    given: dict[str, Any] = dict(processor(images=image.pixels, return_tensors="pt"))
    pixels = given.get("pixel_values")
    if not isinstance(pixels, Tensor) or pixels.dim() != 4 or len(pixels) != 1:
        raise CheckpointError(
            "{name} gives the model something else than one picture of rows and columns.",
            name=type(processor).__name__,
        )
    return pixels


def png_of(processor: BaseImageProcessor, pixels: Tensor) -> bytes:
    """The picture that these are the numbers of, as PNG: what the model was shown."""
    shown = pixels[0].float().cpu()
    if getattr(processor, "do_normalize", False):
        mean, std = (
            torch.tensor(getattr(processor, name)).view(-1, 1, 1)
            for name in ("image_mean", "image_std")
        )
        shown = shown * std + mean
    if getattr(processor, "do_rescale", False):
        shown = shown / getattr(processor, "rescale_factor", 1 / 255)
    bytes_ = shown.round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
    held = io.BytesIO()
    Pillow.fromarray(np.ascontiguousarray(bytes_)).save(held, "PNG", optimize=True)
    return held.getvalue()
