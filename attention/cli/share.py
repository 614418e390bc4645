"""``share``: what a text costs a model whose KV heads are made fewer."""

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from torch import Tensor

from attention.cli import uptrain
from attention.cli.named import HELP, named_model
from attention.cli.parser import OneLineParser, whole_number
from attention.cli.texts import add_text, few_rows_of, text_of
from attention.interventions.sharing import GROUPINGS, WAYS, Sharing
from attention.models.blocks import numbers_of
from attention.models.losses import losses
from attention.models.predictor import Predictor
from attention.uptraining.schedule import Schedule
from attention.version import versions

WISHES = ("steps", "rows", "portion", "passes")


def main(argv: list[str]) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    lone = [name for name in (*WISHES, "out") if getattr(args, name) is not None]
    if lone and not args.uptrain:
        parser.error(f"argument --{lone[0]}: it goes with --uptrain.")
    rows = args.rows or Schedule.rows
    if args.portion and args.portion > rows:
        parser.error(f"argument --portion: {args.portion} of {rows} rows: choose {rows} or fewer.")
    text = text_of(args, parser)
    sharing = Sharing(kv_heads=args.kv_heads, by=args.by, grouping=args.grouping, seed=args.seed)
    # Training needs float32: half precision loses what an update adds.
    numbers = "float32" if args.uptrain else "auto"
    model = cast(Predictor, named_model(args.model, args.device, numbers))
    sharing.require(model.configs, numbers_of(model.n_layers, model.blocks))
    rows = few_rows_of(model, text, args, parser)
    found = _measured(model, sharing, rows)
    if args.uptrain:
        found |= _uptrained(model, sharing, rows, args, found)
    print(json.dumps(found, ensure_ascii=False) if args.json else "\n".join(_told(found)))
    return 0


def _measured(model: Predictor, sharing: Sharing, rows: Tensor) -> dict[str, Any]:
    """The fields of the JSON."""
    before, fewer = losses(model, rows), model.shared(sharing)
    windows, window = rows.shape
    return {
        "model": model.title,
        "source": model.source,
        "device": model.device,
        "kv_heads_before": [config.n_kv_heads for config in model.configs],
        "kv_heads": sharing.kv_heads,
        "by": sharing.by,
        "grouping": sharing.grouping,
        "seed": sharing.seed,
        "windows": windows,
        "window": window,
        "loss_before": before.double().mean().item(),
        "loss_after": losses(fewer, rows).double().mean().item(),
        "cache_bytes_before": windows * model.cache_formula(window),
        "cache_bytes_after": windows * fewer.cache_formula(window),
        "versions": versions(),
    }


def _uptrained(
    model: Predictor, sharing: Sharing, rows: Tensor, args: Namespace, found: dict[str, Any]
) -> dict[str, Any]:
    """What uptraining adds to the JSON; the same is kept beside the weights."""
    folder = (args.out or uptrain.FOLDER) / f"{Path(args.model).name}-kv{sharing.kv_heads}"
    given = {name: getattr(args, name) for name in WISHES}
    wishes = {name: value for name, value in given.items() if value is not None}
    work = uptrain.begun(model, sharing, wishes, folder)
    uptrain.go_through(work)
    loss = losses(work.model(), rows).double().mean().item()
    added = {"loss_uptrained": loss, "uptraining": uptrain.told(work)}
    file = folder.with_suffix(".safetensors")
    file.parent.mkdir(parents=True, exist_ok=True)
    work.keep(found | added, file)
    return added | {"file": str(file)}


def _told(found: dict[str, Any]) -> Iterator[str]:
    yield f"model     {found['model']}, on {found['device']}"
    had = sorted(set(found["kv_heads_before"]))
    yield (
        f"KV heads  {' or '.join(map(str, had))} → {found['kv_heads']} a layer, by "
        f"{found['by']}, {found['grouping']} groups"
    )
    tokens = found["windows"] * (found["window"] - 1)
    yield (
        f"loss      {found['loss_before']:.4f} → {found['loss_after']:.4f} nats a token, "
        f"{tokens} tokens"
    )
    if "file" in found:
        curve = found["uptraining"]["curve"]
        yield (
            f"uptrained {found['loss_uptrained']:.4f} nats a token, after {curve[-1]['tokens']:,} "
            f"tokens in {found['uptraining']['seconds']:.0f} s"
        )
        yield f"file      {found['file']}"
    yield f"KV cache  {found['cache_bytes_before']} → {found['cache_bytes_after']} bytes"


def _parser() -> OneLineParser:
    parser = OneLineParser("share", "A model with fewer KV heads: loss and cache bytes.")
    parser.add_argument("model", metavar="MODEL", help=HELP)
    parser.add_argument(
        "--kv-heads", required=True, type=whole_number(1, 2**16), metavar="K", help="afterwards"
    )
    parser.add_argument("--by", choices=WAYS, default=WAYS[0], help="what a group's head becomes")
    parser.add_argument(
        "--grouping", choices=GROUPINGS, default=GROUPINGS[0], help="neighbours, or those alike"
    )
    parser.add_argument(
        "--seed",
        type=whole_number(0, 2**31 - 1),
        default=0,
        metavar="S",
        help="of --by random and --uptrain",
    )
    parser.add_argument(
        "--uptrain", action="store_true",
        help="then train on: a layout for 5 %% of its steps by its own recipe, a language model's "
        "K and V on text that the original writes, to say what it says; goes on after a break",
    )  # fmt: skip
    parser.add_argument(
        "--steps", type=whole_number(1, 2**31 - 1), metavar="N",
        help="updates of --uptrain; of a language model those of the second stage",
    )  # fmt: skip
    parser.add_argument(
        "--rows", type=whole_number(16, 2**20), metavar="N",
        help=f"of {Schedule.window} tokens, that a language model writes for --uptrain; left out: "
        f"{Schedule.rows}",
    )  # fmt: skip
    parser.add_argument(
        "--portion", type=whole_number(Schedule.batch, 2**20), metavar="N",
        help=f"of these rows, kept in memory as the layers see them; left out: {Schedule.portion}",
    )  # fmt: skip
    parser.add_argument(
        "--passes", type=whole_number(1, 2**20), metavar="N",
        help=f"over each portion, in the first stage; left out: {Schedule.passes}",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER",
        help=f"for what --uptrain trained, and for its checkpoints; left out: {uptrain.FOLDER}",
    )  # fmt: skip
    add_text(parser, file_only=True)
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cuda, mps or cpu")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
