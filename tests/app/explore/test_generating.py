"""One visitor's generation in the queue of all: steps, Stop, leaving, caches given back."""

import gc
import threading
import time
import weakref
from collections.abc import Callable

import pytest

from app.explore.caches import Caches
from app.explore.generated import How, Subject
from app.explore.generating import LEFT_AFTER_S, Desk, Run
from app.explore.language import LanguageModels
from app.explore.offer import Known
from app.jobs import Passes
from attention.interventions.off import Off
from attention.models.generate import Generation
from attention.models.huggingface import checkpoint
from attention.models.huggingface.model import LanguageModel
from attention.models.outlook import End
from tests.models.tiny import load_tiny, make

TEXT = "the cat sat"
GREEDY = How(temperature=0.0, compare=False)


@pytest.fixture
def models() -> LanguageModels:
    return LanguageModels(Passes(10**8), Known(), TEXT, load_tiny)


def subject(model: str = "llama", **more: object) -> Subject:
    values = {"seed": 0, "max_tokens": 200} | more
    return Subject(model, tuple(load_tiny(model).encode(TEXT)), **values)


def begun(models: LanguageModels, **more: object) -> Run:
    """A run that has looked at its text."""
    run = Run(subject(**more), models, Caches())
    run.look(GREEDY)
    done(run)
    assert run.view is not None
    return run


def done(run: Run) -> None:
    until(lambda: not run.busy)


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


class Gate:
    """A piece of work that keeps the queue until it is opened."""

    def __init__(self, models: LanguageModels) -> None:
        self._open, entered = threading.Event(), threading.Event()

        def work(_: object) -> None:
            entered.set()
            self._open.wait(30)

        waits = threading.Thread(
            target=models.store.get, args=("gate", work), kwargs={"keep": False}, daemon=True
        )
        waits.start()
        entered.wait(30)

    def open(self) -> None:
        self._open.set()


def test_looking_shows_what_may_come_before_any_step(models: LanguageModels) -> None:
    view = begun(models).view
    generation = Generation(load_tiny("llama"), subject().ids)
    assert view.top == generation.choices(generation.outlook(), 0)
    assert (view.last, view.written, view.ended) == (None, "", None)
    assert len(view.tokens) == view.n_prompt == view.outlook.kv_len
    assert [point.tokens for point in view.growth] == [view.n_prompt]


def test_steps_are_those_of_the_library(models: LanguageModels) -> None:
    run, alone = begun(models, seed=5), Generation(load_tiny("llama"), subject().ids, seed=5)
    for count in range(1, 5):
        run.step(How(temperature=1.3, compare=True))
        done(run)
        step = alone.step(temperature=1.3)
        assert run.view.last.chosen == step.chosen
        assert run.view.outlook.kv_len == run.view.n_prompt + count == len(run.view.tokens)
    assert run.view.written == alone.written()
    assert [point.tokens for point in run.view.growth] == list(
        range(run.view.n_prompt, run.view.n_prompt + 5)
    )
    timed = [point.seconds_without is not None for point in run.view.growth]
    assert timed == [False, True, True, True, True]


def test_a_temperature_changes_the_chances_and_not_the_probabilities(
    models: LanguageModels,
) -> None:
    view = begun(models).view
    cold, warm = view.at(0), view.at(1.0)
    assert [choice.chance for choice in cold][:2] == [1.0, 0.0]
    assert [c.chance for c in warm] == pytest.approx([c.probability for c in warm])
    assert [c.probability for c in cold] == [c.probability for c in warm]


def test_play_goes_on_for_as_long_as_the_page_asks_and_stops_at_the_end(
    models: LanguageModels,
) -> None:
    run = begun(models, max_tokens=len(subject().ids) + 3)
    run.play(GREEDY)
    while run.playing:
        done(run)
        run.tick(GREEDY)
    assert run.view.ended in (End.CONTEXT, End.END_OF_TEXT)
    assert not run.moves
    tokens = run.view.tokens
    run.play(GREEDY)
    run.step(GREEDY)
    done(run)
    assert run.view.tokens == tokens
    assert not run.playing


def test_without_a_question_from_the_page_nothing_goes_on(models: LanguageModels) -> None:
    run = begun(models)
    run.play(GREEDY)
    done(run)
    time.sleep(0.1)
    assert len(run.view.tokens) == run.view.n_prompt + 1


def test_one_step_at_a_time_however_often_the_button_is_pressed(models: LanguageModels) -> None:
    run = begun(models)
    gate = Gate(models)
    for _ in range(5):
        run.step(GREEDY)
    gate.open()
    done(run)
    assert len(run.view.tokens) == run.view.n_prompt + 1


def test_stop_answers_at_once_and_drops_a_step_that_waits(models: LanguageModels) -> None:
    run = begun(models)
    gate = Gate(models)
    run.play(GREEDY)
    until(lambda: run.ahead == 1)
    start = time.monotonic()
    run.stop()
    assert (run.playing, run.stopped) == (False, True)
    assert time.monotonic() - start < 0.05
    until(lambda: not run.busy, seconds=2)  # while the queue is still kept
    gate.open()
    run.step(GREEDY)
    done(run)
    assert len(run.view.tokens) == run.view.n_prompt + 1
    assert not run.stopped


def test_a_step_that_is_being_made_when_stop_is_pressed_is_not_lost(
    models: LanguageModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(models)
    passes, enough = threading.Event(), threading.Event()
    outlook = Generation.outlook

    def slow(self: Generation, **how: object) -> object:
        passes.set()
        enough.wait(30)
        return outlook(self, **how)

    with monkeypatch.context() as slower:
        slower.setattr(Generation, "outlook", slow)
        run.step(GREEDY)
        passes.wait(30)
        run.stop()
        time.sleep(0.3)
        assert run.busy
        enough.set()
        done(run)
    assert len(run.view.tokens) == run.view.n_prompt + 1
    alone = Generation(load_tiny("llama"), subject().ids)
    assert run.view.last.chosen == alone.step().chosen


def test_a_visitor_who_left_waits_no_longer(models: LanguageModels) -> None:
    now = [0.0]
    run = Run(subject(), models, Caches(), clock=lambda: now[0])
    gate = Gate(models)
    run.look(GREEDY)
    until(lambda: run.ahead == 1)
    time.sleep(0.3)
    assert run.busy
    now[0] += LEFT_AFTER_S + 1
    until(lambda: not run.busy, seconds=2)
    gate.open()
    assert run.view is None
    run.look(GREEDY)  # and is back
    done(run)
    assert run.view is not None


def test_what_fails_is_told_and_the_next_step_tries_again(
    models: LanguageModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(models)
    with monkeypatch.context() as broken:
        broken.setattr(Generation, "step", _break)
        run.play(GREEDY)
        done(run)
    assert (str(run.problem), run.playing, run.begun) == ("no memory", False, True)
    run.look(GREEDY)
    assert not run.busy
    run.step(GREEDY)
    done(run)
    assert run.problem is None
    assert len(run.view.tokens) == run.view.n_prompt + 1


def _break(*_: object, **__: object) -> None:
    raise RuntimeError("no memory")


def test_a_text_that_cannot_be_continued_is_told(models: LanguageModels) -> None:
    run = Run(subject(max_tokens=2), models, Caches())
    run.look(GREEDY)
    done(run)
    n = len(subject().ids)
    assert str(run.problem) == f"The text has {n} tokens; at most 2 fit: cut it."
    run.look(GREEDY)  # not over and over
    assert not run.busy


def test_visitors_take_turns_and_get_what_each_would_get_alone(models: LanguageModels) -> None:
    caches = Caches()
    runs = [Run(subject(seed=seed), models, caches) for seed in range(4)]
    how = How(temperature=1.5, compare=False)
    for run in runs:
        run.look(how)
    for _ in range(3):
        for run in runs:
            done(run)
            run.step(how)
    for run, seed in zip(runs, range(4), strict=True):
        done(run)
        alone = Generation(load_tiny("llama"), subject().ids, seed=seed)
        steps = [alone.step(temperature=1.5) for _ in range(3)]
        assert run.view.last.chosen.token == steps[-1].chosen.token
        assert run.view.tokens == alone.tokens()


def test_caches_together_stay_within_their_bytes_and_nobody_notices(models: LanguageModels) -> None:
    one = begun(models).view.outlook.cache_bytes
    caches = Caches(max_bytes=int(2.5 * one))
    runs = [Run(subject(seed=seed), models, caches) for seed in range(4)]
    for _ in range(3):
        for run in runs:
            run.look(GREEDY)
            done(run)
            run.step(GREEDY)
            done(run)
            assert 0 < caches.held_bytes() <= caches.max_bytes
    alone = Generation(load_tiny("llama"), subject().ids)
    for _ in range(3):
        alone.step()
    assert {run.view.tokens for run in runs} == {alone.tokens()}


def test_one_cache_larger_than_all_may_be_is_kept_while_it_is_in_use(
    models: LanguageModels,
) -> None:
    caches = Caches(max_bytes=1)
    runs = [Run(subject(), models, caches) for _ in range(2)]
    for run in runs:
        run.look(GREEDY)
        done(run)
    assert caches.held_bytes() == runs[1].view.outlook.cache_bytes


def test_a_cache_goes_with_its_visitor(models: LanguageModels) -> None:
    caches = Caches()
    desk = Desk()
    desk.at(subject(), models, caches).look(GREEDY)
    done(desk.at(subject(), models, caches))
    assert caches.held_bytes() > 0
    desk.leave()
    until(lambda: gc.collect() >= 0 and caches.held_bytes() == 0)


def test_a_desk_keeps_a_generation_until_the_subject_changes(models: LanguageModels) -> None:
    desk, caches = Desk(), Caches()
    run = desk.at(subject(), models, caches)
    assert desk.at(subject(), models, caches) is run
    other = desk.at(subject(seed=1), models, caches)
    assert other is not run
    assert run.stopped
    desk.again()
    assert desk.at(subject(seed=1), models, caches) is not other
    assert other.stopped


def test_an_idle_visitor_keeps_no_model_in_memory(tmp_path_factory: pytest.TempPathFactory) -> None:
    folders = [
        str(make("llama", tmp_path_factory.mktemp("models") / name)) for name in ("a", "b", "c")
    ]
    loaded: list[weakref.ref[LanguageModel]] = []

    def load(name: str) -> LanguageModel:
        model = checkpoint.load(name)
        loaded.append(weakref.ref(model))
        return model

    models = LanguageModels(Passes(10**8), Known(), TEXT, load)
    run = begun_on(models, folders[0])
    run.step(GREEDY)
    done(run)
    for folder in folders[1:]:  # more than are kept
        models.load(folder, lambda ahead: None)
    until(lambda: gc.collect() >= 0 and loaded[0]() is None)
    run.step(GREEDY)  # the model is loaded again
    done(run)
    assert len(loaded) == 4
    alone = Generation(load_tiny("llama"), run.subject.ids)
    for _ in range(2):
        alone.step()
    assert run.view.tokens == alone.tokens()


def test_the_bytes_of_a_cache_are_known_when_its_model_is_let_go(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folders = [
        str(make("llama", tmp_path_factory.mktemp("models") / name)) for name in ("a", "b", "c")
    ]
    models, caches = LanguageModels(Passes(10**8), Known(), TEXT, checkpoint.load), Caches()
    runs = [Run(Subject(name, subject().ids, 0, 200), models, caches) for name in folders]
    for each in runs:
        each.look(GREEDY)
        done(each)
        assert each.problem is None
    gc.collect()
    assert caches.held_bytes() == 3 * runs[0].view.outlook.cache_bytes


def test_heads_that_are_off_are_off_in_every_step(models: LanguageModels) -> None:
    off = Off(frozenset({(0, 0), (0, 1), (1, 3)}))
    run = begun(models, off=off)
    for _ in range(2):
        run.step(GREEDY)
        done(run)
    alone = Generation(load_tiny("llama").without(off), subject().ids)
    for _ in range(2):
        alone.step()
    assert run.view.tokens == alone.tokens()
    assert run.view.top == alone.choices(alone.outlook(), 0)
    assert run.view.top != begun(models).view.top


def begun_on(models: LanguageModels, name: str) -> Run:
    run = Run(Subject(name, subject().ids, 0, 200), models, Caches())
    run.look(GREEDY)
    done(run)
    return run
