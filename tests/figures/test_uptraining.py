from attention.figures.uptraining import UptrainingWords, smoothed, uptraining
from attention.theme import LIGHT

WORDS = UptrainingWords(updates="updates", loss="loss", each="each", mean="mean")


def test_every_update_is_a_dot_and_the_line_is_their_mean():
    figure = uptraining([4, 2, 6], 10, WORDS, LIGHT)
    dots, line = figure.data
    assert (list(dots.x), list(dots.y)) == ([1, 2, 3], [4, 2, 6])
    assert list(line.y) == [4, 3, 4]
    assert list(figure.layout.xaxis.range) == [0, 11]


def test_the_mean_of_the_last_few():
    assert smoothed([4, 2, 6, 1], 2) == [4, 3, 4, 3.5]
