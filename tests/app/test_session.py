"""What every page has for nothing: a third one, of a table with three parameters and a view."""

import pytest
from streamlit.testing.v1 import AppTest

from app.kinds import Choice, Count, Found, Number, Ratio, Switch
from app.parameters import Notice, Parameter, Values
from app.table import Table
from tests.app.run import at, run

SHARED_PAGE = """
import streamlit as st
from tests.app.third_page import draw, draw_part
page = st.session_state.setdefault("_at", "third")
if st.session_state.pop("_part", False):
    draw_part()
elif page == "third":
    draw()
else:
    from app.session import Session
    from app.table import Table
    from tests.app.third_page import TABLE
    session = Session("other")
    settings, _ = session.begin(TABLE)
    session.show(settings, TABLE)
    st.segmented_control("language", ("en", "hi"), key=session.widget("third_lang"), required=True)
    if st.session_state.get("_slow"):
        st.stop()  # as a visitor's next click ends a run that takes long
    session.finish()
"""


def page(**params: str) -> AppTest:
    return at(AppTest.from_string(SHARED_PAGE, default_timeout=30), **params)


def address(app: AppTest) -> dict[str, str]:
    return {name: "".join(value) for name, value in app.query_params.items()}


def said(app: AppTest) -> list[str]:
    return [element.value for element in app.caption]


def test_no_parameters_are_the_defaults_and_are_not_written() -> None:
    app = page()
    assert app.select_slider(key="third_heads").value == 8
    assert app.number_input(key="third_head").value is None
    assert (address(app), said(app)) == ({}, [])


def test_an_address_is_read_and_stays() -> None:
    app = page(heads="4", head="3", lang="hi")
    assert app.select_slider(key="third_heads").value == 4
    assert app.number_input(key="third_head").value == 3
    assert address(app) == {"heads": "4", "head": "3", "lang": "hi"}


def test_what_an_address_cannot_mean_is_told() -> None:
    app = page(heads="5", head="99", lang="xx")
    assert said(app) == ["notice.url_changed", "notice.url_changed", "notice.url_changed"]
    assert address(app) == {"heads": "4", "head": "3"}
    assert said(run(app)) == []


def test_widgets_are_followed_and_written() -> None:
    app = page()
    app.number_input(key="third_head").set_value(7)
    run(app)
    assert address(app) == {"head": "7"}
    app.select_slider(key="third_heads").set_value(2)  # 7 is none of two
    run(app)
    assert app.number_input(key="third_head").value == 1
    assert (address(app), said(app)) == ({"heads": "2", "head": "1"}, ["notice.head_moved"])
    app.number_input(key="third_head").set_value(None)
    assert address(run(app)) == {"heads": "2"}


def test_back_is_followed_and_a_move_made_meanwhile_is_not_lost() -> None:
    app = page(heads="4")
    app.select_slider(key="third_heads").set_value(2)
    run(app)
    app.query_params["heads"] = "4"  # Back: another address, and nothing else
    assert run(app).select_slider(key="third_heads").value == 4
    app.query_params.clear()  # the browser had not caught up
    app.number_input(key="third_head").set_value(3)
    assert address(run(app)) == {"heads": "4", "head": "3"}


def test_a_widget_that_is_not_drawn_for_a_while_keeps_its_value() -> None:
    app = page(head="3")
    app.toggle(key="third_folded").set_value(True)
    assert not run(app).number_input
    assert address(app) == {"head": "3"}
    app.toggle(key="third_folded").set_value(False)
    assert run(app).number_input(key="third_head").value == 3


def test_a_callback_puts_settings_and_a_widget_that_moved_has_no_say() -> None:
    app = page(head="3")
    app.button(key="third_reset").click()
    assert address(run(app)) == {"heads": "2"}
    assert app.select_slider(key="third_heads").value == 2
    assert app.number_input(key="third_head").value is None


def part(app: AppTest, heads: int) -> AppTest:
    """A step of the slider, after which only its part of the page is to run."""
    app.select_slider(key="third_heads").set_value(heads)
    app.session_state["_part"] = True
    return run(app)


def test_a_part_runs_alone_and_the_other_widgets_stand_as_they_were() -> None:
    app = page(lang="hi")
    part(app, 4)
    assert (said(app), address(app)) == (["part"], {"lang": "hi", "heads": "4"})
    app.session_state["third_head"] = 3  # the widget is still on the page and moves
    run(app)
    assert app.number_input(key="third_head").value == 3
    assert address(app) == {"lang": "hi", "heads": "4", "head": "3"}


@pytest.mark.parametrize("why", ["head", "folded", "Back"])
def test_all_of_the_page_runs_where_more_than_the_part_changes(why: str) -> None:
    app = page(heads="4", head="3")
    if why == "folded":
        app.toggle(key="third_folded").set_value(True)
        run(app)
    if why == "Back":
        app.query_params.clear()
        app.session_state["_part"] = True
        run(app)
    else:
        part(app, 2)
    assert app.toggle(key="third_folded").value == (why == "folded")  # it is there
    told = {"head": ["notice.head_moved"], "folded": ["notice.head_moved"], "Back": []}[why]
    assert said(app) == told
    left = {} if why == "Back" else {"heads": "2", "head": "1"}
    assert address(app) == left


def test_another_page_in_between_changes_nothing_but_the_language() -> None:
    app = page(heads="4", head="3")
    app.toggle(key="third_folded").set_value(True)
    run(app)
    app.session_state["_at"] = "other"
    app.query_params.clear()
    run(app)
    app.segmented_control(key="third_lang").set_value("hi")
    run(app)
    app.session_state["_at"] = "third"
    app.query_params.clear()
    app.query_params["heads"], app.query_params["head"] = "4", "3"
    run(app)
    assert address(app) == {"heads": "4", "head": "3", "lang": "hi"}
    assert app.toggle(key="third_folded").value  # no address holds it
    group = app.segmented_control(key="third_lang")
    assert group.value == "hi"
    assert group.proto.set_value  # or the browser shows no language at all


def test_a_language_chosen_right_before_the_page_is_left_is_not_lost() -> None:
    app = page(heads="4")
    app.session_state["_at"] = "other"
    app.query_params.clear()
    run(app)
    app.session_state["_slow"] = True
    app.segmented_control(key="third_lang").set_value("hi")
    run(app)
    app.session_state["_at"] = "third"
    app.query_params["heads"], app.query_params["lang"] = "4", "hi"
    run(app)
    assert app.segmented_control(key="third_lang").value == "hi"
    assert address(app) == {"heads": "4", "lang": "hi"}


def test_a_page_that_is_left_and_come_back_to_by_another_address_shows_that() -> None:
    app = page(heads="4")
    app.session_state["_at"] = "other"
    app.query_params.clear()
    run(app)
    app.session_state["_at"] = "third"
    app.query_params["heads"] = "2"
    assert run(app).select_slider(key="third_heads").value == 2


def test_every_kind_reads_what_it_writes() -> None:
    for kind, value in [
        (Choice(("on", "off")), "off"),
        (Number((1, 2, 4)), 4),
        (Count(10), 10),
        (Ratio(), 0.8),
        (Switch(), False),
    ]:
        assert kind.read(kind.write(value)) == Found(value)


def test_a_value_that_becomes_none_is_said_to_be_left_out() -> None:
    table: Table[Values] = Table({}, [Parameter("state", Choice(("", "f16")), "")], dict, dict)
    assert table.read({"state": "?"}) == (
        {"state": ""},
        (Notice("notice.url_unusable", {"name": "state", "given": "?"}),),
    )


STANDING_STILL = """
import streamlit as st
from app.session import Session
from tests.app.third_page import TABLE
session = Session("third")
settings, _ = session.begin(TABLE)
session.show(settings, TABLE)
st.select_slider("heads", (2, 4, 8), key=session.widget("third_heads"))
if st.session_state.setdefault("_slow", True):
    st.stop()  # as a visitor's next click ends a run that takes long
session.finish()
"""


def test_a_widget_that_moves_before_the_first_run_has_ended_is_heard() -> None:
    app = run(AppTest.from_string(STANDING_STILL, default_timeout=30))
    app.session_state["_slow"] = False
    app.select_slider[0].set_value(4)
    run(app)
    assert app.select_slider[0].value == 4
    assert address(app) == {"heads": "4"}


def test_of_two_moves_in_runs_that_did_not_end_both_are_heard() -> None:
    app = run(AppTest.from_string(STANDING_STILL, default_timeout=30))
    app.select_slider[0].set_value(4)
    run(app)
    app.select_slider[0].set_value(2)
    run(app)
    app.session_state["_slow"] = False
    run(app)
    assert address(app) == {"heads": "2"}


def test_an_address_that_the_browser_left_is_no_back_where_the_page_runs_by_itself() -> None:
    app = page()
    app.select_slider[0].set_value(4)
    run(app)
    app.query_params.clear()  # as before the move
    app.session_state["_again"] = True
    run(app)
    assert app.select_slider[0].value == 4
    assert address(app) == {"heads": "4"}
