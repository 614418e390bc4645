"""``trace``: run a model on a text or a picture and print the attention weights of one layer."""

import importlib
import sys
from argparse import Namespace

from torch import Tensor

from attention.cli.adapter import facts_of as facts_of_adapter
from attention.cli.adapter import without_adapter
from attention.cli.beside import add_beside, asked_of, beside_of
from attention.cli.beside import facts_of as facts_of_beside
from attention.cli.named import HELP, named_model
from attention.cli.parser import OneLineParser, whole_number
from attention.cli.stills import KINDS, add_stills, write_stills
from attention.cli.texts import with_text_joined
from attention.cli.trace_given import read_given
from attention.cli.trace_text import as_json, as_table, facts_of, next_of
from attention.config import AttentionConfig
from attention.devices import DeviceError
from attention.models.base import Model
from attention.models.blocks import number_of
from attention.models.huggingface.errors import CheckpointError
from attention.models.image import ImageError
from attention.models.layouts.cards import LayoutError
from attention.models.layouts.load import load_layout
from attention.models.layouts.network import MAX_TOKENS
from attention.models.limits import TextError
from attention.models.look import Reading
from attention.models.parts import PARTS as ENCODER_DECODER
from attention.models.parts import Chosen
from attention.models.reading import PIECES
from attention.picture.blocks import told as told_of_blocks
from attention.picture.consistency import SceneError
from attention.picture.still import StillError
from attention.words import load_words

MASKS = ("causal", "bidirectional")
REFUSALS = (
    LayoutError, CheckpointError, DeviceError, ImageError, TextError, SceneError, StillError,
)  # fmt: skip
COUNT = whole_number(0, 2**31 - 1)


def main(argv: list[str]) -> int:
    parser = _parser()
    args = parser.parse_args(with_text_joined(argv, parser))
    try:
        model = _load(args, parser)
        beside = beside_of(args, parser)
        files = {kind: path for kind in KINDS if (path := getattr(args, kind)) is not None}
        drawn = args.out is not None or bool(files)
        shown = read_given(args, model, None if drawn else MAX_TOKENS, parser)
        if drawn:
            _draw(args, files, shown, beside, parser)
        if not drawn or args.json:
            _print(args, shown, beside)
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
        model = named_model(args.model, args.device)
        return without_adapter(model, parser) if args.no_adapter else model
    if args.no_adapter:
        parser.error("argument --no-adapter: it goes with --model.")
    if missing := [option for option in ("--heads", "--kv-heads") if own[option] is None]:
        parser.error(f"the following arguments are required: {', '.join(missing)}")
    return load_layout(args.heads, args.kv_heads, device=args.device)


def _causal(args: Namespace) -> bool | None:
    """The mask of a trained layout; a language model has its own."""
    return None if args.model is not None else args.mask != "bidirectional"


def _draw(
    args: Namespace,
    files: dict[str, str],
    shown: Chosen,
    beside: Model | str | None,
    parser: OneLineParser,
) -> None:
    """The page and the files."""
    if args.out is not None:
        _write_page(args, shown, beside, parser)
    if files:
        write_stills(files, args, shown.model, shown.reading, _causal(args), parser)


def _print(args: Namespace, shown: Chosen, beside: Model | str | None) -> None:
    model, reading = shown.model, shown.reading
    if reading.cut:
        kept = len(reading.ids)
        print(f"The text has {reading.total} tokens: the first {kept} are kept.", file=sys.stderr)
    for said in _said(model, args.layer):
        print(said, file=sys.stderr)
    weights, config = _weights(args, model, reading)
    facts = facts_of(shown, config)
    if model.adapter is not None:
        facts["adapter"] = facts_of_adapter(model, reading.ids)
    if beside is not None:
        facts["beside"] = facts_of_beside(model, reading, beside, args, _causal(args))
    if args.json:
        facts["next"] = next_of(model, reading, _causal(args))
        chunks = as_json(facts, weights)
    else:
        roles = model.roles()
        chunks = as_table(facts, shown, weights, config, roles[args.layer] if roles else None)
    for chunk in chunks:
        print(chunk, end="")
    print()


def _said(model: Model, layer: int) -> list[str]:
    """What there is to say of a model that is more than attention, or shows less."""
    words = load_words("en")
    said = [words("sentence.weights_only")] if model.weights_only else []
    if model.blocks:
        number = number_of(layer, model.blocks)
        said.append(f"Layer {number} of {len(model.blocks)}; those without attention count, too.")
    return said + told_of_blocks(model.blocks, words)


def _weights(args: Namespace, model: Model, reading: Reading) -> tuple[Tensor, AttentionConfig]:
    """``[n_heads, n, n]`` of the layer, and its shape."""
    if model.weights_only:
        kept = model.look(reading.ids).kept[args.layer]
        return kept.every_weight(), model.configs[args.layer]
    layer = model.trace(reading.ids, layer=args.layer, causal=_causal(args))
    return layer.weights[0], layer.config


def _write_page(
    args: Namespace, shown: Chosen, beside: Model | str | None, parser: OneLineParser
) -> None:
    """The whole model on the whole text as one HTML file; nothing is printed beside JSON."""
    page = importlib.import_module("attention.picture.page")
    asked = asked_of(args)
    choices = {"layer": args.layer, "causal": _causal(args), "beside": beside}
    choices |= {"beside_layer": asked["its_layer"], "beside_head": asked["like"]}
    try:
        size = page.write_page(args.out, shown.model, shown.reading, **choices)
    except OSError as error:
        parser.error(f"argument --out: {args.out!r} cannot be written: {error.strerror}.")
    if not args.json:
        print(f"{args.out}: every layer and head, {size / 1e6:.1f} MB, opens without a network.")


def _parser() -> OneLineParser:
    parser = OneLineParser("trace", "Attention weights of a model on a text, or on a picture.")
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
    texts.add_argument(
        "--image",
        metavar="FILE",
        help="of a model that reads pictures (ViT, CLIP, SigLIP, DINOv2): PNG, JPEG or WebP",
    )
    parser.add_argument(
        "--text-b", metavar="T", help="a second text behind the separator, for encoders like BERT"
    )
    parser.add_argument(
        "--target",
        metavar="T",
        help="of an encoder–decoder what the decoder reads; left out, its own greedy answer",
    )
    parser.add_argument(
        "--attention",
        choices=ENCODER_DECODER,
        help="of an encoder–decoder; with --target cross, else its encoder",
    )
    parser.add_argument(
        "--generate",
        type=whole_number(1, 2**20),
        metavar="N",
        help="go on for N of the model's own likeliest tokens, marked as generated",
    )
    parser.add_argument(
        "--pieces", choices=PIECES, default=PIECES[0], help="of a picture: readable pieces or words"
    )
    parser.add_argument("--heads", type=COUNT, metavar="H", help="n_heads of a trained layout")
    parser.add_argument("--kv-heads", type=COUNT, metavar="G", help="its n_kv_heads")
    parser.add_argument(
        "--model",
        metavar="M",
        help=f"instead of these: {HELP}",
    )
    parser.add_argument(
        "--no-adapter", action="store_true", help="where M is an adapter: its base alone"
    )
    parser.add_argument("--layer", type=COUNT, metavar="L",
        help="counts from 0, blocks without attention too; left out: the first that has it",
    )  # fmt: skip
    parser.add_argument(
        "--mask", choices=MASKS, help="of a trained layout; trained, and left out: causal"
    )
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cuda, mps or cpu")
    parser.add_argument("--json", action="store_true", help="print JSON, with every weight")
    parser.add_argument(
        "--out", metavar="FILE.html", help="write one page with every layer and head instead"
    )
    add_beside(parser)
    add_stills(parser)
    return parser
