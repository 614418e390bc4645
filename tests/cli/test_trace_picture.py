"""``trace --image``: a picture in a model, printed, as JSON, as a page and as a drawing."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from attention.__main__ import main
from tests.models import tiny
from tests.models.huggingface.test_vision import theirs
from tests.models.tiny_pictures import make, make_model, make_processor, picture


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(make("vit", tmp_path_factory.mktemp("models") / "tiny-vit"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "drawn.png"
    Image.fromarray(picture()).save(path)
    return str(path)


def test_as_a_table(model, drawn, capsys):
    given = ["trace", "--model", model, "--image", drawn, "--layer", "1", "--device", "cpu"]
    assert main(given) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "picture     drawn.png: 4 rows of 4 patches, and [CLS]"
    assert "4 heads of 12, d_model 48, 4 KV heads, 3 layers, on cpu" in said[1]
    assert said[2] == "KV cache    0 bytes measured, 0 by the formula"
    assert re.split(r"\s{2,}", said[4])[6:] == ["[CLS]", "itself", "left", "spread"]
    weights = theirs(make_model("vit"), make_processor("vit"), picture())[1]
    left = np.mean([weights[2][at, at - 1] for at in range(1, 17) if (at - 1) % 4])
    assert said[7].split()[-2] == f"{left:.2f}"


def test_as_json(model, drawn, capsys):
    given = ["trace", "--model", model, "--image", drawn, "--layer", "2", "--device", "cpu"]
    assert main([*given, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["patches"] == {"rows": 4, "columns": 4, "first": 1}
    assert facts["tokens"][:3] == ["[CLS]", "r1 c1", "r1 c2"] and len(facts["tokens"]) == 17
    assert (facts["kv_cache_bytes"], facts["next"]) == (0, None)
    weights = theirs(make_model("vit"), make_processor("vit"), picture())[2]
    assert np.abs(np.array(facts["weights"]) - weights).max() < 1e-5


def test_as_files(model, drawn, tmp_path, capsys):
    page, svg = tmp_path / "page.html", tmp_path / "picture.svg"
    given = ["trace", "--model", model, "--image", drawn, "--part", "sentence", "--head", "3"]
    assert main([*given, "--out", str(page), "--svg", str(svg)]) == 0
    assert "<title>tiny-vit on one picture</title>" in page.read_text()
    drawing = svg.read_text()
    assert drawing.count("data:image/png;base64,") == 2
    assert len(re.findall(r'<rect [^>]*fill-opacity="[\d.]+"', drawing)) == 16


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--text", "a"], "tiny-vit reads pictures and no text: look at one with trace --image "
                          "FILE, or with show(image=...) in Python."),
        (["--image", "none.png"], "The picture 'none.png' cannot be read: No such file or "
                                  "directory."),
        (["--image", __file__], "test_trace_picture.py is no picture that can be read: give a PNG, "
                                "a JPEG or a WebP."),
        (["--image", "DRAWN", "--layer", "3"],
         "argument --layer: 3 does not exist: choose 0 to 2."),
        (["--image", "DRAWN", "--target", "a"],
         "argument --target: not with --image: it goes with a text."),
        (["--image", "DRAWN", "--generate", "3"],
         "argument --generate: not with --image: it goes with a text."),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(model, drawn, given, told, capsys):
    given = [drawn if each == "DRAWN" else each for each in given]
    with pytest.raises(SystemExit) as ended:
        main(["trace", "--model", model, *given])
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(f"{told}\n")


def test_a_picture_for_a_model_of_text(drawn, tmp_path, capsys):
    folder = tiny.make("llama", tmp_path / "tiny-llama")
    for given in (["--model", str(folder)], ["--heads", "8", "--kv-heads", "2"]):
        with pytest.raises(SystemExit):
            main(["trace", *given, "--image", drawn])
        assert capsys.readouterr().err.endswith(
            " reads text: a picture is for models such as ViT, CLIP, SigLIP and DINOv2.\n"
        )


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["heads"], "tiny-vit reads pictures and no text: look at one with trace --image FILE, or "
                    "with show(image=...) in Python."),
        (["off", "--heads", "0.1", "--text", "a"],
         "tiny-vit predicts no next token: choose a model with an LM head."),
    ],
)  # fmt: skip
def test_other_commands_say_so(model, command, told, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*command, "--model", model])
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(f"{told}\n")
