"""``trace --svg``, ``--png``, ``--csv``: the same files every time, refusals in a sentence."""

from pathlib import Path

import pytest

from attention.__main__ import main

TEXT = "The keys near the old cabinet are lost."
TRACE = ("trace", "--device", "cpu", "--text", TEXT, "--heads", "8", "--kv-heads", "2")


def test_files_beside_one_another_the_same_each_time(capsys, tmp_path: Path) -> None:
    made = []
    for run in ("first", "second"):
        paths = [tmp_path / f"{run}.{kind}" for kind in ("svg", "png", "csv")]
        options = [part for path in paths for part in (f"--{path.suffix[1:]}", str(path))]
        chosen = ("--part", "head", "--layer", "1", "--head", "3", "--lang", "hi")
        assert main([*TRACE, *options, *chosen]) == 0
        said = capsys.readouterr().out.splitlines()
        sizes = [f"{path.stat().st_size / 1e3:,.0f} kB" for path in paths]
        assert said == [f"{path}: head, layer 1, head 3, {size}."
                        for path, size in zip(paths, sizes, strict=True)]  # fmt: skip
        made.append([path.read_bytes() for path in paths])
    svg, png, csv = made[0]
    assert made[0] == made[1]
    assert svg.startswith(b'<svg xmlns="http://www.w3.org/2000/svg"') and "हेड 3".encode() in svg
    assert png.startswith(b"\x89PNG") and csv.startswith("\ufeffquery,token,0 The".encode())


def test_the_map_of_a_layout_has_every_layer_and_head(capsys, tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    assert main([*TRACE, "--csv", str(path), "--part", "map"]) == 0
    heads = [line.split(",")[:2] for line in path.read_text("utf-8-sig").splitlines()[1:]]
    assert heads == [[str(layer), str(head)] for layer in range(3) for head in range(8)]


def test_with_json_nothing_else_is_printed(capsys, tmp_path: Path) -> None:
    assert main([*TRACE, "--json", "--svg", str(tmp_path / "a.svg")]) == 0
    assert capsys.readouterr().out.startswith('{"tokens"')
    assert (tmp_path / "a.svg").exists()


@pytest.mark.parametrize(
    "options, message",
    [
        (("--head", "99"), "head 99 does not exist: choose 0 to 7."),
        (("--token", "99"), "token 99 is outside 0 to 9"),
        (("--svg", "/nowhere/a.svg"), "argument --svg: '/nowhere/a.svg' cannot be written: "
                                      "No such file or directory."),
    ],
)  # fmt: skip
def test_refusals(capsys, tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*TRACE, "--svg", str(tmp_path / "a.svg"), *options])
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"python -m attention trace: {message}\n"
