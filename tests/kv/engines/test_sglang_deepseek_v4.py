"""DeepSeek V4's pools, by the arithmetic of SGLang 0.5.23's own constructors."""

from attention.kv.engines.sglang import ENGINE as SGLANG
from attention.kv.engines.sglang.allocate import allocate
from attention.kv.read.catalog import find_model

SHAPE = find_model("DeepSeek-V4-Flash")
TOKENS = 131072
WINDOW = 13056  # 0.1 of them, whole pages of 256


def parts_of(index, **settings):
    found = allocate(SHAPE, SGLANG.workload(**{"context": TOKENS, **settings}))
    return [(part.what, part.n_bytes) for part in found.per_layer[index].parts]


def test_a_window_layer_has_a_tenth_of_the_tokens_and_a_page():
    page = 256 * 584 + 256  # up to a multiple of 576
    assert page % 576 == 0
    assert parts_of(0) == [("K", (WINDOW // 256 + 1) * page)]
    half = parts_of(0, swa_ratio=0.5)
    assert half == [("K", (TOKENS // 2 // 256 + 1) * page)]


def test_a_layer_of_four_has_entries_keys_and_what_waits():
    pages = (TOKENS // 4 + 256) // 64
    rows = WINDOW // 256 * 8 + 8 + 1
    rows += -rows % 4
    assert parts_of(2)[1:] == [
        ("compressed K", pages * 37440),
        ("indexer", pages * 64 * 132),
        ("compressor", rows * 4 * 512 * 4),
        ("compressor", rows * 4 * 128 * 4),
    ]


def test_a_layer_of_128_has_entries_and_128_rows_a_sequence():
    assert parts_of(3, context=TOKENS // 4, batch=4)[1:] == [
        ("compressed K", (TOKENS // 128 + 256) // 2 * 1728),
        ("compressor", (5 * 128 + 256) * 2 * 512 * 4),
    ]


def test_the_whole_model():
    found = allocate(SHAPE, SGLANG.workload(context=TOKENS))
    assert found.usable_tokens == TOKENS
    assert found.bytes_per_token == 21 * (37440 + 64 * 132) / 256 + 20 * 1728 / 256
    assert found.bytes_total == sum(layer.bytes_total for layer in found.per_layer)
    assert found.ideal_bytes < found.bytes_total
