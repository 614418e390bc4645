"""Arithmetic that opens: each figure as formula, numbers, where they come from, sources. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from app.i18n import Words
from app.memory.amounts import Amounts
from app.memory.answer import Answer
from app.memory.compute import AS_IS
from app.memory.groups import Group, group
from attention.kv.engines.logical import ratio_to_mha
from attention.kv.layer import LayerKind

LAYER_FIELDS = (
    "n_heads", "n_kv_heads", "k_head_dim", "v_head_dim", "window", "latent_rank", "rope_dim",
    "compress", "indexer_dim",
)  # fmt: skip
MODEL_FIELDS = ("n_layers", "d_model", "max_context", "vocab", "parameters", "number_format")
MOST_GROUPS = 12
FIELD_TERMS = {  # of the glossary
    "n_heads": "head", "n_kv_heads": "kv_head", "k_head_dim": "head_dim", "v_head_dim": "head_dim",
    "n_layers": "layer", "d_model": "width",
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One figure: its name and size, and the HTML that it unfolds into."""

    name: str  # a key of the locale files, below memory.figure
    value: str
    html: str


def figures(told: Answer, amounts: Amounts, words: Words) -> tuple[Figure, ...]:
    """The figures of the page, each with what it was made of."""
    groups = group(told.shape, told.allocation)
    found = [
        _total(told, groups, amounts, words),
        _per_token(told, groups, amounts, words),
        _ratio(told, amounts, words),
        _layers(told, groups, amounts, words),
    ]
    if told.shape.parameters:
        found.append(_parameters(told, told.shape.parameters, words))
    found.append(_numbers(told, words))
    return tuple(found)


def _total(told: Answer, groups: tuple[Group, ...], amounts: Amounts, words: Words) -> Figure:
    found = told.allocation
    parts = [
        line(words("memory.figure.formula"), words("memory.figure.total_formula")),
        line(words("memory.figure.filled"), escape(words.told(found.formula))),
        line("", escape(amounts.exact(found.bytes_total))),
    ]
    if found.allocated_bytes != found.bytes_total:
        parts.append(
            line(words("memory.figure.behind"), escape(amounts.exact(found.allocated_bytes)))
        )
    parts.append(fields_table(told, groups, words))
    parts.append(asked_table(told, words))
    parts.append(sources(found.sources, words))
    return Figure("total", amounts.size(found.allocated_bytes), "".join(parts))


def _per_token(told: Answer, groups: tuple[Group, ...], amounts: Amounts, words: Words) -> Figure:
    """What a layer adds for a token, times the layers that still grow."""
    terms, context = [], told.configuration.context
    for each in groups:
        if not each.layer.grows:
            continue
        full = each.layer.window and context >= each.layer.window and not each.layer.compress
        what = words(f"memory.kind.{each.layer.kind}", n=words.number(each.layer.window or 0))
        product = _token_product(each, told, words)
        state = words("memory.figure.full") if full else ""
        terms.append(f"{each.n_layers} × [{what}] {product} {state}")
    found = told.allocation
    parts = [
        line(words("memory.figure.formula"), words("memory.figure.token_formula")),
        *(line(words("memory.figure.filled") if not i else "", escape(term))
          for i, term in enumerate(terms)),
        line(words("memory.figure.now"), escape(amounts.exact(found.bytes_per_token))),
    ]  # fmt: skip
    if told.first != found.bytes_per_token:
        parts.append(line(words("memory.figure.first"), escape(amounts.exact(told.first))))
    parts.append(fields_table(told, groups, words))
    parts.append(sources(found.sources, words))
    return Figure("token", amounts.size(found.bytes_per_token), "".join(parts))


def _token_product(each: Group, told: Answer, words: Words) -> str:
    layer, workload = each.layer, told.workload
    stored = words.told(workload.k.text)
    if layer.latent_rank:
        numbers = f"({words.number(layer.latent_rank)} + {words.number(layer.rope_dim)})"
        return f"{numbers} · {stored}"
    k = f"{layer.n_kv_heads} · {layer.k_head_dim} · {stored}"
    if not layer.v_head_dim:
        return f"{k} {words('memory.figure.k_is_v')}"
    if layer.v_head_dim == layer.k_head_dim and workload.k == workload.v:
        return f"2 · {k}"
    return f"({k} + {layer.n_kv_heads} · {layer.v_head_dim} · {words.told(workload.v.text)})"


def _ratio(told: Answer, amounts: Amounts, words: Words) -> Figure:
    ratio = ratio_to_mha(told.shape)
    rows = [
        (_role(role, words), escape(amounts.exact(total))) for role, total in told.totals.items()
    ]
    parts = [
        line(words("memory.figure.formula"), words("memory.figure.ratio_formula")),
        *(line(name, size) for name, size in rows),
        line("", words("memory.figure.ratio_note")),
    ]
    return Figure("ratio", f"{words.number(ratio)} ×", "".join(parts))


def _role(role: str, words: Words) -> str:
    """As HTML: the name of a scheme opens what it means."""
    name = escape(words(f"memory.role.{role}"))
    return name if role == AS_IS else f"<t {role}>{name}</t>"


def _layers(told: Answer, groups: tuple[Group, ...], amounts: Amounts, words: Words) -> Figure:
    heads = [words(f"memory.figure.{name}") for name in
             ("layers", "kind", "tokens", "k", "v", "other", "steps")]  # fmt: skip
    rows = []
    for each in groups[:MOST_GROUPS]:
        kind = words(f"memory.kind.{each.layer.kind}",
                     n=words.number(each.layer.window or each.layer.compress or 0))  # fmt: skip
        held = each.held
        sizes = [amounts.size(n) for n in (held.k_bytes, held.v_bytes, held.other_bytes)]
        rows.append([f"{each.n_layers}: {each.where}", kind, words.number(held.tokens_held), *sizes,
                     words.told(held.steps)])  # fmt: skip
    html = table(heads, rows)
    if len(groups) > MOST_GROUPS:
        html += f"<p>{words.count('memory.strip.others', len(groups) - MOST_GROUPS)}</p>"
    shared = sum(layer.kind is LayerKind.SHARED for layer in told.shape.layers)
    value = words.count("memory.strip.label", told.shape.n_layers)
    if shared:
        value += f" ({words.count('memory.figure.shared', shared)})"
    return Figure("layers", value, html)


def _parameters(told: Answer, parameters: int, words: Words) -> Figure:
    shape = told.shape
    origin = shape.origins.get("parameters", words("memory.figure.unknown"))
    html = line(words("memory.figure.from"), escape(words.told(origin))) + sources(
        shape.sources, words
    )
    return Figure("parameters", words.number(parameters), html)


def _numbers(told: Answer, words: Words) -> Figure:
    shape = told.shape
    rows = [
        [name, str(value) if isinstance(value, str) else words.number(value),
         words.told(shape.origins.get(name, words("memory.figure.unknown")))]
        for name in MODEL_FIELDS
        if (value := getattr(shape, name)) is not None
    ]  # fmt: skip
    heads = [words(f"memory.figure.{name}") for name in ("field", "value", "from")]
    parts = [table(heads, [["model_type", shape.model_type or "–", ""], *rows])]
    parts.append(fields_table(told, group(shape, told.allocation), words))
    parts.append(sources(shape.sources, words))
    return Figure("numbers", escape(shape.model_type), "".join(parts))


def fields_table(told: Answer, groups: Iterable[Group], words: Words) -> str:
    """Every number of the layers: its value, the config field or default, the layers."""
    shape = told.shape
    rows: dict[tuple[str, int | float, str], list[Group]] = {}
    for each in groups:
        for name in LAYER_FIELDS:
            value = getattr(each.layer, name)
            if not value or (not each.layer.grows and name != "n_heads"):
                continue
            origin = shape.origin(each.indices[0], name) or words("memory.figure.unknown")
            rows.setdefault((name, value, origin), []).append(each)
    body = [
        [name, words.number(value), words.told(origin), ", ".join(each.where for each in where)]
        for (name, value, origin), where in rows.items()
    ]
    heads = [words(f"memory.figure.{name}") for name in ("field", "value", "from", "layers")]
    return table(heads, body)


def asked_table(told: Answer, words: Words) -> str:
    """What was asked: context, users, formats, and the engine's settings."""
    one = told.configuration
    rows = [
        [words("memory.context"), words.number(one.context)],
        [words("memory.users"), words.number(one.users)],
        [words("memory.prefix"), words.number(one.prefix)],
        [words("memory.k"), words.told(told.workload.k.text)],
        [words("memory.v"), words.told(told.workload.v.text)],
        [words("memory.n_gpus"), words.number(one.n_gpus)],
    ]
    return table([words("memory.figure.asked"), words("memory.figure.value")], rows)


def line(name: str, html: str) -> str:
    """A name and what belongs to it; ``html`` is escaped by the caller."""
    return f'<p class="hc-line"><span>{name}</span> <code>{html}</code></p>'


def sources(found: Iterable[str], words: Words) -> str:
    """Where it can be looked up; empty without any."""
    entries = "".join(f"<li>{escape(words.told(source))}</li>" for source in found)
    return f"<p>{words('memory.figure.sources')}</p><ul>{entries}</ul>" if entries else ""


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "hc-table") -> str:
    """A table; every cell is escaped here. A field of a model in the first opens its term."""
    top = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    body = ""
    for first, *rest in rows:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        name, term = escape(first), FIELD_TERMS.get(first)
        opens = f"<t {term}>{name}</t>" if term else name
        body += f'<tr><th scope="row">{opens}</th>{cells}</tr>'
    return (
        f'<div class="hc-scroll"><table class="{kind}"><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
