"""A long text in bounded memory, measured on a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.models.real import fetched

ROOT = Path(__file__).parents[3]
MEASURE = """
import json, re
from pathlib import Path
from time import process_time
from attention.models.huggingface.checkpoint import load

def kilobytes(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

model = load("smollm2", device="cpu")
model.look(list(range(1000, 1064)), layer=0, head=0)
ids = [1000 + 7 * n % 40_000 for n in range(2048)]
before = kilobytes("VmRSS")
Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
started = process_time()
survey = model.look(ids, layer=16, head=0)
print(json.dumps({
    "above": (kilobytes("VmHWM") - before) * 1024,
    "side": survey.chosen.shape[0],
    "pools": [layer.pool for layer in survey.layers],
    "cpu": process_time() - started,
    "held": survey.nbytes,
}))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_survey_of_2048_tokens_needs_less_than_a_third_of_a_gb_above_the_model():
    """All weights would be 4.5 GB. Twice the tokens needed 316 MB, and three times the seconds."""
    fetched("smollm2")
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=1800,
    )
    found = json.loads(ran.stdout)
    print(
        f"\n{found['above'] / 1e6:.0f} MB above the model, {found['cpu']:.0f} s of processor time"
    )
    assert found["above"] < 3.3 * 10**8
    assert (len(found["pools"]), set(found["pools"])) == (30, {16})
    assert found["side"] == 2048
    assert found["held"] < 60 * 10**6
