import json

import pytest

from attention.__main__ import main
from attention.models.layouts.cards import available_layouts
from attention.models.layouts.load import load_layout


def test_a_line_for_each_layout_that_is_there(capsys):
    assert main(["layouts"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split()[:3] == ["heads", "KV", "heads"]
    assert [tuple(map(int, row.split()[:2])) for row in rows] == list(available_layouts())


def test_the_line_gives_what_the_weights_are(capsys):
    main(["layouts"])
    [row] = [r for r in capsys.readouterr().out.splitlines() if r.split()[:2] == ["8", "2"]]
    model = load_layout(8, 2, device="cpu")
    parameters = sum(p.numel() for p in model.decoder.parameters())
    ids = model.encode("the keys")
    assert row.split()[2] == f"{parameters:,}"
    assert int(row.split()[3]) * len(ids) == model.measure_cache(ids)


def test_json_is_every_card_whole(capsys):
    assert main(["layouts", "--json"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert [(card["n_heads"], card["n_kv_heads"]) for card in cards] == list(available_layouts())
    assert all("look one token back" in card["initialisation"] for card in cards)


def test_a_bad_argument_is_one_line_and_exit_code_2(capsys):
    with pytest.raises(SystemExit) as left:
        main(["layouts", "--jsonn"])
    assert left.value.code == 2
    assert capsys.readouterr().err == (
        "python -m attention layouts: unrecognized arguments: --jsonn\n"
    )
