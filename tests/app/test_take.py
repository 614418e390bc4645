"""The menu on the page: its words go out, and the whole view only when it was asked for."""

import json

from streamlit.testing.v1 import AppTest


def page() -> None:
    from app.i18n import load_words  # noqa: PLC0415
    from app.take import show_take  # noqa: PLC0415

    show_take(load_words("hi"), lambda: "<html>made</html>")


def sent(app: AppTest) -> dict:
    return json.loads(app.get("bidi_component")[0].proto.json)


def test_a_page_is_made_when_asked_and_once() -> None:
    app = AppTest.from_function(page).run()
    assert sent(app)["labels"]["title"] == "साथ ले जाएँ"
    assert "page" not in sent(app) and sent(app)["whole"]
    app.session_state["take_asked"] = True
    assert sent(app.run())["page"] == "<html>made</html>"
    assert "page" not in sent(app.run())
