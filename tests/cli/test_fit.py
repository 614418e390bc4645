"""``fit``: the answer as JSON and as lines, exit codes, and bad input in one sentence."""

import json
import subprocess
import sys

import pytest

from attention.__main__ import main
from attention.cli import fit, kv
from attention.kv.fit.gpus import list_gpus
from tests.cli.run import ROOT, run

LLAMA = ("--model", "Llama-3.1-8B")


def answered(capsys, *argv):
    code = main(["fit", *argv, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_json_has_the_sum_the_edges_and_the_limit():
    result = run("fit", *LLAMA, "--gpu", "H100", "--context", "8192", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    answer = json.loads(result.stdout)
    assert answer["holds"] is True
    assert (answer["weights_bytes"], answer["cache_bytes"]) == (16_060_522_496, 2**30)
    assert answer["usable_bytes"] == 81559 * 2**20 * 9 // 10
    total = answer["weights_bytes"] + answer["cache_bytes"] + answer["overhead_bytes"]
    assert answer["needed_bytes"] == total
    assert answer["left_bytes"] == answer["usable_bytes"] - total
    # (usable − weights − 1 GiB) / 128 KiB a token, and / 1 GiB a user
    assert answer["largest_context"] == (answer["usable_bytes"] - 16_060_522_496 - 2**30) // 2**17
    assert answer["most_users"] == answer["largest_context"] // 8192
    assert (answer["gpus_needed"], answer["smallest_gpu"]) == (1, "NVIDIA A10")
    speed = answer["speed"]
    assert speed["binds"] == "memory"
    assert speed["tokens_per_second"] == pytest.approx(3.35e12 / (15_009_849_344 + 2**30))
    assert [point["intensity"] for point in answer["attention"]] == [1, 4, 32]


def test_a_model_that_does_not_fit_is_exit_code_1(capsys):
    code, answer = answered(capsys, "--model", "Llama-3.1-70B", "--gpu", "H100")
    assert (code, answer["holds"], answer["largest_context"]) == (1, False, 0)
    assert (answer["gpus_needed"], answer["smallest_gpu"]) == (2, "Apple M2 Ultra 192GB")
    assert (answer["gpus_divided"], answer["divided"]) == ("TP 2", "")
    assert any(note.startswith("Apple M2 Ultra 192GB: The largest") for note in answer["notes"])
    assert "No context was given: 8192 tokens are taken." in answer["notes"]
    code, answer = answered(capsys, "--model", "Llama-3.1-70B", "--gpu", "H100", "--gpus", "2")
    assert (code, answer["holds"]) == (0, True)


def test_formats_engine_and_assumptions_can_be_set(capsys):
    argv = (*LLAMA, "--gpu", "t4", "--weights", "q4_k_m", "--kv-dtype", "q8_0", "--users", "2")
    more = ("--engine", "llamacpp", "--usable", "1", "--overhead-bytes", "0", "--context", "1000")
    code, answer = answered(capsys, *argv, *more)
    assert code == 0
    assert answer["engine"] == "llama.cpp"
    assert answer["usable_bytes"] == 15360 * 2**20
    # 2 sequences of 1024 cells, 64 KiB numbers a token in 34 bytes for 32
    assert answer["cache_bytes"] == 2 * 1024 * 65536 * 34 // 32
    # Q4_K_M, 4.8944 bits a weight as llama.cpp prints it, without the embedding in 4.5
    assert answer["bits_per_weight"] == pytest.approx(4.8944, abs=0.0001)
    whole = 8_030_261_248 * answer["bits_per_weight"] / 8
    assert answer["weights_bytes"] == pytest.approx(whole - 128256 * 4096 * 4.5 / 8)


def test_a_config_of_ones_own_and_its_experts(capsys, tmp_path):
    config = {
        "model_type": "mixtral",
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "num_local_experts": 8,
        "num_experts_per_tok": 2,
        "vocab_size": 32000,
        "max_position_embeddings": 32768,
    }
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    code, answer = answered(capsys, "--config", str(path), "--gpu", "H200", "--context", "1")
    assert code == 0
    assert answer["speed"]["steps"]["weights"].startswith("12748")  # of 46.7 billion
    assert any(note.startswith("2 of 8 experts") for note in answer["speed"]["assumptions"])


def test_parameters_that_no_source_says_can_be_given(capsys):
    argv = ("--model", "Llama-3.3-Nemotron-Super-49B", "--gpu", "H200")
    code, answer = answered(capsys, *argv, "--parameters", "109000000000")
    assert (code, answer["weights_bytes"]) == (1, 218_000_000_000)


def test_windows_alone_set_no_limit(capsys):
    code = main(["fit", "--model", "Mistral-7B-v0.1", "--gpu", "H100"])
    assert code == 0
    assert "context    any number of tokens at most" in capsys.readouterr().out


def test_the_lines_a_person_reads(capsys):
    assert main(["fit", *LLAMA, "--gpu", "RTX 4090", "--context", "8192"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Llama-3.1-8B with 1 × 8192 tokens, logical, fits on NVIDIA RTX 4090"
    assert lines[1] == ("weights    14.96 GiB (16,060,522,496 bytes): bfloat16, 16 bits a weight")
    assert lines[5] == "context    46136 tokens at most"
    assert lines[6] == (
        "users      5 sequences at most; with 4096 tokens each on average 11 sequences"
    )
    assert lines[9] == "attention  FLOPs for a byte of cache: MHA 1, as it is 4, MQA 32"
    assert any(line.startswith("source     ") for line in lines)


def test_the_list_of_gpus(capsys):
    assert main(["fit", "--list"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("NVIDIA T4 ")
    assert main(["fit", "--list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == [gpu.name for gpu in list_gpus()]
    assert all(row["sources"] for row in rows)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((*LLAMA,), "the following arguments are required: --gpu (--list prints what there is)"),
        ((*LLAMA, "--gpu", "a10x"), "GPU 'a10x' is not known: did you mean NVIDIA A10, NVIDIA "
         "A100 80GB SXM?"),
        ((*LLAMA, "--gpu", "H100", "--tp", "3"), "32 query heads do not divide over 3 devices: "
         "choose a number of devices that divides 32."),
        ((*LLAMA, "--gpu", "H100", "--gpus", "8", "--pp", "3"), "tp, pp and dp take 3 devices "
         "together, and 8 is no multiple of that: choose another number of devices."),
        ((*LLAMA, "--gpu", "M4 Max", "--engine", "vllm"), "vllm does not run on Apple M4 Max "
         "128GB: choose another GPU or engine."),
        ((*LLAMA, "--gpu", "H100", "--prefix-hit", "2"), "prefix_hit 2.0 is not from 0 to 1."),
        ((*LLAMA, "--gpu", "H100", "--kv-offload", "-1"),
         "kv_offload -1.0 is not from 0 to 2^30 GiB."),
        ((*LLAMA, "--gpu", "H100", "--pad", "8"),
         "--pad is no setting of logical: choose --engine llama.cpp."),
        ((*LLAMA, "--gpu", "H100", "--usable", "nan"), "usable nan is not above 0 and up to 1."),
        ((*LLAMA, "--gpu", "H100", "--gpus", "-1"), "argument --gpus: '-1' is not a whole number "
         "from 1 to 1099511627776."),
        ((*LLAMA, "--gpu", "H100", "--engine", "tgi"), "engine 'tgi' is unknown: choose logical, "
         "transformers, vllm, llama.cpp, sglang."),
        (("--gpu", "H100", "--layers", "2"), "the following arguments are required: --heads, "
         "--kv-heads, --head-dim"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_2(argv, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["fit", *argv])
    assert stopped.value.code == 2
    assert capsys.readouterr().err == f"python -m attention fit: {message}\n"


def test_fit_takes_every_setting_that_kv_takes():
    assert kv._parser().options <= fit._parser().options


def test_settings_of_an_engine_count_in_fit_as_they_do_in_kv(capsys):
    settings = ("--context", "5000", "--batch", "3", "--engine", "vllm", "--block-size", "64")
    assert kv.main(["--model", "Gemma-3-27B", *settings, "--json", "--per-layer"]) == 0
    asked = json.loads(capsys.readouterr().out)
    _, answer = answered(
        capsys, "--model", "Gemma-3-27B", "--gpu", "H200", *settings, "--per-layer"
    )
    assert answer["cache_bytes"] == asked["allocated_bytes"]
    assert answer["per_layer"] == asked["per_layer"]


def test_ways_to_hold_it_over_several(capsys):
    argv = ("--model", "Llama-3.3-70B", "--weights", "awq", "--gpu", "3090", "--engine", "vllm")
    code, answer = answered(capsys, *argv, "--gpus", "3")
    assert (code, answer["divided"], answer["gpus_needed"]) == (0, "PP 3", 3)
    code, answer = answered(capsys, *argv, "--tp", "4", "--pp", "2")
    assert (code, answer["gpus"], answer["divided"]) == (0, 8, "TP 4 · PP 2")
    argv = ("--model", "DeepSeek-V3", "--gpu", "H200", "--users", "64", "--engine", "sglang")
    latents = [answered(capsys, *argv, *way)[1]["cache_bytes"]
               for way in (("--tp", "8"), ("--dp", "8", "--ep"))]  # fmt: skip
    assert latents[0] == pytest.approx(8 * latents[1], rel=1e-4)  # a slot of padding each


def test_a_size_a_hit_rate_and_a_cache_on_the_host(capsys):
    argv = (*LLAMA, "--gpu", "H100", "--users", "4", "--context", "8000", "--weights", "5.5 GB")
    _, answer = answered(capsys, *argv)
    assert answer["weights_bytes"] == 5_500_000_000
    _, hit = answered(capsys, *argv, "--prefix-hit", "0.5", "--average-context", "2000")
    assert hit["cache_bytes"] == (4000 + 4 * 4000) * 2**17
    assert hit["average_context"] == 2000
    assert hit["most_users_at_average"] > hit["most_users"] > answer["most_users"]
    assert any(note.startswith("0.5 of each context is found") for note in hit["assumptions"])
    _, host = answered(capsys, *argv, "--kv-offload", "1.5")
    assert answer["cache_bytes"] - host["cache_bytes"] == 1.5 * 2**30


def test_gpt_oss_120b_fits_one_h100(capsys):
    argv = ("--model", "gpt-oss-120b", "--gpu", "H100 SXM", "--engine", "vllm")
    code, answer = answered(capsys, *argv)
    assert (code, answer["gpus_needed"]) == (0, 1)
    assert answer["weights_bytes"] / 1e9 == pytest.approx(65.2, abs=0.1)


def test_neither_torch_nor_numpy_is_loaded():
    code = (
        "import sys\n"
        "from attention.__main__ import main\n"
        "main(['fit', '--model', 'Qwen3-8B', '--gpu', 'L4', '--json'])\n"
        "heavy = {'torch', 'numpy', 'transformers', 'gguf', 'streamlit'} & sys.modules.keys()\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


LINE = "Qwen3-30B-A3B, 32k, 20 users, 2×4090, vLLM, fp8 kv"


def test_a_line_of_text_asks_the_same_as_options(capsys):
    argv = ("--model", "Qwen3-30B-A3B", "--context", "32768", "--users", "20")
    more = ("--gpu", "4090", "--gpus", "2", "--engine", "vllm", "--kv-dtype", "fp8")
    _, by_options = answered(capsys, *argv, *more)
    code, by_line = answered(capsys, LINE)
    assert code == 1
    assert by_line.pop("understood") == [
        *("model Qwen3-30B-A3B", "32768 tokens", "20 users", "2 × NVIDIA RTX 4090"),
        *("engine vllm", "KV cache in fp8"),
    ]
    assert by_line.pop("not_understood") == []
    assert by_line == by_options
    assert by_line["would_fit"][0] == "weights in fp8 + 4 users"


def test_options_come_before_the_line(capsys):
    _, answer = answered(capsys, LINE, "--users", "2", "--weights", "awq")
    assert (answer["users"], answer["context"], answer["holds"]) == (2, 32_768, True)
    assert answer["would_fit"] == []


def test_the_lines_say_what_was_understood_what_lacks_and_what_would_fit(capsys):
    assert main(["fit", *LINE.split(), "please", "bananas"]) == 1
    understood, ignored, verdict, *_ = capsys.readouterr().out.splitlines()
    assert understood.startswith("understood model Qwen3-30B-A3B, 32768 tokens, 20 users, ")
    assert ignored == "ignored    bananas"
    assert " lacking on each, 0 users fit; it fits with weights in fp8 + 4 users, or " in verdict


def test_a_line_without_a_known_model_is_one_sentence(capsys):
    with pytest.raises(SystemExit) as left:
        main(["fit", "Qwen3-31B on a 4090"])
    assert left.value.code == 2
    expected = "python -m attention fit: model 'qwen3-31b' is not known: did you mean Qwen3-"
    assert capsys.readouterr().err.startswith(expected)
