"""``trace``: run a model on a text and print the attention weights of one layer."""

import importlib
import json
from argparse import Namespace
from collections.abc import Iterator

from attention import probes
from attention.cli import traced
from attention.cli.parser import OneLineParser, whole_number
from attention.cli.traced import LayerError, Traced
from attention.devices import DeviceError
from attention.models.huggingface.errors import CheckpointError, TextError
from attention.models.layouts.load import MAX_TOKENS, LayoutError, load_layout

MASKS = ("causal", "bidirectional")
OPTIONS = (
    *("--text", "--heads", "--kv-heads", "--model", "--layer"),
    *("--mask", "--device", "--json", "--out"),
)
REFUSALS = (LayoutError, CheckpointError, DeviceError, LayerError, TextError)
COUNT = whole_number(0, 2**31 - 1)


def main(argv: list[str]) -> int:
    parser = _parser()
    args = parser.parse_args(_with_text_joined(argv, parser))
    # Bytes that are no UTF-8 reach Python as lone surrogates, which no tokenizer takes.
    text = args.text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if not text:
        parser.error("argument --text: '' is empty: give at least one character.")
    try:
        model = _load(args, parser)
        traced.require_layer(args.layer, model.n_layers)
        if args.out is not None:
            _write_page(args, model, text, parser)
        if args.out is None or args.json:
            _print(args, model, text)
    except REFUSALS as error:
        parser.error(str(error))
    return 0


def _load(args: Namespace, parser: OneLineParser):
    """The layout, or the language model, that the arguments name."""
    own = {"--heads": args.heads, "--kv-heads": args.kv_heads, "--mask": args.mask}
    if args.model is not None:
        for option, given in own.items():
            if given is not None:
                parser.error(
                    f"argument {option}: not with --model, which has its own: leave it out."
                )
        return traced.load_language_model(args.model, args.device)
    if missing := [option for option in ("--heads", "--kv-heads") if own[option] is None]:
        parser.error(f"the following arguments are required: {', '.join(missing)}")
    return load_layout(args.heads, args.kv_heads, device=args.device)


def _causal(args: Namespace) -> bool | None:
    """The mask of a trained layout; a language model has its own."""
    return None if args.model is not None else args.mask != "bidirectional"


def _print(args: Namespace, model, text: str) -> None:
    if args.model is None:
        looked = traced.trace_layout(model, text, args.layer, causal=_causal(args))
    else:
        looked = traced.trace_language(model, text, args.layer)
    for chunk in _json(looked) if args.json else _table(looked):
        print(chunk, end="")
    print()


def _write_page(args: Namespace, model, text: str, parser: OneLineParser) -> None:
    """The whole model on the whole text as one HTML file; nothing is printed beside JSON."""
    page = importlib.import_module("attention.picture.page")
    try:
        size = page.write_page(args.out, model, text, layer=args.layer, causal=_causal(args))
    except page.WholeError as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"argument --out: {args.out!r} cannot be written: {error.strerror}.")
    if not args.json:
        print(f"{args.out}: every layer and head, {size / 1e6:.1f} MB, opens without a network.")


def _parser() -> OneLineParser:
    parser = OneLineParser("trace", "Attention weights of a model on a text.")
    parser.add_argument(
        "--text",
        required=True,
        metavar="T",
        help=f"up to {MAX_TOKENS} tokens are kept; with --out as many as the model takes",
    )
    parser.add_argument("--heads", type=COUNT, metavar="H", help="n_heads of a trained layout")
    parser.add_argument("--kv-heads", type=COUNT, metavar="G", help="its n_kv_heads")
    parser.add_argument(
        "--model",
        metavar="M",
        help="a language model instead: smollm2, minilm, a folder or a Hub id",
    )
    parser.add_argument("--layer", type=COUNT, default=0, metavar="L", help="counts from 0")
    parser.add_argument(
        "--mask", choices=MASKS, help="of a trained layout; trained, and left out: causal"
    )
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cuda, mps or cpu")
    parser.add_argument("--json", action="store_true", help="print JSON, with every weight")
    parser.add_argument(
        "--out", metavar="FILE.html", help="write one page with every layer and head instead"
    )
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


def _json(looked: Traced) -> Iterator[str]:
    """The facts and every weight, a query's row at a time: 1,024 tokens make hundreds of MB."""
    yield json.dumps(looked.facts, ensure_ascii=False)[:-1] + ', "weights": ['
    for head, rows in enumerate(looked.layer.weights[0].float().cpu()):
        yield ("[" if head == 0 else ", [")
        for query, row in enumerate(rows):
            yield ("" if query == 0 else ", ") + json.dumps(row.tolist())
        yield "]"
    yield "]}"


def _table(looked: Traced) -> Iterator[str]:
    facts = looked.facts
    yield "tokens      " + " ".join(facts["tokens"]) + "\n"
    yield f"{looked.title:10}  {facts['n_heads']} heads of {facts['head_dim']}, "
    yield f"d_model {facts['d_model']}, {facts['n_kv_heads']} KV heads, "
    yield f"{facts['n_layers']} layers, on {facts['device']}\n"
    yield f"KV cache    {facts['kv_cache_bytes']} bytes measured, "
    yield f"{facts['kv_cache_bytes_formula']} by the formula\n"
    if facts["validation_loss"] is not None:
        yield f"validation  loss {facts['validation_loss']:.3f}\n"
    yield "\nhead  KV head  mostly      value  previous  first  itself  induction  spread"
    weights = looked.layer.weights[0].float().cpu().numpy()
    for head, scores in enumerate(probes.score_heads(weights, looked.ids, looked.causal)):
        name, value = probes.strongest(scores)
        yield f"\n{head:>4}  {looked.layer.config.kv_head_of(head):>7}  {name:10} {value:>6.2f}"
        yield f"  {_number(scores.previous):>8}  {_number(scores.first):>5}"
        yield f"  {_number(scores.self_):>6}  {_number(scores.induction):>9}"
        yield f"  {_number(scores.spread):>6}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
