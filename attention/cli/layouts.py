"""``layouts``: the trained family, a line a layout, or its whole cards as JSON."""

import json

from attention.cli.parser import OneLineParser
from attention.kv.equal_layers import cache_bytes
from attention.models.layouts.cards import all_cards

HEADER = (
    "heads  KV heads  parameters  cache/token  val. loss  agreement en (majority)"
    "  agreement hi (majority)  previous  induction"
)


def main(argv: list[str]) -> int:
    parser = OneLineParser("layouts", "The trained layouts and what was measured of each.")
    parser.add_argument("--json", action="store_true", help="print every card whole, as JSON")
    args = parser.parse_args(argv)
    cards = all_cards()
    if args.json:
        print(json.dumps(cards, ensure_ascii=False, indent=2))
    else:
        print("\n".join([HEADER, *(_row(card) for card in cards)]))
    return 0


def _row(card: dict) -> str:
    sizes = {name: card[name] for name in ("n_layers", "n_kv_heads", "head_dim")}
    per_token = f"{cache_bytes(**sizes, number_bytes=4)} B"  # float32
    cells = [f"{card['n_heads']:>5}  {card['n_kv_heads']:>8}  {card['parameters']:>10,}"]
    cells += [f"{per_token:>11}", f"{card['validation_loss']:>9.3f}"]
    for language in ("en", "hi"):
        agreement = card["agreement"][language]
        cells.append(f"{agreement['accuracy']:>14.3f} ({agreement['majority']:.3f})")
        cells[-1] = f"{cells[-1]:>23}"
    cells.append(f"{card['previous_token']['score']:>8.2f}")
    cells.append(f"{card['induction']['score']:>9.2f}")
    return "  ".join(cells)
