"""Unsloth's ``UD-`` files, which choose a format for each layer by a rule that is not printed.

They are counted as the plain mixture next to them: for dense models times what the files of
Qwen3.5-27B have of it (sizes in lmstudio-ai/lmstudio-bug-tracker issue 1594); by that, the
``UD-Q4_K_XL`` of four other dense Qwen3.5 are met within 2 % (ggml-org/Llama-macOS pull 63). Of
mixtures of experts, the files of Qwen3.5-35B-A3B, 122B-A10B and 397B-A17B there have 105, 92 and
91 % of the plain one: those are left as they are.
"""

from attention.sentence import Sentence

# The plain mixture, and the thousandths of it that a dense model's file has.
DYNAMIC = {
    "q8_k_xl": ("q8_0", 1242), "q6_k_xl": ("q6_k", 1164), "q5_k_xl": ("q5_k_m", 1051),
    "q4_k_xl": ("q4_k_m", 1064), "q3_k_xl": ("q3_k_m", 1083), "q2_k_xl": ("q2_k", 1047),
    "q2_k_l": ("q2_k", 1047), "iq3_xxs": ("iq3_xxs", 1029), "iq2_m": ("iq2_m", 1021),
    "iq2_xxs": ("iq2_xxs", 1018),
}  # fmt: skip


def note(given: str, mixture: str, thousandths: int) -> Sentence:
    """What has to be said of such a file's size.

    Args:
        given: its name, as it was given.
        thousandths: of the mixture; 1000 where it is counted as that.
    """
    if thousandths == 1000:
        return Sentence(
            "{given} chooses a format for each layer by a rule that its makers do not print: it is "
            "counted as {name}, an estimate; published files have from 9 % less to 5 % more.",
            given=given,
            name=mixture.upper(),
        )
    return Sentence(
        "{given} chooses a format for each layer by a rule that its makers do not print: it is "
        "counted as {name} and {more:.1f} % more, as the file of Qwen3.5-27B is, an estimate; "
        "other dense models differ by some percent.",
        given=given,
        name=mixture.upper(),
        more=thousandths / 10 - 100,
    )
