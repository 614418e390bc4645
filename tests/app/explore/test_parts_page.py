"""The page with an encoder–decoder: its three attentions, source and target, both caches.

On small random checkpoints; what they show is compared with transformers' own eager attention.
"""

import base64
import json
import re
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from app.explore.language import LanguageModels
from app.explore.offer import Known
from app.i18n import load_words
from app.jobs import Passes
from attention.models.layouts import cards
from attention.picture.payload import decode
from tests.app.explore.test_page import address, header, page
from tests.app.mounted import mounted
from tests.app.run import html, run, until
from tests.models import tiny

pytestmark = [
    pytest.mark.skipif(
        (8, 2) not in cards.available_layouts(), reason="layout 8x2 is not trained yet"
    ),
    pytest.mark.usefixtures("any_model"),
]
SOURCE, TARGET = "The keys near the old cabinet are lost.", "the cat sat on the mat"
TOKENIZER = tiny.make_tokenizer("bytes")
OWN = "The target is the model’s own answer, the most probable token each time."
BESIDE = "made once from the source; it does not grow with the target."


@pytest.fixture(scope="module")
def t5(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a random checkpoint: an encoder of 2 layers, a decoder of 3, 4 heads each."""
    return str(tiny.make("t5", tmp_path_factory.mktemp("models") / "tiny_t5"))


def pair_page(model: str, text: str = SOURCE, **params: str) -> AppTest:
    return page(model=model, text=text, **params)


def eager(source: str = SOURCE, target: str = TARGET):
    """What transformers' own T5 gives out; its decoder begins with token 0."""
    with torch.inference_mode():
        return tiny.eager("t5")(
            input_ids=torch.tensor([TOKENIZER(source)["input_ids"]]),
            decoder_input_ids=torch.tensor([[0, *TOKENIZER(target)["input_ids"]]]),
            output_attentions=True,
            use_cache=True,
        )


def drawn(app: AppTest):
    return decode(mounted(app)[0].bytes)


@pytest.mark.float32
@pytest.mark.parametrize("part", ["encoder", "decoder", "cross"])
def test_weights_are_transformers_own_and_so_are_both_caches(t5: str, part: str) -> None:
    app = pair_page(t5, target=TARGET, attention=part, layer="1", head="2")
    out = eager()
    theirs = getattr(out, f"{part}_attentions")[1][0].numpy()
    head, tiles, chosen = drawn(app)
    rows, columns = theirs.shape[1:]
    assert (len(head["tokens"]), head["layer"], head["head"]) == (rows, 1, 2)
    assert len((head.get("keys") or head)["tokens"]) == columns
    np.testing.assert_allclose(chosen[:rows, :columns], theirs[2], atol=1e-4)
    np.testing.assert_allclose(tiles[:, :rows, :columns], theirs, atol=3e-3)
    assert len(head["map"]["entropy"]) == (2 if part == "encoder" else 3)
    if part == "encoder":
        assert head["cache"] is None and head["cache_note"] == ""
        return
    cache = out.past_key_values
    own, other = cache.self_attention_cache, cache.cross_attention_cache
    own, other = (
        sum(n.keys.nbytes + n.values.nbytes for n in half.layers) for half in (own, other)
    )
    assert head["cache"]["now_bytes"] == (own if part == "decoder" else other)
    assert head["cache"]["measured"]
    assert head["cache_note"].endswith(BESIDE) == (part == "decoder")
    beside = float(re.search(r"([\d.]+) KiB", head["cache_note"])[1])
    assert abs(beside - (other if part == "decoder" else own) / 1024) <= 0.0051


def test_the_choice_the_target_and_the_address(t5: str) -> None:
    app = pair_page(t5, layer="1")
    assert "Encoder: the source looks at itself." in html(app)
    assert app.text_input(key="text").label == "Source"
    assert not [field for field in app.text_input if field.key == "target"]
    app.button_group(key="attention").set_value("cross")
    run(app)
    assert address(app) == {"model": t5, "text": SOURCE, "attention": "cross"}
    assert OWN in html(app) and "Cross: the target looks at the source." in html(app)
    own = header(app)
    assert own["generated"] == 1  # but the token that every target begins with
    with torch.inference_mode():
        ids = torch.tensor([TOKENIZER(SOURCE)["input_ids"]])
        how = {"max_new_tokens": 40, "do_sample": False, "num_beams": 1, "use_cache": False}
        theirs = tiny.eager("t5").generate(ids, **how)
    assert len(own["tokens"]) == len(theirs[0])
    app.text_input(key="target").set_value(TARGET)
    run(app)
    assert OWN not in html(app) and header(app)["generated"] is None
    told = address(app)
    assert (told["target"], "attention" in told) == (TARGET, False)  # a target alone means cross
    app.button_group(key="attention").set_value("encoder")
    run(app)
    assert (address(app)["target"], address(app)["attention"]) == (TARGET, "encoder")
    assert header(app)["tokens"] == header(pair_page(t5))["tokens"]
    app.selectbox(key="model").set_value("trained")
    run(app)
    assert set(address(app)) <= {"text"}


def test_what_an_address_says_wrongly_becomes_the_nearest_of_its_attention(t5: str) -> None:
    pair_page(t5)  # its facts are known from now on
    app = pair_page(t5, attention="cros", layer="77", head="9")
    assert "The address said attention=cros: cross is the nearest that works." in html(app)
    assert "The address said layer=77: 2 is the nearest that works." in html(app)
    assert "The address said head=9: 3 is the nearest that works." in html(app)
    assert "layer=77: 1 is the nearest" in html(pair_page(t5, layer="77"))


@pytest.mark.float32
def test_another_source_is_another_picture_of_the_same_target(t5: str) -> None:
    app = pair_page(t5, target=TARGET, attention="decoder", layer="1", head="2")
    one = drawn(app)[2]
    app.text_input(key="text").set_value("the mat")
    run(app)
    theirs = eager("the mat").decoder_attentions[1][0, 2]
    np.testing.assert_allclose(drawn(app)[2], theirs, atol=1e-4)
    assert np.abs(one - theirs.numpy()).max() > 1e-3
    assert address(app)["text"] == "the mat"


def test_a_model_that_answers_nothing_asks_for_the_target_and_stands_so_that_it_can_be_given(
    tmp_path: Path,
) -> None:
    app = pair_page(str(tiny.make("bart-bare", tmp_path / "bare")), attention="cross")
    assert "bare predicts no next token: give the target as well." in html(app)
    app.text_input(key="target").set_value(TARGET)
    run(app)
    assert header(app)["keys"]["tokens"][0] == "The"
    assert "generate" not in app.button_group(key="section").options


@pytest.mark.parametrize("lang", ["en", "hi"])
def test_every_section_of_cross_attention(t5: str, lang: str) -> None:
    words = load_words(lang)
    app = pair_page(t5, target=TARGET, lang=lang, off="1.2", section="steps")
    assert header(app)["cache_note"] and "1.2" in html(app)
    assert words("steps.across") in app.markdown[0].value
    assert words("steps.mask_cross").split("</t>")[-1] in app.markdown[0].value
    assert ">8 <bdi>.</bdi>" in html(app)  # the last key is the source's
    for section in ("off", "curve", "sharing", "numbers", "generate"):
        app.button_group(key="section").set_value(section)
        run(app)
        assert not app.exception
        if section == "numbers":
            assert app.dataframe[0].value.shape == (7, 9)
    until(app, lambda: words("generate.grows_not") in html(app))
    last = eager().cross_attentions[header(app)["layer"]][0, header(app)["head"], -1]
    assert f'class="w{round(float(last[8]) * 32)}" title="8: ' in html(app)  # of the source's dot


def test_the_saved_view_has_all_three(t5: str) -> None:
    app = pair_page(t5, target=TARGET, attention="decoder")
    app.session_state["take_asked"] = True
    run(app)
    (taken,) = mounted(app, "take")
    saved = json.loads(taken.json)["page"]
    packed = saved.split('class="packed">')[1:]
    assert len(packed) == 3 and ">Cross</option>" in saved
    first = json.loads(zlib.decompress(base64.b64decode(packed[2].split("\n")[0])))
    assert len(first["common"]["keys"]["tokens"]) == 9


def test_an_attention_is_made_once_of_a_source_and_answered_once() -> None:
    made = []

    class Counted(type(tiny.load_tiny("t5"))):
        def continued(self, source, **how):
            made.append(source)
            return super().continued(source, **how)

    def load_one(name: str):
        model = tiny.load_tiny(name).__copy__()
        model.__class__ = Counted
        return model

    never = lambda ahead: None  # noqa: E731
    models = LanguageModels(Passes(10**7), Known(), "the cat sat the cat", load_one)
    source = models.read("t5", SOURCE, never)
    answers = [
        models.of(part, source.ids).read_target("t5", source, " ", never)
        for part in ("decoder", "cross", "decoder")
    ]
    assert made == [source.ids]
    assert answers[0].ids == answers[1].ids and answers[1].over.ids == source.ids
    views = [models.of("cross", source.ids).model("t5", never) for _ in range(2)]
    assert views[0] is views[1] and views[0].given == source.ids
    facts = models.known.of("t5")
    assert [facts.of(part).n_layers for part in ("encoder", "decoder", "cross")] == [2, 3, 3]
    assert [facts.of(part).generates for part in ("encoder", "decoder", "cross")] == [
        False, True, True,
    ]  # fmt: skip
