"""``trace``: run a trained layout on a text and print the attention weights of one layer."""

import json
import sys
from collections.abc import Iterator

from attention import memory, probes
from attention.cli.parser import OneLineParser, whole_number
from attention.devices import DeviceError
from attention.kv_cache import KVCache
from attention.memory import KVShape
from attention.models import MAX_TOKENS, LayoutError, LayoutModel, load_layout
from attention.trace import AttentionTrace

MASKS = ("causal", "bidirectional")
OPTIONS = ("--text", "--heads", "--kv-heads", "--layer", "--mask", "--device", "--json")
COUNT = whole_number(0, 2**31 - 1)


def main(argv: list[str]) -> int:
    parser = _parser()
    args = parser.parse_args(_with_text_joined(argv, parser))
    # Bytes that are no UTF-8 reach Python as lone surrogates, which no tokenizer takes.
    text = args.text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if not text:
        parser.error("argument --text: '' is empty: give at least one character.")
    try:
        model = load_layout(args.heads, args.kv_heads, device=args.device)
    except (LayoutError, DeviceError) as error:
        parser.error(str(error))
    if args.layer >= model.n_layers:
        parser.error(
            f"argument --layer: {args.layer} does not exist: choose 0 to {model.n_layers - 1}."
        )

    ids = model.encode(text)
    if len(ids) > MAX_TOKENS:
        print(f"The text has {len(ids)} tokens: the first {MAX_TOKENS} are kept.", file=sys.stderr)
    kept = ids[:MAX_TOKENS]
    causal = args.mask == "causal"
    cache = KVCache(model.n_layers)
    layer = model.trace(kept, causal=causal, cache=cache).layers[args.layer]
    facts = _facts(model, kept, cache.nbytes, truncated=len(ids) > len(kept))
    for chunk in _json(facts, layer) if args.json else _table(facts, layer, kept, causal):
        print(chunk, end="")
    print()
    return 0


def _parser() -> OneLineParser:
    parser = OneLineParser("trace", "Attention weights of a trained layout on a text.")
    parser.add_argument(
        "--text", required=True, metavar="T", help=f"up to {MAX_TOKENS} tokens are kept"
    )
    parser.add_argument("--heads", type=COUNT, required=True, metavar="H", help="n_heads")
    parser.add_argument("--kv-heads", type=COUNT, required=True, metavar="G", help="n_kv_heads")
    parser.add_argument("--layer", type=COUNT, default=0, metavar="L", help="counts from 0")
    parser.add_argument("--mask", choices=MASKS, default="causal", help="trained: causal")
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cuda, mps or cpu")
    parser.add_argument("--json", action="store_true", help="print JSON, with every weight")
    return parser


def _with_text_joined(argv: list[str], parser: OneLineParser) -> list[str]:
    """``--text -5 degrees``: argparse would take it for an option, unless ``=`` binds it.

    What is spelt like an option of ours is one, and the text was forgotten.
    """
    joined, rest = [], iter(argv)
    for argument in rest:
        text = next(rest, None) if argument == "--text" else None
        if text in OPTIONS:
            parser.error(f"argument --text: no text is given: write --text={text} to mean that.")
        joined.append(argument if text is None else f"--text={text}")
    return joined


def _facts(model: LayoutModel, ids: list[int], cache_bytes: int, truncated: bool) -> dict:
    config = model.config
    shape = KVShape(n_layers=model.n_layers, n_kv_heads=config.n_kv_heads, head_dim=config.head_dim)
    return {
        "tokens": model.token_texts(ids),
        "n_layers": model.n_layers,
        "n_heads": config.n_heads,
        "n_kv_heads": config.n_kv_heads,
        "head_dim": config.head_dim,
        "d_model": config.d_model,
        "kv_cache_bytes": cache_bytes,
        "kv_cache_bytes_formula": memory.bytes_total(shape, len(ids), 1, "float32"),
        "validation_loss": model.card["validation_loss"],
        "device": model.device,
        "truncated": truncated,
    }


def _json(facts: dict, layer: AttentionTrace) -> Iterator[str]:
    """The facts and every weight, a query's row at a time: 1,024 tokens make hundreds of MB."""
    yield json.dumps(facts, ensure_ascii=False)[:-1] + ', "weights": ['
    for head, rows in enumerate(layer.weights[0].float().cpu()):
        yield ("[" if head == 0 else ", [")
        for query, row in enumerate(rows):
            yield ("" if query == 0 else ", ") + json.dumps(row.tolist())
        yield "]"
    yield "]}"


def _table(facts: dict, layer: AttentionTrace, ids: list[int], causal: bool) -> Iterator[str]:
    yield "tokens      " + " ".join(facts["tokens"]) + "\n"
    yield f"layout      {facts['n_heads']} heads of {facts['head_dim']}, "
    yield f"d_model {facts['d_model']}, {facts['n_kv_heads']} KV heads, "
    yield f"{facts['n_layers']} layers, on {facts['device']}\n"
    yield f"KV cache    {facts['kv_cache_bytes']} bytes measured, "
    yield f"{facts['kv_cache_bytes_formula']} by the formula\n"
    yield f"validation  loss {facts['validation_loss']:.3f}\n\n"
    yield "head  KV head  mostly      value  previous  first  itself  induction  spread"
    weights = layer.weights[0].float().cpu().numpy()
    for head, scores in enumerate(probes.score_heads(weights, ids, causal)):
        name, value = probes.strongest(scores)
        yield f"\n{head:>4}  {layer.config.kv_head_of(head):>7}  {name:10} {value:>6.2f}"
        yield f"  {_number(scores.previous):>8}  {_number(scores.first):>5}"
        yield f"  {_number(scores.self_):>6}  {_number(scores.induction):>9}"
        yield f"  {_number(scores.spread):>6}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
