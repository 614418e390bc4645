"""Downloads: one at a time for each model, its progress seen by all, its error told."""

import threading

import pytest

from app.fetching import Fetches
from attention.models.store.fetch import FetchError, Progress

HALF = Progress(stage="download", done=46, total=92)


class Download:
    """Stands for fetch: goes on when it is let, and may fail."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls: list[str] = []
        self.let, self.told, self.error = threading.Event(), threading.Event(), error

    def __call__(self, name: str, progress=None) -> None:
        self.calls.append(name)
        if progress is not None:
            progress(HALF)
        self.told.set()
        assert self.let.wait(10)
        if self.error is not None:
            raise self.error


def test_two_visitors_press_at_once_and_see_one_download() -> None:
    download = Download()
    fetches = Fetches(pytest.fail, download)
    one, two = fetches.start("smollm2"), fetches.start("smollm2")
    assert one is two is fetches.of("smollm2")
    assert download.told.wait(10)
    assert two.progress == HALF
    assert not two.ended.is_set()
    download.let.set()
    assert one.ended.wait(10)
    assert download.calls == ["smollm2"]
    assert not one.failed


def test_an_error_is_told_and_the_next_press_tries_again() -> None:
    download = Download(FetchError("smollm2 could not be fetched: it could not be reached."))
    download.let.set()
    fetches = Fetches(pytest.fail, download)
    failed = fetches.start("smollm2")
    assert failed.ended.wait(10)
    assert failed.failed and failed.told
    assert failed.error == "smollm2 could not be fetched: it could not be reached."
    download.error = None
    again = fetches.start("smollm2")
    assert again is not failed
    assert again.ended.wait(10) and not again.failed


def test_an_error_without_a_sentence_is_only_a_name() -> None:
    download = Download(RuntimeError("a very long inner matter"))
    download.let.set()
    failed = Fetches(pytest.fail, download).start("smollm2")
    assert failed.ended.wait(10)
    assert (failed.error, failed.told) == ("RuntimeError", False)


def test_what_is_not_in_the_catalog_comes_from_the_hub() -> None:
    hub = Download()
    hub.let.set()
    fetching = Fetches(hub, pytest.fail).start("owner/model")
    assert fetching.ended.wait(10)
    assert hub.calls == ["owner/model"]
    assert fetching.progress is None
