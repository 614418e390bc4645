"""The answer of ``fit`` as lines that a person reads."""

from attention.cli.kv_text import size


def table(answer: dict) -> str:
    """Whether it fits, the sum, what would fit, the limit of speed, and what was assumed."""
    gpus, speed = answer["gpus"], answer["speed"]
    where = f"{gpus} × {answer['gpu']['name']}" if gpus > 1 else answer["gpu"]["name"]
    where += f" ({answer['divided']})" if answer["divided"] else ""
    each = " on each" if gpus > 1 else ""
    weights = f"{answer['weights']}, {answer['bits_per_weight']:.4g} bits a weight"
    asked = f"{answer['users']} × {answer['context']} tokens, {answer['engine']}"
    verdict = "fits on" if answer["holds"] else "does not fit on"
    lines = [
        *_question(answer),
        f"{answer['model']} with {asked}, {verdict} {where}{_lacking(answer)}",
        f"{'weights':10} {size(answer['weights_bytes'])}{each}: {weights}",
        f"{'cache':10} {size(answer['cache_bytes'])}{each}",
        f"{'overhead':10} {size(answer['overhead_bytes'])}{each}, an assumption",
        f"{'usable':10} {size(answer['usable_bytes'])}{each}",
        f"{'context':10} {_most(answer['largest_context'], 'tokens')} at most",
        f"{'users':10} {_most(answer['most_users'], 'sequences')} at most; with "
        f"{answer['average_context']} tokens each on average "
        f"{_most(answer['most_users_at_average'], 'sequences')}",
        f"{'GPUs':10} {_gpus(answer)}",
        f"{'speed':10} {speed['tokens_per_second']:.4g} tokens a second at most, "
        f"{speed['tokens_per_second_each']:.4g} for each: {speed['binds']} binds",
    ]
    lines += [f"{'log':10} {line}" for line in answer["log"]]
    if answer["attention"]:
        heads = {"mha": "MHA", "as_is": "as it is", "mqa": "MQA"}
        found = (
            f"{heads[point['heads']]} {point['intensity']:.4g}" for point in answer["attention"]
        )
        lines.append(f"{'attention':10} FLOPs for a byte of cache: {', '.join(found)}")
    for layer in answer.get("per_layer", ()):
        lines.append(f"layer {layer['layer']:<4} {layer['kind']}: {layer['steps']}")
    for name, text in {**answer["steps"], **speed["steps"]}.items():
        lines.append(f"{'formula':10} {name}: {text}")
    notes = dict.fromkeys([*answer["notes"], *answer["assumptions"], *speed["assumptions"]])
    lines += [f"{'note':10} {note}" for note in notes]
    lines += [f"{'source':10} {source}" for source in answer["gpu"]["sources"]]
    return "\n".join(lines)


def _most(value: int | None, noun: str) -> str:
    return f"any number of {noun}" if value is None else f"{value} {noun}"


def _gpus(answer: dict) -> str:
    needed = answer["gpus_needed"]
    of_these, how = "no number of them holds it", answer["gpus_divided"]
    if needed is not None:
        of_these = f"{needed} of them needed for this{f' ({how})' if how else ''}"
    smallest, gpus = answer["smallest_gpu"], answer["gpus"]
    many = f"{gpus} of it" if gpus > 1 else "one"
    alone = f"no GPU of the table holds it, {many}"
    return f"{of_these}; {alone if smallest is None else f'smallest, {many}: {smallest}'}"


def _question(answer: dict) -> list[str]:
    """What of a line of text was understood."""
    if "understood" not in answer:
        return []
    lines = [f"{'understood':10} {', '.join(answer['understood'])}"]
    if answer["not_understood"]:
        lines.append(f"{'ignored':10} {', '.join(answer['not_understood'])}")
    return lines


def _lacking(answer: dict) -> str:
    """What lacks, how many users fit, and what would make it fit."""
    if answer["holds"]:
        return ""
    each = " on each" if answer["gpus"] > 1 else ""
    users = _most(answer["most_users"], "users")
    would = ", or ".join(answer["would_fit"])
    said = f": {size(-answer['left_bytes'])} lacking{each}, {users} fit"
    return f"{said}; it fits with {would}" if would else said
