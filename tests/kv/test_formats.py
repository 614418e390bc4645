"""Number formats against the block table of the gguf package, and sums done by hand."""

from fractions import Fraction

import pytest
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

from attention.kv.formats import STORED_FORMATS, FormatError, stored_format

CHOICES = ", ".join(known.name for known in STORED_FORMATS)


@pytest.mark.parametrize(
    ("name", "ggml"),
    [
        ("q8_0", "Q8_0"),
        ("q5_1", "Q5_1"),
        ("q5_0", "Q5_0"),
        ("q4_1", "Q4_1"),
        ("q4_0", "Q4_0"),
        ("iq4_nl", "IQ4_NL"),
        ("f32", "F32"),
        ("f16", "F16"),
        ("bf16", "BF16"),
    ],
)
def test_blocks_are_ggml_s(name, ggml):
    stored = stored_format(name)
    assert (stored.numbers, stored.size) == GGML_QUANT_SIZES[GGMLQuantizationType[ggml]]


PAYLOAD = "{name} counts the payload only: scales and zero points are excluded."


@pytest.mark.parametrize(
    ("names", "bits", "note"),
    [
        (("float32", "fp32", "f32", "FP32"), 32, ""),
        (("float16", "fp16", "f16"), 16, ""),
        (("bfloat16", "bf16", "BF16"), 16, ""),
        (("fp8", "float8", "e4m3", "e5m2", "fp8_e4m3", "fp8_e5m2"), 8, PAYLOAD),
        (("int8",), 8, PAYLOAD),
        (("int4",), 4, PAYLOAD),
    ],
)
def test_plain_formats_have_whole_bits_and_say_what_they_leave_out(names, bits, note):
    for name in names:
        stored = stored_format(name)
        assert stored.name == names[0]
        assert stored.bytes_per_number == Fraction(bits, 8)
        assert stored.notes == ((note.format(name=names[0]),) if note else ())


@pytest.mark.parametrize(
    ("names", "format_name"),
    [
        (("F16", "fp16", "float16", "half", "torch.float16"), "float16"),
        (("BF16", "bfloat16", "torch.bfloat16"), "bfloat16"),
        (("fp8_e4m3", "fp8_e5m2", "e4m3", "float8_e4m3fn", "fp8", "torch.float8_e5m2"), "fp8"),
        (("Q8_0",), "q8_0"),
        (("fp32", "f32", "float32"), "float32"),
    ],
)
def test_every_usual_name(names, format_name):
    assert {stored_format(name).name for name in names} == {format_name}


@pytest.mark.parametrize("name", ["fp7", "", "float", None, 8, "q8_1"])
def test_refuses_an_unknown_format(name):
    with pytest.raises(FormatError) as refused:
        stored_format(name)
    assert str(refused.value) == f"number format {name!r} is unknown: choose {CHOICES}."


def test_a_long_unknown_name_is_cut():
    with pytest.raises(FormatError) as refused:
        stored_format("x" * 10**6)
    assert len(str(refused.value)) < 400


def test_a_row_fills_its_blocks():
    stored_format("q8_0").require_row(64, "K's head_dim")
    stored_format("float16").require_row(80, "K's head_dim")
    with pytest.raises(FormatError) as refused:
        stored_format("q8_0").require_row(80, "K's head_dim")
    assert str(refused.value) == (
        "q8_0 stores blocks of 32 numbers and K's head_dim 80 does not divide by that: "
        "choose float16."
    )
