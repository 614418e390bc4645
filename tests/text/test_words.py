"""Words among tokens."""

from attention.text.words import token_of_word


def test_the_last_token_of_a_word() -> None:
    tokens = ["The", "key", "s", "near", "."]
    assert [token_of_word(tokens, "The keys near.", word) for word in range(3)] == [0, 2, 4]


def test_a_word_that_the_tokens_do_not_reach_is_the_last_token() -> None:
    assert token_of_word(["a"], "abc def", 1) == 0
