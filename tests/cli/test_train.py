import pytest

from attention.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "beginning"),
    [
        (["--layouts", "3x2"], "layout '3x2' is not in the family: choose 1x1, 2x1, "),
        (["--layouts", "8x2", "--steps", "0"], "steps 0 is too few: choose 1 or more."),
        (["--layouts", "8x2", "--device", "tpu"], "device 'tpu' is unknown: choose auto, "),
        (["--layout", "8x2"], "unrecognized arguments: --layout"),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_code_2(capsys, arguments, beginning):
    with pytest.raises(SystemExit) as left:
        main(["train", *arguments])
    shown = capsys.readouterr()
    assert left.value.code == 2
    assert shown.err.startswith(f"python -m attention train: {beginning}")
    assert (shown.out, shown.err.count("\n")) == ("", 1)
