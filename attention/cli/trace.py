"""``trace``: run a model on a text and print the attention weights of one layer."""

import importlib
import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import Any

from torch import Tensor

from attention.cli.named import HELP, named_model
from attention.cli.parser import OneLineParser, whole_number
from attention.cli.stills import KINDS, add_stills, write_stills
from attention.cli.texts import clean, with_text_joined
from attention.config import AttentionConfig
from attention.devices import DeviceError
from attention.models.base import Model
from attention.models.blocks import number_of
from attention.models.huggingface.errors import CheckpointError
from attention.models.layouts.load import LayoutError, load_layout
from attention.models.layouts.network import MAX_TOKENS
from attention.models.limits import TextError
from attention.models.look import Reading
from attention.models.predictions import TOP
from attention.models.reading import given
from attention.models.roles import Role
from attention.picture.blocks import told as told_of_blocks
from attention.picture.scene import SceneError
from attention.picture.still import StillError
from attention.scores import SCORES, occasions, of_weights, strongest, told
from attention.words import load_words

MASKS = ("causal", "bidirectional")
REFUSALS = (LayoutError, CheckpointError, DeviceError, TextError, SceneError, StillError)
ROLE_OF = {kind.name: kind.role for kind in SCORES if kind.role}
COUNT = whole_number(0, 2**31 - 1)


def main(argv: list[str]) -> int:
    parser = _parser()
    args = parser.parse_args(with_text_joined(argv, parser))
    try:
        model = _load(args, parser)
        if args.layer >= model.n_layers:
            most = model.n_layers - 1
            parser.error(f"argument --layer: {args.layer} does not exist: choose 0 to {most}.")
        if args.out is not None:
            _write_page(args, model, _reading(args, model, None, parser), parser)
        files = {kind: path for kind in KINDS if (path := getattr(args, kind)) is not None}
        if files:
            reading = _reading(args, model, None, parser)
            write_stills(files, args, model, reading, _causal(args), parser)
        if (args.out is None and not files) or args.json:
            _print(args, model, _reading(args, model, MAX_TOKENS, parser))
    except REFUSALS as error:
        parser.error(str(error))
    return 0


def _load(args: Namespace, parser: OneLineParser) -> Model:
    """The layout, or the language model, that the arguments name."""
    own = {"--heads": args.heads, "--kv-heads": args.kv_heads, "--mask": args.mask}
    if args.model is not None:
        for option, given in own.items():
            if given is not None:
                parser.error(
                    f"argument {option}: not with --model, which has its own: leave it out."
                )
        return named_model(args.model, args.device)
    if missing := [option for option in ("--heads", "--kv-heads") if own[option] is None]:
        parser.error(f"the following arguments are required: {', '.join(missing)}")
    return load_layout(args.heads, args.kv_heads, device=args.device)


def _causal(args: Namespace) -> bool | None:
    """The mask of a trained layout; a language model has its own."""
    return None if args.model is not None else args.mask != "bidirectional"


def _reading(args: Namespace, model: Model, most: int | None, parser: OneLineParser) -> Reading:
    """The text, two of them, or a chat."""
    second = None if args.text_b is None else clean(args.text_b, parser, "--text-b")
    if args.chat is not None and second is not None:
        parser.error("argument --text-b: not with --chat: it goes with --text.")
    if args.chat is not None:
        return given(model, None, most, messages=_messages(args.chat, parser))
    return given(model, clean(args.text, parser), most, second=second)


def _messages(chat: str, parser: OneLineParser) -> list[dict[str, Any]]:
    """``--chat``: one thing that a user says, or JSON messages with role and content."""
    text = clean(chat, parser, "--chat")
    if not text.lstrip().startswith("["):
        return [{"role": "user", "content": text}]
    try:
        messages = json.loads(text)
    except ValueError as error:
        parser.error(f"argument --chat: it is no valid JSON: {error}.")
    if not all(isinstance(m, dict) and {"role", "content"} <= m.keys() for m in messages):
        parser.error('argument --chat: each message needs a "role" and a "content".')
    return messages


def _print(args: Namespace, model: Model, reading: Reading) -> None:
    if reading.cut:
        kept = len(reading.ids)
        print(f"The text has {reading.total} tokens: the first {kept} are kept.", file=sys.stderr)
    for said in _said(model, args.layer):
        print(said, file=sys.stderr)
    weights, config = _weights(args, model, reading)
    facts = _facts(model, reading, config)
    if args.json:
        facts["next"] = _next(model, reading, _causal(args))
        chunks = _json(facts, weights)
    else:
        chunks = _table(facts, model, reading, weights, config, model.roles()[args.layer])
    for chunk in chunks:
        print(chunk, end="")
    print()


def _said(model: Model, layer: int) -> list[str]:
    """What there is to say of a model that is more than attention, or shows less."""
    words = load_words("en")
    said = [words("sentence.weights_only")] if model.weights_only else []
    if model.blocks:
        number = number_of(layer, model.blocks)
        said.append(f"Layer {layer} is the attention of block {number} of {len(model.blocks)}.")
    return said + told_of_blocks(model.blocks, words)


def _weights(args: Namespace, model: Model, reading: Reading) -> tuple[Tensor, AttentionConfig]:
    """``[n_heads, n, n]`` of the layer, and its shape."""
    if model.weights_only:
        kept = model.look(reading.ids).kept[args.layer]
        return kept.every_weight(), model.configs[args.layer]
    layer = model.trace(reading.ids, layer=args.layer, causal=_causal(args))
    return layer.weights[0], layer.config


def _facts(model: Model, reading: Reading, config: AttentionConfig) -> dict[str, Any]:
    """The fields of the JSON, but the weights."""
    return {
        "tokens": list(reading.tokens),
        "n_layers": model.n_layers,
        "n_heads": config.n_heads,
        "n_kv_heads": config.n_kv_heads,
        "head_dim": config.head_dim,
        "d_model": config.d_model,
        "kv_cache_bytes": model.measure_cache(reading.ids),
        "kv_cache_bytes_formula": model.cache_formula(len(reading.ids)),
        "validation_loss": model.validation_loss,
        "device": model.device,
        "truncated": reading.cut,
    }


def _next(model: Model, reading: Reading, causal: bool | None) -> list[tuple[str, float]] | None:
    """The most probable next tokens with their probabilities; None where none is predicted."""
    tokens = model.top(reading.ids, TOP, causal=causal)
    return None if tokens is None else [(token.text, token.probability) for token in tokens]


def _write_page(args: Namespace, model: Model, reading: Reading, parser: OneLineParser) -> None:
    """The whole model on the whole text as one HTML file; nothing is printed beside JSON."""
    page = importlib.import_module("attention.picture.page")
    try:
        size = page.write_page(args.out, model, reading, layer=args.layer, causal=_causal(args))
    except OSError as error:
        parser.error(f"argument --out: {args.out!r} cannot be written: {error.strerror}.")
    if not args.json:
        print(f"{args.out}: every layer and head, {size / 1e6:.1f} MB, opens without a network.")


def _parser() -> OneLineParser:
    parser = OneLineParser("trace", "Attention weights of a model on a text.")
    texts = parser.add_mutually_exclusive_group(required=True)
    texts.add_argument(
        "--text",
        metavar="T",
        help=f"up to {MAX_TOKENS} tokens are kept; with --out as many as the model takes",
    )
    texts.add_argument(
        "--chat",
        metavar="C",
        help="through the model's chat template: what a user says, or JSON messages",
    )
    parser.add_argument(
        "--text-b", metavar="T", help="a second text behind the separator, for encoders like BERT"
    )
    parser.add_argument("--heads", type=COUNT, metavar="H", help="n_heads of a trained layout")
    parser.add_argument("--kv-heads", type=COUNT, metavar="G", help="its n_kv_heads")
    parser.add_argument(
        "--model",
        metavar="M",
        help=f"instead of these: {HELP}",
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
    add_stills(parser)
    return parser


def _json(facts: dict[str, Any], weights: Tensor) -> Iterator[str]:
    """The facts and every weight, a query's row at a time: 1,024 tokens make hundreds of MB."""
    yield json.dumps(facts, ensure_ascii=False)[:-1] + ', "weights": ['
    for head, rows in enumerate(weights.float().cpu()):
        yield ("[" if head == 0 else ", [")
        for query, row in enumerate(rows):
            yield ("" if query == 0 else ", ") + json.dumps(row.tolist())
        yield "]"
    yield "]}"


def _table(
    facts: dict[str, Any],
    model: Model,
    reading: Reading,
    weights: Tensor,
    config: AttentionConfig,
    roles: Sequence[Role],
) -> Iterator[str]:
    yield "tokens      " + " ".join(facts["tokens"]) + "\n"
    yield f"{model.label:10}  {facts['n_heads']} heads of {facts['head_dim']}, "
    yield f"d_model {facts['d_model']}, {facts['n_kv_heads']} KV heads, "
    yield f"{facts['n_layers']} layers, on {facts['device']}\n"
    yield f"KV cache    {facts['kv_cache_bytes']} bytes measured, "
    yield f"{facts['kv_cache_bytes_formula']} by the formula\n"
    if facts["validation_loss"] is not None:
        yield f"validation  loss {facts['validation_loss']:.3f}\n"
    columns = {score.name: score.column or score.name for score in SCORES if score.from_text}
    yield "\nhead  KV head  role        held out  here         value  " + "  ".join(
        columns.values()
    )
    causal = config.causal
    places = occasions(reading.ids, causal, parts=reading.parts)
    every_head = of_weights(weights.float().cpu().numpy(), reading.ids, causal)
    for head, every in enumerate(every_head):
        scores = told(every, places)
        (name, value), role = strongest(scores), roles[head]
        yield f"\n{head:>4}  {config.kv_head_of(head):>7}  {role.name:10}  {role.score:>8.2f}"
        yield f"  {ROLE_OF.get(name, name):10}  {value:>6.2f}"
        for score, column in columns.items():
            yield f"  {_number(scores[score]):>{len(column)}}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
