"""Published figures of sharing, which disagree with each other: numbers only, no words. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """One table of a paper, as printed there.

    Args:
        name: of its words, ``heads.share.published.<name>``.
        rows: a layout and its figures; "" is MHA with a cache as small as that of MQA.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


PUBLISHED = (
    Published(
        "shazeer",
        ("perplexity",),
        (("MHA 8×128", "29.9"), ("MQA, d_ff ↑", "30.2"), ("", "30.9–31.2")),
    ),
    Published(
        "ainslie",
        ("s", "average"),
        (
            ("MHA-Large", "0.37", "46.0"),
            ("MHA-XXL", "1.51", "47.2"),
            ("MQA-XXL", "0.24", "46.6"),
            ("GQA-8-XXL", "0.28", "47.1"),
        ),
    ),
    Published(
        "llama2",
        ("BoolQ", "HellaSwag", "TriviaQA", "MMLU", "GSM8K", "HumanEval"),
        (
            ("MHA", "71.0", "75.1", "44.7", "28.0", "4.9", "7.9"),
            ("MQA", "70.6", "74.5", "42.8", "26.5", "4.8", "7.3"),
            ("GQA", "69.4", "75.4", "46.2", "26.9", "5.3", "7.9"),
        ),
    ),
    Published(
        "deepseek",
        ("BBH", "MMLU", "C-Eval", "CMMLU"),
        (
            ("MQA", "33.2", "37.9", "30.0", "34.6"),
            ("GQA-8", "35.6", "41.2", "37.7", "38.4"),
            ("MHA", "37.0", "45.2", "42.9", "43.5"),
        ),
    ),
)
