"""Small checkpoints of models that read pictures, with random weights, and a picture drawn here."""

from functools import cache
from pathlib import Path

import numpy as np
import torch
import transformers

from attention.models.huggingface.quiet import quiet
from tests.models import tiny

WIDE = {"hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": 3,
        "num_attention_heads": 4}  # fmt: skip
SEES = WIDE | {"image_size": 32, "patch_size": 8}
TEXT = WIDE | {"vocab_size": tiny.VOCAB, "max_position_embeddings": 64}
TEXT |= {"bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0}
SQUARE = {"size": {"height": 32, "width": 32}}
CROPPED = {"size": {"shortest_edge": 36}, "crop_size": {"height": 32, "width": 32}}

# By name: class, its config, and its image processor with what that is told.
PICTURES = {
    "vit": ("ViTModel", SEES, "ViTImageProcessorPil", SQUARE),
    "vit-labels": ("ViTForImageClassification", SEES, "ViTImageProcessorPil", SQUARE),
    "deit": ("DeiTModel", SEES, "DeiTImageProcessorPil", CROPPED),
    "dinov2": ("Dinov2Model", SEES | {"image_size": 40}, "BitImageProcessorPil", CROPPED),
    "dinov2-registers": (
        "Dinov2WithRegistersModel",
        SEES | {"num_register_tokens": 3},
        "BitImageProcessorPil",
        CROPPED | {"crop_size": {"height": 24, "width": 40}, "size": {"shortest_edge": 40}},
    ),
    "dinov3": ("DINOv3ViTModel", SEES | {"num_register_tokens": 2}, "ViTImageProcessorPil", SQUARE),
    "clip-vision": ("CLIPVisionModel", SEES, "CLIPImageProcessorPil", CROPPED),
    "siglip-vision": ("SiglipVisionModel", SEES, "SiglipImageProcessorPil", SQUARE),
    "beit": (
        "BeitModel",
        SEES | {"use_relative_position_bias": True, "use_absolute_position_embeddings": True},
        "BeitImageProcessorPil",
        SQUARE | {"do_center_crop": False},
    ),
    "beit-shared": (
        "BeitModel",
        SEES | {"use_shared_relative_position_bias": True},
        "BeitImageProcessorPil",
        SQUARE | {"do_center_crop": False},
    ),
    "ijepa": ("IJepaModel", SEES, "ViTImageProcessorPil", SQUARE),
    "yolos": (
        "YolosModel",
        SEES | {"image_size": [32, 48], "num_detection_tokens": 5},
        "YolosImageProcessorPil",
        {"size": {"height": 32, "width": 48}, "do_pad": False},
    ),
}
# These cannot be shown.
REFUSED = {
    "vit-mae": ("ViTMAEModel", SEES, "ViTImageProcessorPil", SQUARE),
    "swin": (
        "SwinModel",
        {"image_size": 32, "patch_size": 4, "embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2]}
        | {"window_size": 4},
        "ViTImageProcessorPil",
        SQUARE,
    ),
    "data2vec-vision": ("Data2VecVisionModel", SEES, "ViTImageProcessorPil", SQUARE),
    "convnext": (
        "ConvNextModel",
        {"hidden_sizes": [8, 8], "depths": [1, 1], "num_stages": 2},
        "ViTImageProcessorPil",
        SQUARE,
    ),
}
# A tower for pictures and one for texts.
PAIRED = {
    "clip": ("CLIPModel", CROPPED, "CLIPImageProcessorPil"),
    "siglip": ("SiglipModel", SQUARE, "SiglipImageProcessorPil"),
}


def picture(width: int = 64, height: int = 48) -> np.ndarray:
    """uint8 ``[height, width, 3]``: a ramp, a red disc and a blue bar; no two patches alike."""
    y, x = np.mgrid[:height, :width] / [[[height]], [[width]]]
    drawn = np.stack((255 * x, 255 * y, 127 * (x + y)), axis=-1)
    drawn[(x - 0.3) ** 2 + (y - 0.4) ** 2 < 0.05] = (220, 30, 40)
    drawn[(x > 0.7) & (y > 0.2)] = (20, 40, 200)
    return drawn.astype(np.uint8)


def make_model(name: str) -> transformers.PreTrainedModel:
    """A random model, in eval mode; of :data:`PICTURES`, :data:`REFUSED` or :data:`PAIRED`."""
    if name in PAIRED:
        cls = getattr(transformers, PAIRED[name][0])
        config = cls.config_class(text_config=TEXT, vision_config=SEES)
    else:
        named, given, *_ = (PICTURES | REFUSED)[name]
        cls = getattr(transformers, named)
        config = cls.config_class(**given)
    generator = torch.Generator().manual_seed(7)
    with quiet():
        model = cls(config).eval()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "norm" not in key.lower():
                parameter.normal_(std=0.2 if parameter.dim() >= 2 else 0.3, generator=generator)
    return model


def make_processor(name: str) -> transformers.BaseImageProcessor:
    """Its image processor."""
    if name in PAIRED:
        _, given, kind = PAIRED[name]
    else:
        *_, kind, given = (PICTURES | REFUSED)[name]
    return getattr(transformers, kind)(**given)


def make(name: str, folder: Path) -> Path:
    """Write a checkpoint as its owner would, and return its folder."""
    with quiet():
        make_model(name).save_pretrained(folder)
        make_processor(name).save_pretrained(folder)
        if name in PAIRED:
            tiny.make_tokenizer("bytes").save_pretrained(folder)
    return folder


@cache
def load_tiny(name: str):
    """The same in memory, shared by all tests."""
    from attention.models.huggingface.checkpoint import wrap  # noqa: PLC0415

    return wrap(make_model(name), make_processor(name), title=name)
