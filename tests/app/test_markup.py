"""What both pages say in HTML."""

import sys
from pathlib import Path

import app
from app.i18n import load_words
from app.markup import failure_html

FOLDER = Path(app.__file__).parent


def test_a_sentence_of_the_library_is_escaped_and_begins_with_a_capital() -> None:
    said = failure_html(ValueError("no <b>model</b> here"), load_words("en"))
    assert said == '<p class="hc-failed">No &lt;b&gt;model&lt;/b&gt; here</p>'


def test_no_module_hides_one_of_python() -> None:
    """Streamlit puts this folder before all others: app/html.py would be everybody's html."""
    assert not {path.stem for path in FOLDER.glob("*")} & sys.stdlib_module_names
