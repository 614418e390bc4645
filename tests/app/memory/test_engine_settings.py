"""The settings of engines as fields of the page: every one has its words, and does what it says."""

import pytest

from app.i18n import languages, load_words
from app.memory.settings import ENGINE_SETTINGS, ENGINES, Configuration
from attention.kv.engines import ENGINES as REGISTRY


@pytest.mark.parametrize("lang", languages())
def test_every_setting_and_engine_has_its_words(lang: str) -> None:
    words = load_words(lang)
    for setting in ENGINE_SETTINGS:
        assert words(f"memory.setting.{setting.name}") and words(f"memory.help.{setting.name}")
    assert all(words(f"memory.engine.{engine}") for engine in ENGINES)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_workload_has_the_settings_that_its_engine_heeds(engine: str) -> None:
    values = {"count": 64, "switch": None, "choice": None, "ratio": 0.5}
    one = Configuration(context=4096, users=2, engine=engine)
    for setting in ENGINE_SETTINGS:
        value = values[setting.kind]
        if setting.kind == "switch":
            value = not setting.default
        elif setting.kind == "choice":
            value = setting.options[-1]
        one = one.set_engine(setting.name, value)
    given = {setting.name: value for setting, value in one.whole.settings}
    assert set(given) == {s.name for s in ENGINE_SETTINGS if engine in s.engines}
    assert set(given) == {setting.name for setting in REGISTRY[engine].settings}
    assert all(given[name] == dict(one.engine_settings)[name] for name in given)
