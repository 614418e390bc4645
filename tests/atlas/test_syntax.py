import numpy as np
import pytest
import torch

from attention.atlas import ordinary, sentences, syntax
from attention.atlas.passes import Pass
from attention.atlas.taken import Taken, best_offset, together
from attention.atlas.templates import OWN
from attention.atlas.texts import Pair, Text, of_sentences
from attention.models.layouts.load import load_layout
from attention.training.languages import LANGUAGES
from attention.training.sentences import Sentence
from tests.models.tiny import load_tiny

ROW = {
    "language": "en",
    "text": "Well, the old captain lost his silver key.",
    "links": "subject lost captain, determiner captain the, adjective captain old, object lost key",
}


def labelled(causal: bool = True) -> Text:
    """The sentence by hand, a token a word, behind one token more."""
    sentence = ordinary.sentence_of(ROW)
    n = len(sentence.words)
    names = {"agreement": "subject"}
    pairs = tuple(
        Pair(f"{names.get(link.kind, link.kind)}_en", link.later, link.earlier)
        for link in sentence.links
    )
    return Text(
        ids=tuple(range(n + 1)),
        words=tuple(sentence.words),
        spans=tuple(range(word + 1, word + 2) for word in range(n)),
        sentences=(0,) * n,
        pairs=pairs,
        language="en",
    )


def looking(text: Text, found: dict[str, str]) -> Pass:
    """A head that looks from each word at the word that is named, and else at the first token."""
    weights = torch.zeros(1, len(text.ids), len(text.ids))
    weights[..., 0] = 1
    for query, key in found.items():
        row = weights[0, text.words.index(query) + 1]
        row[0], row[text.words.index(key) + 1] = 0.7, 0.3  # most of it rests on the first token
    return Pass(weights, None)


def test_accuracy_on_a_sentence_labelled_by_hand() -> None:
    text = labelled()
    assert text.words == ("Well", ",", "the", "old", "captain", "lost", "his", "silver", "key", ".")
    looks = looking(text, {"lost": "captain", "captain": "old", "key": "lost"})
    taken = syntax.take(looks, text, True)
    found = {name: float(each.values[0]) for name, each in taken.items()}
    assert found == {"subject_en": 1, "adjective_en": 1, "object_en": 1, "determiner_en": 0}
    assert taken["object_en"].offsets == (-3,)


def test_even_attention_finds_one_of_its_choices() -> None:
    text = labelled()
    n = len(text.ids)
    looks = Pass(torch.full((1, n, n), 1 / n), None)
    # "lost" has five words before it, and the captain is one of them.
    taken = syntax.take(looks, text, True)["subject_en"]
    assert float(taken.values[0]) == taken.chance == pytest.approx(1 / 5)


def test_the_word_itself_later_words_and_the_first_token_are_no_choice() -> None:
    text = labelled()
    pair = Pair("subject_en", 5, 4)
    weights = torch.zeros(3, len(text.ids), len(text.ids))
    for head, rival in enumerate((6, 0, 9)):  # itself, the first token, a later word
        weights[head, 6, rival], weights[head, 6, 5] = 0.9, 0.1
    assert syntax.answer(weights, text, pair, True).tolist() == [1, 1, 1]
    assert syntax.answer(weights, text, pair, False).tolist() == [1, 1, 0]


def test_tokens_of_a_word_are_summed() -> None:
    spans = (range(0, 1), range(1, 2), range(2, 4), range(4, 5), range(5, 6))
    text = Text(
        ids=tuple(range(6)), words=tuple("abcde"), spans=spans, sentences=(0,) * 5, language="en"
    )
    row = torch.tensor([[0.1, 0.3, 0.2, 0.2, 0.2, 0.0]])
    weights = row[:, None].expand(1, 6, 6)
    assert syntax.answer(weights, text, Pair("object_en", 4, 2), True).item() == 1
    assert syntax.answer(weights, text, Pair("object_en", 4, 1), True).item() == 0


@pytest.fixture(scope="module")
def model():
    return load_layout(8, 2, device="cpu")


def test_the_best_fixed_offset_is_that_of_a_brute_force(model) -> None:
    texts = sentences.generated(model, 0)
    # A head for each rule "look so many words on", put to the same pairs.
    rules = list(range(-25, 0))
    seen = []
    for text in texts:
        weights = torch.zeros(len(rules), len(text.ids), len(text.ids))
        for word, span in enumerate(text.spans):
            for head, rule in enumerate(rules):
                if word + rule >= 0 and span and text.spans[word + rule]:
                    weights[head, span.stop - 1, text.spans[word + rule].stop - 1] = 1
        seen.append(syntax.take(Pass(weights, None), text, True))
    found = together([seen])
    assert {"subject_en", "object_hi", "possessor_en", "referent_hi"} <= found.keys()
    for name, score in found.items():
        far = max(-each for taken in seen if name in taken for each in taken[name].offsets)
        assert far <= 25
        _, offset = best_offset([o for taken in seen if name in taken for o in taken[name].offsets])
        # A rule that leaves the sentence looks at no word of it: it guesses among all.
        assert score.values.max() == pytest.approx(offset, abs=0.02), name
        assert score.values.max() >= offset - 1e-9
        assert score.chance[0] >= offset


def test_best_offset() -> None:
    assert best_offset([-1, -2, -2, 3]) == (-2, 0.5)


@pytest.mark.slow
def test_no_rule_of_one_distance_finds_every_word(model) -> None:
    """A relation that stands at one distance alone could name no head."""
    seen = [syntax.take(Pass(torch.zeros(1, len(t.ids), len(t.ids)), None), t, True)
            for seed in range(3) for t in sentences.generated(model, seed)]  # fmt: skip
    for name, score in together([seen]).items():
        assert score.chance[0] < 0.92, name
        assert score.n >= 30, name


def test_templates_are_none_that_training_has() -> None:
    for language, grammar in LANGUAGES.items():
        used = {*grammar.held_out_templates, *OWN[language]}
        assert not used & grammar.templates.keys()


@pytest.mark.parametrize(
    ("kind", "tokenizer"), [("llama", "sentencepiece"), ("gpt2", "bytes"), ("bert", "wordpiece")]
)
def test_spans_are_the_tokens_of_each_word(kind: str, tokenizer: str) -> None:
    model = load_tiny(kind, tokenizer)
    text = of_sentences(model, [Sentence(["the", "keys", "are", "lost"])], "en")
    assert [part for part in text.spans if not part] == []
    spoken = [b"".join(model.token_bytes([text.ids[i] for i in span])).decode().strip()
              for span in text.spans]  # fmt: skip
    assert spoken == ["the", "keys", "are", "lost"]


def test_words_that_the_tokenizer_joined_have_no_tokens_of_their_own() -> None:
    model = load_tiny("llama", "sentencepiece")  # it learnt "lost." as one piece
    text = of_sentences(model, [Sentence(["the", "keys", "are", "lost", "."])], "en")
    assert [bool(span) for span in text.spans] == [True, True, True, False, False]


def test_ordinary_sentences_are_as_their_words_say() -> None:
    rows = ordinary.held_out()["sentences"]
    assert {row["language"] for row in rows} == {"en", "hi"}
    for row in rows:
        sentence = ordinary.sentence_of(row)
        assert sentence.text == row["text"]
        assert all(link.earlier < link.later for link in sentence.links)


def test_a_link_of_no_such_word_is_named() -> None:
    with pytest.raises(ValueError) as caught:
        ordinary.sentence_of(ROW | {"links": "subject lost ship"})
    assert str(caught.value) == f"'ship' is no single word of {ROW['text']!r}"


def test_chance_and_value_of_several_seeds() -> None:
    one = {"x": Taken(np.array([1.0, 0.0]), 0.25, 3)}
    two = {"x": Taken(np.array([0.0, 0.0]), 0.25, 1)}
    score = together([[one, two], [one]])["x"]
    assert score.values.tolist() == [0.875, 0]
    assert score.spread.tolist() == pytest.approx([np.std([0.75, 1], ddof=1), 0])
    assert score.n == 7 and score.chance.tolist() == [0.25, 0.25]
