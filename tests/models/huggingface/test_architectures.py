"""The list of what is shown, shown in part and refused, against the classes themselves."""

import json

import pytest
import transformers

from attention.__main__ import main
from attention.assets import asset
from tests.models import tiny
from tests.models.architectures import classes, outcome

LISTED = json.loads(asset("architectures.json").read_text("utf-8"))
ROWS = {row["class"]: row for row in LISTED["classes"]}
SAMPLE = ("LlamaForCausalLM", "BertForMaskedLM", "BloomForCausalLM", "Lfm2ForCausalLM",
          "LongformerModel", "MambaForCausalLM", "MPNetForMaskedLM",
          "ZambaForCausalLM", "ViTModel")  # fmt: skip


def check(name):
    row = ROWS[name]
    assert outcome(name) == {"shown": row["shown"], "why": row["why"]}


@pytest.mark.parametrize("name", SAMPLE)
def test_a_sample_is_as_it_is_listed(name):
    check(name)


@pytest.mark.slow
@pytest.mark.skipif(
    LISTED["transformers"] != transformers.__version__, reason="the list is of another version"
)
@pytest.mark.parametrize("name", ROWS)
def test_every_class_is_as_it_is_listed(name):
    check(name)


@pytest.mark.slow
@pytest.mark.skipif(
    LISTED["transformers"] != transformers.__version__, reason="the list is of another version"
)
def test_the_list_is_whole():
    # Not while tests are collected: to find every class is to read all of transformers.
    assert list(ROWS) == list(classes())


def test_what_is_tried_elsewhere_is_listed_as_shown():
    shown = {name for name, row in ROWS.items() if row["shown"] in ("whole", "part")}
    tried = {cls for cls, _ in (tiny.DECODERS | tiny.WEIGHTS_ONLY | tiny.HYBRIDS).values()}
    assert tried & ROWS.keys() <= shown
    assert all(row["why"] for row in ROWS.values() if row["shown"] != "whole")


def test_the_command_prints_it(capsys):
    assert main(["models", "--architectures"]) == 0
    said = capsys.readouterr().out
    assert "\nshown      LlamaForCausalLM\n" in said
    assert "\nin part    BloomForCausalLM  This model hands over its weights and nothing" in said
    assert "\nrefused    MambaForCausalLM  MambaForCausalLM does its attention by itself" in said
    assert f"\n{len(ROWS)} classes of transformers {LISTED['transformers']}: " in said
    assert main(["models", "--architectures", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == LISTED
