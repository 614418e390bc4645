"""Why a figure of vLLM's log differs from what was computed: the likely cause, in a sentence."""

from attention.sentence import Sentence

NO_BLOCKS = Sentence("The model that was given keeps nothing in blocks: give the log's own model.")


def other_concurrency(*, has_model: bool) -> str:
    """Why a sequence takes another number of blocks."""
    if not has_model:
        return Sentence(
            "Windows or recurrent layers take fewer blocks for a sequence than its tokens have: "
            "give the model to compare them."
        )
    return Sentence("A sequence takes another number of blocks: max_num_batched_tokens may differ.")


def other_size(found: int, least: int, most: int) -> str:
    """Why a pool has other tokens or blocks than ``least`` to ``most``."""
    times = found / max(1, (least + most) / 2)
    for factor, cause in (
        (2, Sentence("It is twice as many: one byte a number (fp8), or two devices (tp).")),
        (
            0.5,
            Sentence(
                "It is half as many: two bytes a number where one was taken, or half the devices."
            ),
        ),
    ):
        if abs(times / factor - 1) < 0.02:
            return cause
    if 0.9 < times < 1:
        return Sentence(
            "It is {times:.3f} times as many: a draft head or further layers keep a cache too, or "
            "another device had less memory.",
            times=times,
        )
    return Sentence(
        "It is {times:.3f} times as many: tp, the number format or the model may differ.",
        times=times,
    )
