import json
import subprocess
import sys

import pytest

from attention.__main__ import main
from tests.cli.run import ROOT, run

LOG = """\
llm_load_print_meta: n_layer          = 32
llm_load_print_meta: n_head_kv        = 8
llm_load_print_meta: n_embd_k_gqa     = 1024
llm_load_print_meta: n_embd_v_gqa     = 1024
llama_new_context_with_model: n_ctx      = 512
llama_new_context_with_model: KV self size  =   64.00 MiB, K (f16):   32.00 MiB, V (f16):   32.00 MiB
"""  # noqa: E501
VLLM = "Available KV cache memory: 37.42 GiB\nGPU KV cache size: 350,304 tokens\n"
QWEN3_06B = ("--layers", "28", "--heads", "16", "--kv-heads", "8", "--head-dim", "128")


def checked(capsys, tmp_path, text, *argv):
    path = tmp_path / "server.log"
    path.write_text(text, encoding="utf-8")
    code = main(["check-log", str(path), *argv, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_line_that_agrees(capsys, tmp_path):
    code, answer = checked(capsys, tmp_path, LOG)
    assert (code, answer["agrees"], answer["engines"]) == (0, True, ["llama.cpp"])
    assert answer["facts"]["n_layer"] == 32
    assert [finding["computed"] for finding in answer["findings"]] == [
        "64.00 MiB",
        "32.00 MiB",
        "32.00 MiB",
    ]


def test_a_line_that_differs_is_exit_code_1_and_says_why(capsys, tmp_path):
    code, answer = checked(capsys, tmp_path, LOG.replace("n_layer          = 32", "n_layer = 16"))
    assert (code, answer["agrees"]) == (1, False)
    assert answer["findings"][1]["cause"].startswith("It fits 32 layers, not 16: the header")


def test_a_model_given_by_hand(capsys, tmp_path):
    code, answer = checked(capsys, tmp_path, VLLM, *QWEN3_06B)
    assert (code, answer["findings"][0]["computed"]) == (0, "350,288 to 350,368 tokens")
    code, answer = checked(capsys, tmp_path, VLLM, *QWEN3_06B, "--tp", "2")
    assert (code, answer["agrees"]) == (1, False)
    code, answer = checked(capsys, tmp_path, VLLM, "--model", "Qwen3-0.6B")
    assert (code, answer["model"]) == (0, "Qwen3-0.6B")
    code, answer = checked(capsys, tmp_path, VLLM)
    assert (code, answer["agrees"]) == (1, None)


def test_standard_input_and_readable_output():
    result = subprocess.run(
        [sys.executable, "-m", "attention", "check-log"],
        cwd=ROOT,
        input=LOG,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[1:] == [
        "  agrees   size: 64.00 MiB; 64.00 MiB",
        "           32.00 + 32.00 MiB",
        "  agrees   K: 32.00 MiB; 32.00 MiB",
        "           32 layers · 1024 numbers · 512 cells · 2 bytes (float16) = 32.00 MiB",
        "  agrees   V: 32.00 MiB; 32.00 MiB",
        "           32 layers · 1024 numbers · 512 cells · 2 bytes (float16) = 32.00 MiB",
    ]


def test_starts_and_models_are_named(capsys, tmp_path):
    path = tmp_path / "server.log"
    one = "Initializing a V1 LLM engine (v0.10.2) with config: model='Qwen/Qwen3-0.6B',\n" + VLLM
    path.write_text(one * 2, encoding="utf-8")
    assert main(["check-log", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["Recomputed with the numbers of Qwen3-0.6B.", "vllm, start 1 of 2:"]
    assert lines.count("GPU KV cache size: 350,304 tokens") == 2
    code, answer = checked(capsys, tmp_path, one * 2)
    assert (code, answer["starts"]) == (0, {"vllm": 2})
    assert [finding["start"] for finding in answer["findings"]] == [1, 2]


@pytest.mark.parametrize(
    ("text", "argv", "line"),
    [
        (
            "nothing here",
            [],
            "the log has no cache line of llama.cpp, vLLM, SGLang or Ollama: paste the lines that "
            "the engine printed when it started.",
        ),
        (
            VLLM,
            [*QWEN3_06B, "--tp", "3"],
            "tp 3 and n_kv_heads 8 do not divide: choose a tp that divides n_kv_heads, or that "
            "n_kv_heads divides.",
        ),
        (VLLM, ["--layers", "28"], "the following arguments are required: --heads, --kv-heads, "
         "--head-dim"),
        (LOG, ["--tp", "0"], "argument --tp: '0' is not a whole number from 1 to 1099511627776."),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_2(capsys, tmp_path, text, argv, line):
    path = tmp_path / "server.log"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["check-log", str(path), *argv])
    shown = capsys.readouterr()
    assert left.value.code == 2
    assert (shown.out, shown.err) == ("", f"python -m attention check-log: {line}\n")


@pytest.mark.parametrize("name", ["/nowhere/server.log", "/", "bad\x00name"])
def test_a_log_that_cannot_be_read(capsys, name):
    with pytest.raises(SystemExit) as left:
        main(["check-log", name])
    assert left.value.code == 2
    assert capsys.readouterr().err == (
        f"python -m attention check-log: {name!r} cannot be read: give a log, or - for standard "
        "input.\n"
    )


def test_a_log_of_50_mb_is_refused(tmp_path):
    path = tmp_path / "server.log"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    result = run("check-log", str(path))
    assert (result.returncode, result.stdout) == (2, "")
    assert "more than 5000000" in result.stderr


def test_bytes_that_are_no_text_are_read_past(capsys, tmp_path):
    path = tmp_path / "server.log"
    path.write_bytes(b"\xff\xfe\x00" * 1000 + b"\n" + LOG.encode())
    assert main(["check-log", str(path), "--json"]) == 0


def test_neither_torch_nor_numpy_is_loaded(tmp_path):
    path = tmp_path / "server.log"
    path.write_text(LOG, encoding="utf-8")
    code = (
        "import sys; from attention.__main__ import main; "
        f"main(['check-log', {str(path)!r}]); "
        "heavy = {'torch', 'numpy', 'transformers', 'gguf', 'streamlit'} & sys.modules.keys(); "
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
