"""``kv``: how many bytes a key-value cache takes. Loads neither torch nor numpy."""

import json

from attention import memory
from attention.cli.parser import OneLineParser, whole_number
from attention.memory import KVMemoryError, KVShape

COUNTS = {
    "--layers": "n_layers",
    "--heads": "n_heads, the query heads of a layer",
    "--kv-heads": "n_kv_heads, the key-value heads of a layer",
    "--head-dim": "head_dim, numbers in a key",
    "--context": "seq_len, tokens in a sequence",
    "--batch": "sequences",
}


def main(argv: list[str]) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        answer = _answer(args)
    except KVMemoryError as error:
        parser.error(str(error))
    print(json.dumps(answer, ensure_ascii=False) if args.json else _table(answer))
    return 0


def _parser() -> OneLineParser:
    parser = OneLineParser("kv", "Bytes of a key-value cache, from the shape of the model.")
    count = whole_number(1, memory.LARGEST_COUNT)
    for flag, meaning in COUNTS.items():
        parser.add_argument(flag, type=count, required=True, metavar="N", help=meaning)
    parser.add_argument(
        "--v-head-dim", type=count, metavar="N", help="numbers in a value, if not as in a key"
    )
    names = ", ".join(known.name for known in memory.FORMATS)
    parser.add_argument("--kv-dtype", required=True, metavar="T", help=names)
    parser.add_argument("--v-dtype", metavar="T", help="number format of V, if not that of K")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _answer(args) -> dict:
    shape = KVShape(
        n_layers=args.layers,
        n_kv_heads=args.kv_heads,
        head_dim=args.head_dim,
        v_head_dim=args.v_head_dim,
    )
    formats = (args.kv_dtype, args.v_dtype)
    sizes = (args.context, args.batch)
    return {
        "bytes_per_token": memory.bytes_per_token(shape, *formats),
        "bytes_total": memory.bytes_total(shape, *sizes, *formats),
        "ratio_to_mha": memory.ratio_to_mha(args.heads, args.kv_heads),
        "formula": memory.formula(shape, *sizes, *formats),
        "assumptions": memory.assumptions(*formats),
    }


def _table(answer: dict) -> str:
    per_token, total = answer["bytes_per_token"], answer["bytes_total"]
    lines = [
        f"total      {_size(total)}",
        f"per token  {_size(per_token)}, one sequence, all layers, K and V",
        f"to MHA     {answer['ratio_to_mha']} × smaller than with a KV head for every query head",
        f"formula    {answer['formula']}",
        *(f"note       {sentence}" for sentence in answer["assumptions"]),
    ]
    return "\n".join(lines)


def _size(n_bytes: int | float) -> str:
    readable = memory.in_units(n_bytes)
    return readable if n_bytes < 1024 else f"{readable} ({n_bytes} bytes)"
