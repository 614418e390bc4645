"""``models``: which models are at hand, and where they lie."""

import json
from collections import Counter
from pathlib import Path

from huggingface_hub import constants, scan_cache_dir
from huggingface_hub.errors import CacheNotFound

from attention.assets import asset
from attention.cli.fetch import megabytes
from attention.cli.parser import OneLineParser
from attention.models.layouts.cards import LAYOUTS, available_layouts
from attention.models.store import inventory
from attention.models.store.inventory import Held


def main(argv: list[str]) -> int:
    parser = OneLineParser("models", "The models that are at hand.")
    parser.add_argument(
        "--check", action="store_true", help="read every file of the named models through"
    )
    parser.add_argument(
        "--architectures",
        action="store_true",
        help="instead: transformers' classes for text and pictures, and whether each can be shown",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args(argv)
    if args.architectures:
        known = json.loads(asset("architectures.json").read_text(encoding="utf-8"))
        print(json.dumps(known, ensure_ascii=False, indent=2) if args.json else _classes(known))
        return 0
    answer = {
        "layouts": {
            "heads_and_kv_heads": [list(layout) for layout in available_layouts()],
            "folder": str(LAYOUTS),
        },
        "named": [_facts(held) for held in inventory.at_hand(full=args.check)],
        "from_the_hub": _from_the_hub(),
        "folder": str(inventory.folder()),
    }
    print(json.dumps(answer, ensure_ascii=False, indent=2) if args.json else _table(answer))
    return 0


SHOWN = {"whole": "shown", "part": "in part", "refused": "refused", "untried": "not tried"}


def _classes(known: dict) -> str:
    """A line a class, and how many there are of each kind."""
    rows = known["classes"]
    lines = [f"{SHOWN[row['shown']]:9}  {row['class']}  {row['why']}".rstrip() for row in rows]
    counts = Counter(row["shown"] for row in rows)
    total = ", ".join(f"{counts[kind]} {said}" for kind, said in SHOWN.items() if counts[kind])
    lines.append(f"\n{len(rows)} classes of transformers {known['transformers']}: {total}.")
    lines.append("Each was tried with random weights on a small model, and checked against its own")
    lines.append(
        "attention, as every model is when it is loaded; not tried: none so small would run."
    )
    return "\n".join(lines)


def _facts(held: Held) -> dict:
    return {
        "name": held.name,
        "title": held.title,
        "state": held.state,
        "problem": held.problem,
        "source": held.source,
        "weights": held.weights,
        "bytes": held.size,
        "folder": str(held.path),
        "licence": inventory.named(held.name).licence,
    }


def _from_the_hub() -> list[dict]:
    """Models with safetensors in the cache of the Hub's own client, by id."""
    try:
        repositories = scan_cache_dir(constants.HF_HUB_CACHE).repos
    except CacheNotFound:
        return []
    return [
        {"id": found.repo_id, "bytes": found.size_on_disk, "folder": str(found.repo_path)}
        for found in sorted(repositories, key=lambda found: found.repo_id)
        if found.repo_type == "model" and _has_safetensors(found.repo_path)
    ]


def _has_safetensors(folder: Path) -> bool:
    return any(folder.glob("snapshots/*/*.safetensors"))


def _table(answer: dict) -> str:
    layouts = answer["layouts"]["heads_and_kv_heads"]
    lines = [f"layouts   {len(layouts)} trained here, in {answer['layouts']['folder']}"]
    for held in answer["named"]:
        lines.append(f"{held['name']:8}  {held['state']}: {_state(held)}")
    for found in answer["from_the_hub"]:
        lines.append(f"{found['id']}  {megabytes(found['bytes'])} in {found['folder']}")
    lines.append("\nA Hub id or a folder with safetensors works too: trace --model NAME_OR_PATH.")
    return "\n".join(lines)


def _state(held: dict) -> str:
    again = f"python -m attention fetch {held['name']}"
    if held["state"] == "absent":
        return f"{held['title']}; {again} gets it"
    if held["state"] == "broken":
        return f"{held['problem']}; {again} gets it anew"
    return (
        f"{held['title']}, {held['weights']}, from {held['source']}, "
        f"{megabytes(held['bytes'])} in {held['folder']}"
    )
