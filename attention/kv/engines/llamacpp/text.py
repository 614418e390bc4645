"""What llama.cpp's figures take for granted, and why they differ from the formula's."""

from attention.kv.allocation import Allocation
from attention.kv.engines import logical
from attention.kv.engines.llamacpp.settings import (
    CELLS,
    FLASH_ATTN,
    MLA,
    N_UBATCH,
    PAD,
    SWA_FULL,
    UNIFIED,
    slots,
)
from attention.kv.engines.parts import Factors
from attention.kv.layer import LayerKind
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload
from attention.sentence import Sentence

_MLA = {
    "latent": Sentence(
        "as K alone, without V (llama.cpp since January 2026, pull request #19067; ik_llama.cpp "
        "with -mla 3)"
    ),
    "latent_and_v": Sentence(
        "with the latent a second time as V (llama.cpp from April 2025 to January 2026; "
        "ik_llama.cpp with -mla 1)"
    ),
    "expanded": Sentence(
        "as every head's K and V (llama.cpp before April 2025, or a GGUF file made then)"
    ),
}


def notes(shape: ModelShape, workload: Workload, windows_full: bool) -> tuple[str, ...]:
    """What is taken for granted of versions and settings, in sentences."""
    found: list[str] = []
    if LayerKind.LATENT in shape.kinds:
        found.append(Sentence("Latent layers are kept {mla}.", mla=_MLA[workload[MLA]]))
    if any(layer.window for layer in shape.layers):
        if not windows_full:
            found.append(
                Sentence(
                    "Window layers have a cache of their own (since May 2025), made for "
                    "micro-batches of {workload} tokens (-ub).",
                    workload=workload[N_UBATCH],
                )
            )
        elif workload[SWA_FULL]:
            found.append(Sentence("Window layers are kept in full (--swa-full)."))
        else:
            found.append(
                Sentence("Every layer is a window: llama.cpp ignores such windows and keeps all.")
            )
    if slots(workload) > 1:
        how = (
            Sentence("share one pool of cells")
            if workload[UNIFIED]
            else Sentence("have a stream of cells each")
        )
        found.append(
            Sentence("The {workload} sequences (-np) {how}.", workload=slots(workload), how=how)
        )
    if any(layer.states for layer in shape.layers):
        found.append(Sentence("Recurrent states are kept as float32, one for each sequence."))
    if any(layer.cross is not None for layer in shape.layers):
        found.append(
            Sentence("K and V of the encoder's tokens are computed anew at each step, not kept.")
        )
    return tuple(found)


def gaps(
    shape: ModelShape, workload: Workload, allocation: Allocation, places: tuple[Factors, Factors]
) -> tuple[str, ...]:
    """Why the cells are more (or fewer) than the tokens asked for, in sentences.

    Args:
        places: cells and streams of the layers that keep every token, and of window layers.
    """
    ((base, _), (streams, _)), ((window, _), _) = places
    asked = workload.context * workload.batch
    found: list[str] = []
    if workload[CELLS] is None and base * streams > asked:
        found.append(
            Sentence(
                "{asked} tokens are rounded up to {base} cells in {streams}: a multiple of "
                "{workload}.",
                asked=asked,
                base=base,
                streams=_times(streams),
                workload=workload[PAD],
            )
        )
    if workload[CELLS] is not None and base != asked:
        found.append(
            Sentence(
                "The cells were given: {base}, for {asked} tokens asked for.",
                base=base,
                asked=asked,
            )
        )
    if streams > 1 and base < workload.context:
        found.append(
            Sentence(
                "Each of the {streams} sequences has {base} cells, fewer than the context of "
                "{context}: -c is divided by -np.",
                streams=streams,
                base=base,
                context=workload.context,
            )
        )
    elif base * streams < asked:
        found.append(
            Sentence("{base} tokens fit, of {asked} asked for.", base=base * streams, asked=asked)
        )
    found += _of_windows(shape, workload, base, window)
    found += _of_other_things(shape, workload)
    return (*found, *logical.format_gaps(shape, workload, allocation))


def _of_windows(shape: ModelShape, workload: Workload, base: int, window: int) -> list[str]:
    needed = min(workload.context, max((layer.window or 0 for layer in shape.layers), default=0))
    if needed and window == base > needed:
        return [
            Sentence(
                "Window layers keep all {base} cells, though they see {needed} tokens.",
                base=base,
                needed=needed,
            )
        ]
    if needed and window > needed:
        return [
            Sentence(
                "Window layers have {window} cells for the {needed} tokens that they see: room "
                "for a micro-batch, padding, and every sequence of the pool.",
                window=window,
                needed=needed,
            )
        ]
    return []


def _of_other_things(shape: ModelShape, workload: Workload) -> list[str]:
    found: list[str] = []
    if workload.shared_prefix and workload.batch > 1:
        found.append(Sentence("The common prefix is kept once for each sequence."))
    if slots(workload) > workload.batch and any(layer.states for layer in shape.layers):
        found.append(
            Sentence(
                "There are states for {workload} sequences, not {batch}.",
                workload=slots(workload),
                batch=workload.batch,
            )
        )
    if any(layer.cross is not None for layer in shape.layers):
        found.append(Sentence("K and V of the encoder's tokens are not kept."))
    if LayerKind.LATENT in shape.kinds and workload[MLA] != "latent":
        found.append(
            Sentence("The latent's V (or all heads) is kept beside what the formula needs.")
        )
    if not workload[FLASH_ATTN]:
        found.append(
            Sentence("Without flash attention V's rows are as wide as the widest layer's.")
        )
    return found


def _times(streams: int) -> str:
    return (
        Sentence("one stream")
        if streams == 1
        else Sentence("each of {streams} streams", streams=streams)
    )
