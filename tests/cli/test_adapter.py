"""``trace`` on the folder of an adapter, with it and without it."""

import json

import numpy as np
import pytest

from attention.__main__ import main
from tests.models.adapted import write

TEXT = "The keys near the old cabinet are lost."


def trace(capsys, *arguments):
    assert main(["trace", "--device", "cpu", "--text", TEXT, *arguments]) == 0
    return capsys.readouterr().out


def test_both_sides_and_how_far_they_are_apart(capsys, tmp_path):
    folder = str(write(tmp_path)[0])
    for layer in range(3):
        asked = ("--model", folder, "--json", "--layer", str(layer))
        answer = json.loads(trace(capsys, *asked))
        plain = json.loads(trace(capsys, *asked, "--no-adapter"))
        assert "adapter" not in plain
        assert plain["tokens"] == answer["tokens"]
        apart = np.abs(np.asarray(answer["weights"]) - np.asarray(plain["weights"]))
        adapter = answer["adapter"]
        heads = adapter["heads"][layer]
        assert apart.mean() > 0.001
        np.testing.assert_allclose([h["mean"] for h in heads], apart.mean((1, 2)), atol=1e-6)
        np.testing.assert_allclose([h["largest"] for h in heads], apart.max((1, 2)), atol=1e-6)
    assert (adapter["base"], adapter["r"], adapter["alpha"]) == (str(tmp_path / "base"), 4, 6)
    means = np.asarray([[head["mean"] for head in layer] for layer in adapter["heads"]])
    most = np.unravel_index(means.argmax(), means.shape)
    assert (adapter["most"]["layer"], adapter["most"]["head"]) == most


def test_the_table_names_the_head_that_moved_most(capsys, tmp_path):
    folder = str(write(tmp_path)[0])
    most = json.loads(trace(capsys, "--model", folder, "--json"))["adapter"]["most"]
    lines = trace(capsys, "--model", folder).splitlines()
    told = f"adapter     r 4 on {tmp_path / 'base'}; moves head {most['layer']}.{most['head']} most"
    assert any(line.startswith(told) for line in lines)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["--model", "8x2", "--no-adapter"],
            "argument --no-adapter: layout has no adapter: leave it out.",
        ),
        (
            ["--heads", "8", "--kv-heads", "2", "--no-adapter"],
            "argument --no-adapter: it goes with --model.",
        ),
    ],
)
def test_a_model_that_has_none(capsys, arguments, line):
    with pytest.raises(SystemExit) as left:
        main(["trace", "--device", "cpu", "--text", TEXT, *arguments])
    assert (left.value.code, capsys.readouterr().err) == (
        2,
        f"python -m attention trace: {line}\n",
    )
