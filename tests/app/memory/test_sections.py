"""The sections Fit and Log of Memory."""

import json
import re
from html import unescape

from app.memory.keys import Keys
from attention.__main__ import main
from tests.app.memory.test_page import HOSTILE, page
from tests.app.run import html, run


def test_a_log_is_checked_and_stays_while_other_sections_are_shown() -> None:
    app = page(section="log")
    log = ("llama_model_loader: - kv 1: x\n"
           "print_info: n_layer = 32\nprint_info: n_head = 32\nprint_info: n_head_kv = 8\n"
           "print_info: n_embd_head_k = 128\nprint_info: n_embd_head_v = 128\n"
           "print_info: n_embd_k_gqa = 1024\nprint_info: n_embd_v_gqa = 1024\n"
           "llama_kv_cache: size = 1024.00 MiB (  8192 cells,  32 layers,  1/1 seqs), "
           "K (f16):  512.00 MiB, V (f16):  512.00 MiB")  # fmt: skip
    app.text_area(Keys.LOG).set_value(log)
    run(app)
    assert "what could be compared agrees." in html(app)
    app.segmented_control(Keys.SECTION).set_value("engines")
    run(app)
    app.segmented_control(Keys.SECTION).set_value("log")
    assert run(app).text_area(Keys.LOG).value == log


def test_the_model_above_is_taken_where_the_log_says_nothing() -> None:
    size = "KV self size = 1024.00 MiB, K (f16): 512.00 MiB, V (f16): 512.00 MiB\n"
    vllm = "Available KV cache memory: 20.00 GiB\nGPU KV cache size: 163,840 tokens\n"
    app = page(section="log", model="Llama-3-8B", context="8192")
    app.text_area(Keys.LOG).set_value(size + vllm * 2)
    app.toggle(Keys.LOG_OWN).set_value(True)
    run(app)
    assert "Recomputed with the numbers of Llama-3-8B." in html(app)
    assert "32 layers · 1,024 numbers · 8,192 cells" in html(app)
    assert "vllm, start 2 of 2" in html(app)
    app.toggle(Keys.LOG_OWN).set_value(False)
    run(app)
    assert "Recomputed with" not in html(app)


def test_a_text_without_a_cache_line_is_a_sentence() -> None:
    app = page(section="log")
    app.text_area(Keys.LOG).set_value(HOSTILE)
    run(app)
    assert "The log has no cache line of llama.cpp" in html(app)


def test_fit_asks_as_the_command_line_does() -> None:
    app = page(section="fit", engine="vllm", gpu="NVIDIA RTX 4090", weights="Q4_K_M")
    said = html(app)
    assert "It fits on one NVIDIA RTX 4090" in said
    assert "The most users, at 4,096 tokens on average" in said
    assert "The smallest GPU, one of it" in said
    assert "Apple" not in said  # where vLLM does not run
    assert "an estimate: 1.223 GiB of activations" in said
    app.selectbox(Keys.WEIGHTS).set_value("")
    assert "16 bits (bfloat16)" in html(run(app))
    assert "Apple M2 Ultra" in html(page(section="fit", engine="llama.cpp"))


def test_a_size_of_weights_may_be_typed() -> None:
    said = html(page(section="fit", weights="5.5 GB"))
    assert "The size of the weights is the one that was given." in said
    assert "5,500,000,000 (weights)" in said


def test_fit_with_vllm_shows_the_lines_that_its_log_would_have(capsys):
    asked = {"section": "fit", "model": "Qwen3-8B", "gpu": "NVIDIA RTX 4090", "context": "8192"}
    said = unescape(html(page(engine="vllm", **asked)))
    assert "What vLLM would print of its cache when it starts there" in said
    lines = re.search(r'<pre lang="en">(.*?)</pre>', said, re.DOTALL)[1].splitlines()
    main(["fit", "--model", "Qwen3-8B", "--gpu", "RTX 4090", "--context", "8192",
          "--engine", "vllm", "--json"])  # fmt: skip
    assert lines == json.loads(capsys.readouterr().out)["log"]
    assert re.fullmatch(r"Available KV cache memory: [\d.]+ GiB", lines[0])
    for engine in ("sglang", "llama.cpp", "transformers"):
        assert "would print of its cache" not in html(page(engine=engine, **asked))
