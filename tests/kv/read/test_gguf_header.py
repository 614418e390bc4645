"""GGUF headers byte by byte: hostile, damaged, cut as the page's browser sends them."""

import struct

import pytest
from gguf import GGUFEndian, GGUFReader
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from attention.kv.checks import ShapeError
from attention.kv.read.gguf.header import read_header
from attention.kv.read.gguf.shape import from_cut_header, from_gguf
from attention.kv.read.gguf.values import LONGEST_LIST
from tests.kv.read.test_gguf import LLAMA, write


def header(version=3, tensors=0, keys=0, rest=b""):
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys) + rest


def entry(key, kind, value):
    return struct.pack("<Q", len(key)) + key + struct.pack("<I", kind) + value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "'bad.gguf' is no GGUF file: it does not begin so."),
        (b"PK\x03\x04zip", "'bad.gguf' is no GGUF file: it does not begin so."),
        (header(1), "GGUF version 1 cannot be read: 2 and 3 are known."),
        (header(4), "GGUF version 4 cannot be read: 2 and 3 are known."),
        (b"GGUF\x03", "the GGUF file ends inside its header: it is cut short or damaged."),
        (header(keys=3), "the GGUF file ends inside its header: it is cut short or damaged."),
        (
            header(keys=2**40),
            "the GGUF header claims 1099511627776 metadata entries, more than 65536.",
        ),
        (
            header(tensors=2**63),
            "the GGUF header claims 9223372036854775808 tensors, more than 262144.",
        ),
        (
            header(keys=1, rest=struct.pack("<Q", 2**62)),
            "the GGUF header has a key of 4611686018427387904 bytes, more than 65535.",
        ),
        (
            header(keys=1, rest=entry(b"a", 8, struct.pack("<Q", 2**50))),
            "the GGUF file ends inside its header: it is cut short or damaged.",
        ),
        (
            header(keys=1, rest=entry(b"a", 9, struct.pack("<IQ", 8, 2**60))),
            "the GGUF header claims 1152921504606846976 texts in a list: 4000000 at most.",
        ),
        (
            header(keys=1, rest=entry(b"a", 9, struct.pack("<IQ", 8, 10**6))),
            "the GGUF file ends inside its header: it is cut short or damaged.",
        ),
        (
            header(keys=1, rest=entry(b"a", 9, struct.pack("<IQ", 4, 2**60))),
            "the GGUF file ends inside its header: it is cut short or damaged.",
        ),
        (
            header(keys=1, rest=entry(b"a", 99, b"")),
            "the GGUF header gives 'a' the unknown type 99.",
        ),
        (
            header(keys=2, rest=2 * entry(b"a", 4, struct.pack("<I", 1))),
            "the GGUF header has the key 'a' twice.",
        ),
        (header(), "the GGUF header names no general.architecture."),
    ],
)
def test_hostile_headers_get_a_sentence(tmp_path, content, message):
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(ShapeError) as caught:
        from_gguf(path)
    assert str(caught.value) == message


def test_no_such_file(tmp_path):
    with pytest.raises(ShapeError, match=r"cannot be read\.$"):
        from_gguf(tmp_path / "none.gguf")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cut=st.integers(4, 600), flips=st.lists(st.tuples(st.integers(4, 600), st.integers(0, 255))))
@example(cut=600, flips=[])
def test_any_damage_gives_a_shape_or_a_sentence(tmp_path, cut, flips):
    path = tmp_path / "whole.gguf"
    if not path.exists():
        write(path, "llama", LLAMA)
    content = bytearray(path.read_bytes()[:cut])
    for place, value in flips:
        if place < len(content):
            content[place] = value
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(bytes(content))
    try:
        from_gguf(damaged)
    except ShapeError as error:
        assert str(error).endswith((".", "?"))


def cut(content, order="<"):
    """The header as the page's browser sends it, by another hand: see app/memory/drop.js."""
    sizes = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
    at, kept, left_from = 24, b"", 0

    def number(kind):
        nonlocal at
        at += struct.calcsize(kind)
        return struct.unpack(order + kind, content[at - struct.calcsize(kind) : at])[0]

    def skip(kind):
        nonlocal at
        size = number("Q") if kind == 8 else sizes[kind]
        at += size

    tensors, keys = struct.unpack(f"{order}QQ", content[8:24])
    for _ in range(keys):
        skip(8)
        kind = number("I")
        if kind != 9:
            skip(kind)
            continue
        kind, length = number("I"), number("Q")
        start = at
        for _ in range(length):
            skip(kind)
        if kind == 8 or length > LONGEST_LIST:
            kept, left_from = kept + content[left_from:start], at
    for _ in range(tensors):
        skip(8)
        axes = number("I")
        at += 8 * axes + 12
    return kept + content[left_from:at]


TOKENIZER = {
    "tokenizer.ggml.tokens": [f"token {i}" for i in range(LONGEST_LIST + 1)],
    "tokenizer.ggml.scores": [0.5] * (LONGEST_LIST + 1),
    "tokenizer.ggml.merges": ["a b"] * 3,
    "attention.sliding_window_pattern": [True, False],
    "attention.sliding_window": 8,
}


@pytest.mark.parametrize(("endianess", "order"), [(GGUFEndian.LITTLE, "<"), (GGUFEndian.BIG, ">")])
def test_a_cut_header_is_small_and_gives_the_same_shape(tmp_path, endianess, order):
    path = write(tmp_path / "small.gguf", "llama", LLAMA | TOKENIZER, endianess)
    content = cut(path.read_bytes(), order)
    assert len(content) < 1000 < 150_000 < path.stat().st_size
    assert from_cut_header(content, "small.gguf") == from_gguf(path)


@pytest.mark.parametrize("at", [0, 3, 7, 20, 40, 100, 300, -1])
def test_a_cut_header_that_is_damaged_is_a_sentence(tmp_path, at):
    content = cut(write(tmp_path / "small.gguf", "llama", LLAMA | TOKENIZER).read_bytes())
    with pytest.raises(ShapeError, match=r"inside its header|is no GGUF file"):
        from_cut_header(content[:at], "small.gguf")


@pytest.mark.parametrize(("kind", "what"), [(8, "texts"), (4, "numbers")])
def test_a_cut_header_claims_no_endless_list(kind, what):
    content = header(
        keys=1, rest=entry(b"tokenizer.ggml.tokens", 9, struct.pack("<IQ", kind, 2**62))
    )
    with pytest.raises(ShapeError) as caught:
        from_cut_header(content, "a.gguf")
    assert str(caught.value) == (
        f"the GGUF header claims 4611686018427387904 {what} in a list: 4000000 at most."
    )


def test_every_value_is_what_the_gguf_package_reads(tmp_path):
    path = write(tmp_path / "small.gguf", "llama", LLAMA)
    theirs = GGUFReader(path)
    own = read_header(path)
    for key, value in own.metadata.items():
        assert theirs.get_field(key).contents() == value
    assert own.parameters == sum(int(tensor.n_elements) for tensor in theirs.tensors)
