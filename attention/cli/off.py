"""``off``: what a text costs a model with some of its heads off, and what it says comes next."""

import json
from collections.abc import Iterator
from typing import Any, cast

from torch import Tensor

from attention.cli.named import HELP, named_model
from attention.cli.parser import OneLineParser
from attention.cli.texts import add_text, rows_of, text_of, with_text_joined
from attention.interventions.off import KINDS, Off
from attention.models.base import Model
from attention.models.blocks import by_layer, head_name, numbers_of
from attention.models.effect import foretell
from attention.models.predictor import Predictor
from attention.version import versions

MOST_CHANGED = 5


def main(argv: list[str]) -> int:
    parser = _parser()
    args = parser.parse_args(with_text_joined(argv, parser))
    named, text = Off.parse(args.heads, args.kind), text_of(args, parser)
    model = cast(Predictor, named_model(args.model, args.device))
    off = by_layer(named, model.blocks)
    off.require(model.configs, numbers_of(model.n_layers, model.blocks))
    rows = rows_of(model, text, args.window, args.windows, parser)
    found = _measured(model, off, rows)
    print(json.dumps(found, ensure_ascii=False) if args.json else "\n".join(_told(found)))
    return 0


def _measured(model: Predictor, off: Off, rows: Tensor) -> dict[str, Any]:
    """The fields of the JSON."""
    before, after = foretell(model, rows), foretell(model.without(off), rows)
    windows, window = rows.shape
    return {
        "model": model.title,
        "source": model.source,
        "device": model.device,
        "kind": off.kind,
        "heads": [head_name(*head, model.blocks) for head in sorted(off.heads)],
        "windows": windows,
        "window": window,
        "loss_before": before.loss,
        "loss_after": after.loss,
        "per_token": list(_per_token(model, rows, before.losses, after.losses)),
        "top_before": [(token.text, token.probability) for token in before.top],
        "top_after": [(token.text, token.probability) for token in after.top],
        "cache_bytes_before": windows * model.cache_formula(window),
        "cache_bytes_after": windows * model.cache_formula(window, off),
        "versions": versions(),
    }


def _per_token(
    model: Model, rows: Tensor, before: Tensor, after: Tensor
) -> Iterator[dict[str, Any]]:
    """Every token but the first of its row, which nothing foretells."""
    for window, ids in enumerate(rows.tolist()):
        texts = model.token_texts(ids)
        for position in range(1, len(ids)):
            yield {
                "window": window,
                "position": position,
                "token": texts[position],
                "before": before[window, position - 1].item(),
                "after": after[window, position - 1].item(),
            }


def _told(found: dict[str, Any]) -> Iterator[str]:
    heads = ", ".join(found["heads"]) or "none"
    yield f"model        {found['model']}, on {found['device']}"
    yield f"off          {heads}, {'0' if found['kind'] == 'zero' else 'the mean'} in their place"
    yield (
        f"loss         {found['loss_before']:.4f} → {found['loss_after']:.4f} nats a token, "
        f"{len(found['per_token'])} tokens"
    )
    yield (
        f"KV cache     {found['cache_bytes_before']} → {found['cache_bytes_after']} bytes: a KV "
        "head's go with its last query head"
    )
    for name in ("before", "after"):
        best = ", ".join(f"{text} {chance:.3f}" for text, chance in found[f"top_{name}"])
        yield f"next {name:6}  {best}"
    changes = sorted(found["per_token"], key=lambda row: -abs(row["after"] - row["before"]))
    for row in changes[:MOST_CHANGED]:
        place = f"{row['window']}:{row['position']}" if found["windows"] > 1 else row["position"]
        yield f"{row['after'] - row['before']:+12.3f} {row['token']} (token {place})"


def _parser() -> OneLineParser:
    parser = OneLineParser("off", "A model with heads off: loss, next tokens, cache bytes.")
    parser.add_argument("--model", required=True, metavar="M", help=HELP)
    parser.add_argument(
        "--heads", required=True, metavar="L.H,…", help="layer.head, both from 0: 16.0,18.6"
    )
    parser.add_argument(
        "--kind",
        choices=KINDS,
        default=KINDS[0],
        help="what stands in a head's place: zero, or its mean over a text of ours",
    )
    add_text(parser)
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cuda, mps or cpu")
    parser.add_argument("--json", action="store_true", help="print JSON, with every token's loss")
    return parser
