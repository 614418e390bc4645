import json
import subprocess
import sys

import pytest
from gguf import GGUFWriter

from attention.__main__ import main
from attention.kv.formats import STORED_FORMATS
from tests.cli.run import ROOT, run

QWEN = (
    "model 'Qwn3-32B' is not known: did you mean Qwen3-32B, Qwen3-VL-32B, QwQ-32B, "
    "Qwen1.5-32B, Qwen2.5-32B?"
)
FORMATS = ", ".join(known.name for known in STORED_FORMATS)
LLAMA_3_8B = {
    "--layers": "32",
    "--heads": "32",
    "--kv-heads": "8",
    "--head-dim": "128",
    "--context": "8192",
    "--batch": "1",
    "--kv-dtype": "f16",
}


def arguments(**changed):
    """The flags of Llama 3 8B, some changed: ``kv_heads="5"``; None leaves one out."""
    flags = LLAMA_3_8B | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    return ["kv", *(part for flag in flags.items() if flag[1] is not None for part in flag)]


def test_json_of_llama_3_8b_is_what_llama_cpp_allocates():
    result = run(*arguments(), "--json")
    assert (result.returncode, result.stderr) == (0, "")
    answer = json.loads(result.stdout)
    assert answer["bytes_total"] == 1024 * 2**20  # 64 MiB at 512 tokens: ggml-org/llama.cpp#7611
    assert answer["bytes_per_token"] == 131072
    assert answer["ratio_to_mha"] == 4
    assert answer["formula"] == (
        "2 (K and V) · 32 layers · 8 KV heads · 128 head_dim · 8192 tokens · 1 sequence · "
        "2 bytes (float16) = 1073741824 bytes"
    )
    assert answer["assumptions"] == ["Every layer keeps every token's keys and values."]


def test_k_and_v_apart(capsys):
    assert main([*arguments(v_head_dim="64", v_dtype="int4", batch="3"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["bytes_per_token"] == 32 * 8 * (128 * 2 + 64 // 2)
    assert answer["bytes_total"] == answer["bytes_per_token"] * 8192 * 3
    assert answer["assumptions"][1:] == [
        "int4 counts the payload only: scales and zero points are excluded."
    ]


def test_half_bytes_are_exact(capsys):
    odd = arguments(layers="1", heads="1", kv_heads="1", head_dim="5", v_head_dim="4", context="3")
    assert main([*odd, "--kv-dtype", "int4", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["bytes_per_token"], answer["bytes_total"]) == (4.5, 13.5)


def test_readable_output_names_its_units(capsys):
    assert main(arguments()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "total      1 GiB (1,073,741,824 bytes)",
        "per token  128 KiB (131,072 bytes), one sequence, all layers, K and V",
        "to MHA     4 × smaller than with a KV head for every query head",
    ]


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        (
            {"kv_heads": "5"},
            "n_heads 32 does not divide by n_kv_heads 5: choose n_kv_heads 4 or 8.",
        ),
        (
            {"layers": "0"},
            "argument --layers: '0' is not a whole number from 1 to 1099511627776.",
        ),
        (
            {"context": "-1"},
            "argument --context: '-1' is not a whole number from 1 to 1099511627776.",
        ),
        (
            {"batch": "2.5"},
            "argument --batch: '2.5' is not a whole number from 1 to 1099511627776.",
        ),
        (
            {"head_dim": "nan"},
            "argument --head-dim: 'nan' is not a whole number from 1 to 1099511627776.",
        ),
        (
            {"v_head_dim": "9" * 30},
            f"argument --v-head-dim: '{'9' * 30}' is not a whole number from 1 to 1099511627776.",
        ),
        ({"kv_dtype": "fp7"}, f"number format 'fp7' is unknown: choose {FORMATS}."),
        ({"v_dtype": ""}, f"number format '' is unknown: choose {FORMATS}."),
        ({"heads": None}, "the following arguments are required: --heads"),
        ({"context": None}, "the following arguments are required: --context"),
        (
            {"layers": "4097"},
            "n_layers 4097 is not a whole number from 1 to 4096.",
        ),
        (
            {"engine": "tensorrt"},
            "engine 'tensorrt' is unknown: choose logical, transformers, vllm, llama.cpp, sglang.",
        ),
        (
            {"cells": "512"},
            "--cells is no setting of logical: choose --engine llama.cpp or sglang.",
        ),
        (
            {"engine": "vllm", "kv_dtype": "q8_0"},
            "vLLM has no cache format q8_0: choose float32, float16, bfloat16, fp8, "
            "fp8_per_token_head, int8_per_token_head, nvfp4.",
        ),
        (
            {"engine": "llama.cpp", "kv_dtype": "q8_0", "head_dim": "80"},
            "q8_0 stores blocks of 32 numbers and K's head_dim 80 does not divide by that: choose "
            "float16.",
        ),
        ({"swa_ratio": "nan", "engine": "sglang"}, "swa_ratio nan is not above 0 and up to 1."),
        ({"swa_ratio": "0", "engine": "sglang"}, "swa_ratio 0.0 is not above 0 and up to 1."),
        (
            {"swa_ratio": "0", "engine": "vllm"},
            "--swa-ratio is no setting of vllm: choose --engine sglang.",
        ),
        ({"model": "Qwn3-32B"}, QWEN),
        ({"config": "/nowhere/config.json"}, "'/nowhere/config.json' cannot be read."),
        ({"bogus\nline": "1"}, "unrecognized arguments: --bogus line 1"),
        (
            {"context": str(2**40), "batch": str(2**40)},
            f"the cache would take {131072 * 2**80} bytes, more than 9223372036854775807.",
        ),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_code_2(capsys, changed, line):
    with pytest.raises(SystemExit) as left:
        main(arguments(**changed))
    shown = capsys.readouterr()
    assert left.value.code == 2
    assert (shown.out, shown.err) == ("", f"python -m attention kv: {line}\n")


def test_works_where_the_terminal_is_not_utf_8():
    result = run(*arguments(), PYTHONIOENCODING="ascii", LC_ALL="C")
    assert result.returncode == 0
    assert "4 × smaller" in result.stdout


def answer_of(capsys, *argv):
    assert main(["kv", *argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_model_of_the_catalog(capsys):
    answer = answer_of(capsys, "--model", "Qwen3-32B", "--context", "40960")
    assert answer["bytes_total"] == 10240 * 2**20  # ikawrakow/ik_llama.cpp issue 539
    assert (answer["model"], answer["layers"]) == ("Qwen3-32B", {"global": 64})


def test_a_model_s_numbers_can_be_changed(capsys):
    as_it_is = answer_of(capsys, "--model", "Qwen3-32B", "--context", "100")
    as_mha = answer_of(capsys, "--model", "Qwen3-32B", "--context", "100", "--kv-heads", "64")
    assert as_mha["bytes_total"] == as_it_is["bytes_total"] * as_it_is["ratio_to_mha"]
    assert as_mha["ratio_to_mha"] == 1


def test_the_context_that_a_model_was_made_for(capsys):
    answer = answer_of(capsys, "--model", "Llama-3.1-8B")
    assert answer["asked_tokens"] == 131072
    assert answer["assumptions"][-1] == (
        "The context is all that the model was made for: 131072 tokens."
    )


def test_a_config_and_every_layer(tmp_path, capsys):
    config = {
        "model_type": "gpt_oss",
        "num_hidden_layers": 2,
        "num_attention_heads": 64,
        "num_key_value_heads": 8,
        "head_dim": 64,
        "hidden_size": 2880,
        "sliding_window": 128,
        "layer_types": ["sliding_attention", "full_attention"],
    }
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    argv = ("--config", str(path), "--context", "8192", "--engine", "llama.cpp")
    answer = answer_of(capsys, *argv, "--kv-dtype", "q8_0", "--n-ubatch", "128", "--per-layer")
    assert [layer["kind"] for layer in answer["per_layer"]] == ["window", "global"]
    assert [layer["tokens_held"] for layer in answer["per_layer"]] == [256, 8192]
    # gpt-oss-20b has twelve of each: 3.19 MiB and 102.00 MiB
    assert answer["bytes_total"] * 12 == round(3.1875 * 2**20) + 102 * 2**20
    assert answer["per_layer"][0]["k_bytes"] == answer["per_layer"][0]["v_bytes"]
    assert answer["windows"] == [128]
    assert answer["bytes_per_token_at_first"] == 2 * answer["bytes_per_token"]


def test_a_gguf_file(tmp_path, capsys):
    path = tmp_path / "a.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(2)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_embedding_length(256)
    writer.add_context_length(100)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    answer = answer_of(capsys, "--gguf", str(path), "--engine", "llama.cpp")
    assert answer["bytes_total"] == 2 * 2 * 2 * 64 * 256 * 2
    assert answer["gaps"] == [
        "100 tokens are rounded up to 256 cells in one stream: a multiple of 256."
    ]


@pytest.mark.parametrize(
    ("argv", "total"),
    [
        (("--engine", "llama.cpp", "--cells", "512"), 64 * 2**20),
        (("--engine", "llamacpp", "--context", "500"), 64 * 2**20),
        (("--engine", "llama.cpp", "--context", "500", "--pad", "32"), 64 * 2**20),
        (("--engine", "vllm", "--context", "500", "--tp", "2"), 32 * 2**20),
        (("--engine", "vllm", "--context", "500", "--block-size", "256"), 64 * 2**20),
        (("--engine", "sglang", "--cells", "511"), 64 * 2**20),
        (("--engine", "transformers", "--context", "512", "--static"), 64 * 2**20),
        (("--engine", "vllm", "--context", "512", "--kv-dtype", "fp8_e4m3"), 32 * 2**20),
        (("--engine", "llama.cpp", "--cells", "512", "--n-seq-max", "4"), 64 * 2**20),
        (("--engine", "llama.cpp", "--context", "512", "--batch", "4"), 256 * 2**20),
    ],
)
def test_engines_and_their_settings(capsys, argv, total):
    bare = ("--layers", "32", "--heads", "32", "--kv-heads", "8", "--head-dim", "128")
    answer = answer_of(capsys, *bare, *argv)
    assert answer["bytes_total"] == total
    assert answer["sources"]


def test_readable_output_of_an_engine(capsys):
    assert main([*arguments(context="8000", engine="llama.cpp"), "--per-layer"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[3:7] == [
        "engine     llama.cpp",
        "ideal      1,000 MiB (1,048,576,000 bytes), what the maths needs",
        "allocated  1 GiB (1,073,741,824 bytes)",
        "usable     8,192 tokens, of 8,000 asked for",
    ]
    assert lines[-1].startswith("layer 31   global: K: 8 KV heads · 128 head_dim · 8192 cells · ")


@pytest.mark.parametrize("text", ["{", "[]", "NaN", '{"num_hidden_layers": 9223372036854775808}'])
def test_a_config_that_is_none_is_one_line_and_exit_code_2(tmp_path, text):
    path = tmp_path / "config.json"
    path.write_text(text)
    result = run("kv", "--config", str(path), "--context", "10")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("python -m attention kv: ")
    assert result.stderr.count("\n") == 1


def test_a_file_of_50_mb_is_refused_unread(tmp_path):
    path = tmp_path / "config.json"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    result = run("kv", "--config", str(path))
    assert result.returncode == 2
    assert "has 50000000 bytes" in result.stderr


@pytest.mark.parametrize("argv", [["--model", "Qwen3-32B", "--engine", "vllm"], ["--help"]])
def test_neither_torch_nor_numpy_is_loaded(argv):
    code = (
        "import sys; from attention.__main__ import main\n"
        f"try: main(['kv', *{argv!r}])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'numpy', 'transformers', 'gguf', 'streamlit'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
