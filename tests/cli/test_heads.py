import json

import pytest

from attention import atlas
from attention.__main__ import main
from attention.models.layouts.load import load_layout
from attention.version import versions

ARGUMENTS = ("heads", "--model", "4x1", "--device", "cpu", "--seeds", "1")


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """One for all tests here: what one has measured the next need not."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADCOUNT_CACHE", str(folder))
        yield folder


def printed(capsys, *arguments: str) -> str:
    assert main([*ARGUMENTS, *arguments]) == 0
    return capsys.readouterr().out


def test_json_has_every_score_beside_its_chance(capsys) -> None:
    found = json.loads(printed(capsys, "--json"))
    assert found["model"] == "Headcount 4/1"
    assert (found["protocol"], found["seed"], found["seeds"]) == (atlas.PROTOCOL, 0, 1)
    assert found["versions"] == versions()
    model = load_layout(4, 1, device="cpu")
    assert [len(layer) for layer in found["heads"]] == [4] * model.n_layers
    wanted = {
        *("previous", "first", "self", "spread", "distance", "positional", "duplicate"),
        *("induction", "induction_other_length", "output_norm", "copying"),
        *("semantic_en", "agreement_hi"),
        *(f"{relation}_{language}" for language in ("en", "hi") for relation in
          ("subject", "referent", "object", "adjective", "determiner", "possessor")),
    }  # fmt: skip
    for layer in found["heads"]:
        for head in layer:
            assert isinstance(head["role"], str) and isinstance(head["ordinary_role"], str)
            assert head["agrees"] in (True, False, None)
            assert wanted <= head.keys()
            for name in wanted:
                assert head[name].keys() == {"value", "spread", "chance", "reinitialised", "n"}
                assert isinstance(head[name]["chance"], float)


@pytest.mark.slow
def test_it_is_the_same_to_the_digit_and_another_seed_is_not(capsys, cache) -> None:
    one = printed(capsys, "--json")
    for file in (cache / "heads").iterdir():
        file.unlink()
    assert printed(capsys, "--json") == one
    assert printed(capsys, "--json", "--seed", "1") != one


def test_what_was_measured_is_not_measured_again(capsys, monkeypatch) -> None:
    one = printed(capsys, "--json")
    monkeypatch.setattr(atlas, "measure", None)
    assert printed(capsys, "--json") == one


def test_the_table_has_a_line_a_head(capsys) -> None:
    lines = printed(capsys).splitlines()
    assert lines[0] == f"Headcount 4/1, protocol {atlas.PROTOCOL}"
    assert lines[1] == "seed 0, 1 sets of probes"
    rows = [line.split() for line in lines if line.strip()[:1].isdigit()]
    assert [row[0] for row in rows] == [f"{n}.{h}" for n in range(len(rows) // 4) for h in range(4)]
    assert lines[-1].split()[0] == "chance"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "5x1"], "No layout was trained with n_heads 5: choose 1, 2, 4, 8, 16 or 32."),
        ([], "the following arguments are required: --model"),
        (
            ["--model", "8x2", "--seed", "-1"],
            "argument --seed: '-1' is not a whole number from 0 to 2147483647.",
        ),
        (
            ["--model", "8x2", "--seeds", "0"],
            "argument --seeds: '0' is not a whole number from 1 to 100.",
        ),
        (["--model", "./nowhere"], None),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_code_2(capsys, arguments, message) -> None:
    with pytest.raises(SystemExit) as left:
        main(["heads", *arguments])
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    if message:
        assert said == f"python -m attention heads: {message}\n"
