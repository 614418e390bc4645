"""The answer of ``kv`` as lines that a person reads."""

from attention.amounts import in_units


def table(answer: dict) -> str:
    """Sizes first, then how they come about, then what was taken for granted."""
    per_token, total, ratio = (
        answer[name] for name in ("bytes_per_token", "bytes_total", "ratio_to_mha")
    )
    where = f", on each of {answer['devices']} devices" if answer["devices"] > 1 else ""
    at_first = answer["bytes_per_token_at_first"]
    still = "all layers, K and V"
    if answer["windows"]:
        still = f"layers that still grow; {size(at_first)} while every window does"
    lines = [
        f"total      {size(total)}{where}",
        f"per token  {size(per_token)}, one sequence, {still}",
        f"to MHA     {ratio} × smaller than with a KV head for every query head",
        *_engine_lines(answer),
        f"formula    {answer['formula']}",
        *(f"gap        {sentence}" for sentence in answer["gaps"]),
        *(f"note       {sentence}" for sentence in answer["assumptions"]),
    ]
    for layer in answer.get("per_layer", ()):
        lines.append(f"layer {layer['layer']:<4} {layer['kind']}: {layer['steps']}")
    return "\n".join(lines)


def _engine_lines(answer: dict) -> list[str]:
    if answer["engine"] == "logical":
        return []
    usable, asked = answer["usable_tokens"], answer["asked_tokens"]
    return [
        f"engine     {answer['engine']}",
        f"ideal      {size(answer['ideal_bytes'])}, what the maths needs",
        f"allocated  {size(answer['allocated_bytes'])}",
        f"usable     {usable:,} tokens, of {asked:,} asked for",
    ]


def size(n_bytes: int | float) -> str:
    """``"1 GiB (1,073,741,824 bytes)"``."""
    readable = in_units(n_bytes)
    return readable if n_bytes < 1024 else f"{readable} ({n_bytes:,} bytes)"
