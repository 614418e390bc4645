"""Models of pictures: against transformers' own eager attention, on random checkpoints."""

import io
import json
import re

import numpy as np
import pytest
import torch
import transformers
from PIL import Image

from attention.models.huggingface.checkpoint import CheckpointError, load, wrap
from attention.models.image import ImageError
from attention.models.images import seen
from attention.models.limits import TextError
from tests.models import tiny
from tests.models.tiny_pictures import (
    PICTURES,
    SEES,
    load_tiny,
    make,
    make_model,
    make_processor,
    picture,
)


def theirs(model, processor, image):
    """Each layer's weights by transformers, nothing of ours in it."""
    model.set_attn_implementation("eager")
    pixels = processor(images=Image.fromarray(image), return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        return [each[0].numpy() for each in model(pixels, output_attentions=True).attentions]


def apart(model, reading, weights):
    """The largest difference of any weight of any head, from a look and from a trace."""
    look = model.look(reading.ids, layer=1, head=2)
    traces = [model.trace(reading.ids, layer=i).weights[0].numpy() for i in range(model.n_layers)]
    from_look = max(
        abs(look.weights(i, head) - layer[head]).max()
        for i, layer in enumerate(weights)
        for head in range(len(layer))
    )
    return max(from_look, *(abs(a - b).max() for a, b in zip(traces, weights, strict=True)))


@pytest.mark.parametrize("name", PICTURES)
def test_weights_are_transformers_own(name):
    shown = seen(load_tiny(name), picture())
    weights = theirs(make_model(name), make_processor(name), picture())
    assert len(weights) == shown.model.n_layers == 3
    assert apart(shown.model, shown.reading, weights) < 1e-5
    assert (shown.model.causal, shown.model.predicts, shown.model.weights_only) == (False,) * 3


@pytest.mark.parametrize(
    ("name", "before", "grid", "after"),
    [
        ("vit", ("[CLS]",), (4, 4), ()),
        ("deit", ("[CLS]", "[DIST]"), (4, 4), ()),
        ("dinov2-registers", ("[CLS]", "[REG 1]", "[REG 2]", "[REG 3]"), (3, 5), ()),
        ("dinov3", ("[CLS]", "[REG 1]", "[REG 2]"), (4, 4), ()),
        ("siglip-vision", (), (4, 4), ()),
        ("yolos", ("[CLS]",), (4, 6), tuple(f"[DET {i}]" for i in range(1, 6))),
    ],
)
def test_tokens_are_patches_row_by_row(name, before, grid, after):
    shown = seen(load_tiny(name), picture())
    patches = shown.reading.patches
    assert (patches.before, (patches.rows, patches.columns), patches.after) == (before, grid, after)
    rows, columns = grid
    cells = [f"r{r} c{c}" for r in range(1, rows + 1) for c in range(1, columns + 1)]
    assert shown.reading.tokens == (*before, *cells, *after)
    assert shown.model.token_texts([patches.first]) == ["r1 c1"]
    assert shown.model.vocab_size == shown.model.max_tokens == len(shown.reading.ids)


def test_what_is_said_of_a_head_is_meant():
    """[CLS], itself, left neighbour and breadth, against plain sums over whole weights."""
    shown = seen(load_tiny("vit"), picture())
    look, patches = shown.model.look(shown.reading.ids), shown.reading.patches
    weights = look.weights(1, 3)
    left = [weights[at, at - 1] for at in range(1, 17) if (at - 1) % 4]
    assert len(patches.left) == len(left) == 12
    scores = look.layers[1].scores[3]
    assert scores["agreement"] == pytest.approx(np.mean(left), abs=1e-6)
    assert scores["first"] == pytest.approx(weights[1:, 0].mean(), abs=1e-6)
    assert patches.roles == {
        "spread": "broad", "self": "self", "agreement": "left", "first": "cls",
    }  # fmt: skip
    without = seen(load_tiny("siglip-vision"), picture()).reading.patches
    assert "first" not in without.roles
    assert (without.opening, patches.opening) == (10, 0)


def test_the_picture_is_what_the_model_was_shown():
    patches = seen(load_tiny("vit"), picture()).reading.patches
    shown = np.asarray(Image.open(io.BytesIO(patches.png)))
    mine = np.asarray(Image.fromarray(picture()).resize((32, 32), Image.Resampling.BILINEAR))
    assert shown.shape == (32, 32, 3)
    assert abs(shown.astype(int) - mine).max() <= 1


def test_a_model_stays_as_it_was_and_is_asked_for_a_picture():
    model = load_tiny("vit")
    told = (
        "vit reads pictures and no text: look at one with trace --image FILE, or with "
        "show(image=...) in Python."
    )
    for ask in (
        lambda: model.encode("a text"),
        lambda: model.look(range(4)),
        lambda: model.chat([]),
        lambda: model.token_texts([0]),
    ):
        with pytest.raises(TextError, match=f"^{re.escape(told)}$"):
            ask()
    view = seen(model, picture()).model
    assert (model.patches, model.vision) == (None, model)
    told = "A picture is read whole: ask for its 17 tokens, 0 to 16."
    with pytest.raises(TextError, match=f"^{told}$"):
        view.look(range(4))
    assert (view.roles(), view.roles_known(), view.top(range(17))) == ((), (), None)
    assert (view.cache_formula(17), view.measure_cache(range(17))) == (0, 0)


def test_heads_are_switched_off():
    from attention.interventions.off import Off  # noqa: PLC0415

    shown = seen(load_tiny("vit"), picture())
    off = shown.model.without(Off.parse("0.1"))
    trace = off.trace(shown.reading.ids, layer=0)
    assert not trace.context[0, 1].any() and trace.context[0, 0].any()
    mean = shown.model.without(Off.parse("0.1", kind="mean")).trace(shown.reading.ids, layer=0)
    assert torch.equal(mean.context[0, 1, 0], mean.context[0, 1, 5])


def test_a_borrowed_model_is_given_back():
    model = make_model("vit").train()
    model.set_attn_implementation("sdpa")
    shown = seen(wrap(model, make_processor("vit")), picture())
    shown.model.look(shown.reading.ids)
    assert model.training and model.config._attn_implementation == "sdpa"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("vit-mae", "ViTMAEModel does not make a token of each patch of its picture, row by row, "
         "so its weights cannot be laid over it."),
        ("swin", "SwinModel does not make a token of each patch of its picture, row by row, so its "
         "weights cannot be laid over it."),
        ("data2vec-vision", "Data2VecVisionModel does its attention by itself, not through "
         "transformers' attention interface, so its weights cannot be read."),
        ("convnext", "ConvNextModel does its attention by itself, not through transformers' "
         "attention interface, so its weights cannot be read."),
    ],
)  # fmt: skip
def test_what_cannot_be_laid_over_a_picture_is_refused(name, told):
    with pytest.raises(CheckpointError, match=f"^{re.escape(told)}$"):
        wrap(make_model(name), make_processor(name))


def test_a_folder(tmp_path):
    model = load(str(make("vit-labels", tmp_path / "vit")), device="cpu")
    assert (model.title, model.architecture, model.source) == (
        "vit", "ViTModel", str(tmp_path / "vit"),
    )  # fmt: skip
    shown = seen(model, picture())
    weights = theirs(make_model("vit-labels"), make_processor("vit-labels"), picture())
    assert apart(shown.model, shown.reading, weights) < 1e-5


def test_a_folder_of_dinov3_needs_no_torchvision(tmp_path):
    folder = make("dinov3", tmp_path)
    settings = folder / "preprocessor_config.json"
    named = json.loads(settings.read_text()) | {
        "image_processor_type": "DINOv3ViTImageProcessorFast"
    }
    settings.write_text(json.dumps(named))
    assert seen(load(str(folder)), picture()).reading.patches.rows == 4


@pytest.mark.parametrize("name", ["clip", "siglip"])
def test_text_goes_to_one_tower_and_a_picture_to_the_other(name, tmp_path):
    model, whole = load(str(make(name, tmp_path)), device="cpu"), make_model(name)
    ids = model.encode("the cat sat")
    whole.set_attn_implementation("eager")
    with torch.inference_mode():
        out = whole.text_model(torch.tensor([ids]), output_attentions=True)
    look = model.look(ids)
    assert abs(look.weights(1, 2) - out.attentions[1][0, 2].numpy()).max() < 1e-5
    shown = seen(model, picture())
    weights = theirs(whole.vision_model, make_processor(name), picture())
    assert apart(shown.model, shown.reading, weights) < 1e-5


def test_a_folder_lacks_what_reads_pictures(tmp_path):
    folder = make("vit", tmp_path)
    (folder / "preprocessor_config.json").unlink()
    told = (
        "The folder holds no image processor: put the model's own beside it "
        "(preprocessor_config.json, or what save_pretrained of it writes)."
    )
    with pytest.raises(CheckpointError, match=f"^{re.escape(told)}$"):
        load(str(folder))


@pytest.mark.parametrize(
    ("file", "changes", "told"),
    [
        ("preprocessor_config.json", {"size": {"height": 9000, "width": 9000}},
         "Its image processor asks for pictures of 9,000 pixels a side: at most 2,048 are read."),
        ("config.json", {"image_size": 10**6},
         "config.json says image_size 1,000,000 and hidden_size 48, which does not fit the "),
        ("config.json", {"num_hidden_layers": 10**6},
         "config.json says num_hidden_layers 1000000: a whole number from 1 to 1000 is needed."),
        ("preprocessor_config.json", {"size": {"height": 40, "width": 40}},
         "ViTModel does not run here: Input image size (40*40) doesn't match model (32*32)."),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit(tmp_path, file, changes, told):
    path = make("vit", tmp_path) / file
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    with pytest.raises(CheckpointError) as refused:
        load(str(tmp_path))
    assert str(refused.value).startswith(told)


def test_who_reads_what_is_said(tmp_path):
    with pytest.raises(CheckpointError) as refused:
        wrap(make_model("vit"), tiny.make_tokenizer("bytes"))
    assert str(refused.value) == (
        "PreTrainedTokenizerFast is no image processor of transformers: give the model's own."
    ).replace("PreTrainedTokenizerFast", type(tiny.make_tokenizer("bytes")).__name__)
    with pytest.raises(TextError) as refused:
        seen(tiny.load_tiny("llama"), picture())
    assert str(refused.value).endswith(
        " reads text: a picture is for models such as ViT, CLIP, SigLIP and DINOv2."
    )
    with pytest.raises(ImageError):
        seen(load_tiny("vit"), b"no picture")


def test_tiles_are_whole_up_to_a_bound(monkeypatch):
    config = transformers.ViTConfig(**SEES | {"image_size": 96, "patch_size": 8})
    model = transformers.ViTModel(config).eval()
    side = {"height": 96, "width": 96}
    shown = seen(wrap(model, transformers.ViTImageProcessorPil(size=side)), picture())
    assert len(shown.reading.ids) == 145
    assert shown.model.look(shown.reading.ids).layers[0].pool == 1
    monkeypatch.setattr("attention.models.huggingface.vision.MOST_TILES", 12 * 144**2)
    assert shown.model.look(shown.reading.ids).layers[0].pool == 2
