"""``python -m attention train``: reproduce any layout, or the whole family."""

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import torch

from attention.devices import pick_device
from attention.models.layouts.cards import LAYOUTS, load_card
from attention.models.layouts.forming import Forming, save_forming
from attention.models.layouts.load import EMBEDDING
from attention.training import tasks
from attention.training.finish import SHARING, as_json, keep_figures, measure_again
from attention.training.make_tokenizer import make_tokenizer
from attention.training.recipe import LETTERS, Recipe
from attention.training.run import Places, train
from attention.training.tasks import Task, TrainError, name_of, parse_layouts
from attention.training.text import open_text
from attention.training.trial import trial

WORK = Path("training-checkpoints")
CPU_ROWS = 8  # of a step: a third of the recipe's text, in as many steps
BESIDE = 24  # trainings on a GPU at a time: it has 32 streams, and each takes about 1 GB
WHAT = ("layouts", "sharing", "forming", "letters", "cards", "gate", "trial")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", nargs="*", metavar="what",
        help=f"{', '.join(WHAT)}: weights and cards; figures of more seeds and of wider MLPs; "
        "how heads form where the stories are read word by word, and letter by letter; what cards "
        "say was measured, anew; a table of the gate's figures; how fast this machine is",
    )  # fmt: skip
    parser.add_argument(
        "--layouts", default="all", metavar="8x2,4x1", help="n_heads x n_kv_heads, or all"
    )
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--rows", type=int, default=None, help="of 128 tokens, a step")
    parser.add_argument("--device", default="auto", help="auto, cuda, mps or cpu")
    parser.add_argument("--jobs", type=int, default=None, help="layouts at a time")
    parser.add_argument("--out", type=Path, default=LAYOUTS, help="folder for weights and cards")
    parser.add_argument("--checkpoints", type=Path, default=WORK, help="to go on after a break")
    parser.add_argument("--json", type=Path, default=None, help="file for figures of gate, trial")


def run(arguments: argparse.Namespace) -> int:
    """Train what was asked for; layouts whose checkpoint is there go on where they stopped."""
    what, layouts = _what(arguments.what), parse_layouts(arguments.layouts)
    for name in ("steps", "rows"):
        if (value := getattr(arguments, name)) is not None and value < 1:
            raise TrainError(f"{name} {value} is too few: choose 1 or more.")
    os.environ.setdefault("CUDA_DEVICE_MAX_CONNECTIONS", "32")  # streams that run side by side
    device = pick_device(arguments.device)
    if device == "cuda":
        torch.set_float32_matmul_precision("high")  # TF32, see the cards
    rows = arguments.rows or (CPU_ROWS if device == "cpu" else Recipe.rows)
    recipe = replace(Recipe(), seed=arguments.seed, steps=arguments.steps, rows=rows)
    tokenizer = arguments.out.parent / "tokenizer.json"
    if not tokenizer.exists():  # made from the repository's word lists, the same every time
        tokenizer.parent.mkdir(parents=True, exist_ok=True)
        make_tokenizer().save(str(tokenizer), pretty=False)
    places = Places(tokenizer, arguments.out, arguments.checkpoints)
    rows = arguments.rows or LETTERS.rows
    letters = replace(LETTERS, seed=arguments.seed, steps=arguments.steps, rows=rows)
    chosen = [(recipe, _tasks(what, recipe, layouts))]
    if "letters" in what:
        chosen.append((letters, tasks.forming_tasks(letters, layouts)))
    chosen = [(each, some) for each, some in chosen if some]
    if chosen or "trial" in what:
        cores = os.cpu_count() or 1
        n_processes = cores if device == "cuda" else min(arguments.jobs or cores, cores)
        # Spawned: CUDA and torch's threads do not live on in a forked process.
        spawn = multiprocessing.get_context("spawn")
        # A thread each: layouts beside each other use the cores better than threads that share one.
        with ProcessPoolExecutor(
            n_processes, mp_context=spawn, initializer=torch.set_num_threads, initargs=(1,)
        ) as pool:
            n_beside = (arguments.jobs or BESIDE) if device == "cuda" else n_processes
            for each, some in chosen:
                _train(some, each, places, device, n_beside, pool)
            if "trial" in what:
                tried = trial(recipe, places.tokenizer, places.work, pool, device)
                _tell(tried, arguments.json)
    if "cards" in what:
        measure_again(layouts, places.out, tokenizer)
    if "gate" in what:
        print_gate(layouts, places.out, arguments.json)
    return 0


def _what(given: Sequence[str]) -> Sequence[str]:
    """
    Raises:
        TrainError: an unknown word.
    """
    for name in given:
        if name not in WHAT:
            raise TrainError(f"train {name!r} is unknown: choose {', '.join(WHAT)}.")
    return given or ("layouts",)


def _tasks(what: Sequence[str], recipe: Recipe, layouts: Sequence[tasks.Layout]) -> list[Task]:
    chosen: list[Task] = []
    if "forming" in what:  # first: its snapshots take longest to measure
        chosen += tasks.forming_tasks(recipe, layouts)
    if "layouts" in what:
        chosen += tasks.layout_tasks(recipe, layouts)
    if "sharing" in what:
        chosen += tasks.sharing_tasks(recipe, layouts)
    return chosen


def _train(
    chosen: list[Task], recipe: Recipe, places: Places, device: str, n_beside: int,
    pool: ProcessPoolExecutor,
) -> None:  # fmt: skip
    """Tasks that read the text of one recipe."""
    text = open_text(recipe, places.tokenizer, places.work, pool)
    figures: list[dict] = []
    forms: list[Forming] = []

    def done(task: Task, found: object) -> None:
        if isinstance(found, Forming):
            forms.append(found)
        elif task.kept == "figures" and isinstance(found, dict):
            figures.append(found)
        if isinstance(found, dict) and task.kept != "embedding":
            print(f"{task.name:12}  {summary(found)}", flush=True)

    given = (text, places, device, n_beside, pool, progress, done)
    shared = not all(task.recipe.own_embedding for task in chosen)
    if shared and not (places.out / EMBEDDING).exists():
        train([tasks.embedding_task(recipe)], *given)
    train(chosen, *given)
    if figures:
        keep_figures(figures, places.out / SHARING)
    if forms:
        save_forming(forms, places.out.parent / "forming.npz")


def progress(task: Task, step: int, loss: float, left: float) -> None:
    """A line now and then on stderr."""
    if step % 500 == 0 or step <= 50:
        print(
            f"{task.name}  step {step:,} of {task.recipe.steps:,}  loss {loss:.3f}  "
            f"{left / 60:.0f} min left",
            file=sys.stderr,
            flush=True,
        )


def summary(card: dict) -> str:
    """A card in one line."""
    verbs = card["agreement"]
    return (
        f"loss {card['validation_loss']:.3f}  "
        f"previous {card['previous_token']['score']:.2f}  "
        f"induction {card['induction']['score']:.2f}  "
        f"agreement en {verbs['en']['accuracy']:.2f} hi {verbs['hi']['accuracy']:.2f}"
    )


def print_gate(layouts: Sequence[tasks.Layout], folder: Path, file: Path | None) -> None:
    """The gate's figures of trained layouts side by side; a star is a figure that is too low."""
    cards = {name_of(layout): load_card(*layout, folder) for layout in layouts}
    figures = {name: card["gate"] for name, card in cards.items()}
    names = list(dict.fromkeys(name for each in figures.values() for name in each))
    print(f"{'':44}  wanted  {'  '.join(f'{layout:>6}' for layout in figures)}")
    for name in names:
        cells = [_cell(each.get(name)) for each in figures.values()]
        wanted = next(each[name]["wanted"] for each in figures.values() if name in each)
        print(f"{name:44}  {wanted or '':>6}  {'  '.join(cells)}")
    if file:
        file.write_text(as_json(figures), "utf-8")


def _cell(figure: dict | None) -> str:
    if figure is None:
        return " " * 6
    low = figure["wanted"] is not None and not figure["value"] >= figure["wanted"]
    return f"{figure['value']:5.3f}{'*' if low else ' '}"


def _tell(tried: Iterable[tuple[str, dict]], file: Path | None) -> None:
    found = {}
    for name, figures in tried:
        print(f"{name:32}  {json.dumps(figures)}", flush=True)
        found[name] = figures
    if file:
        file.write_text(as_json(found), "utf-8")
