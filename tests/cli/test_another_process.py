"""What draws or sorts gives another process the same, to the digit."""

import json
import subprocess
import sys

import pytest

from attention.__main__ import main
from tests.cli.run import ROOT

TEXT = "The keys near the old cabinet are lost. The boys who saw the teacher are tired. " * 20
SMALL = ("--text-file", "{file}", "--windows", "1", "--window", "64")
RANDOM = ("--by", "random", "--seed", "5")
CURVE = ("prune", "--model", "8x2", "--share", "0.1,0.3", "--seed", "3")
COMMANDS = [
    ("share", "8x4", "--kv-heads", "2", *RANDOM, *SMALL),
    ("off", "--model", "8x2", "--heads", "1.3", "--kind", "mean", "--text", TEXT[:39]),
    (*CURVE, "--by", "random"),  # on text of ours, which is drawn, too
    *((*CURVE, "--by", by, *SMALL) for by in ("importance", "greedy")),
]
#: One process for all of them: torch has to be loaded only once.
CODE = """
import json, sys
from attention.__main__ import main
for command in json.loads(sys.argv[1]):
    assert main(command) == 0
"""


@pytest.mark.slow
def test_every_command_says_the_same_to_the_digit(capsys, tmp_path):
    file = tmp_path / "story.txt"
    file.write_text(TEXT, encoding="utf-8")
    commands = [
        [word.format(file=file) for word in (*command, "--device", "cpu", "--json")]
        for command in COMMANDS
    ]
    other = subprocess.run(
        [sys.executable, "-c", CODE, json.dumps(commands)],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (other.returncode, other.stderr) == (0, "")
    assert [main(command) for command in commands] == [0] * len(commands)
    said = capsys.readouterr().out
    assert said == other.stdout
    assert said.count('"mean"') == 1 and said.startswith("{")
