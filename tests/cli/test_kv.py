import json

import pytest

from attention.__main__ import main
from tests.cli.run import run

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
        "total      1.00 GiB (1073741824 bytes)",
        "per token  128.00 KiB (131072 bytes), one sequence, all layers, K and V",
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
        (
            {"kv_dtype": "fp7"},
            "number format 'fp7' is unknown: choose float32, float16, bfloat16, fp8, int8, int4.",
        ),
        (
            {"v_dtype": ""},
            "number format '' is unknown: choose float32, float16, bfloat16, fp8, int8, int4.",
        ),
        ({"heads": None}, "the following arguments are required: --heads"),
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
