"""Runs of a page without a browser."""

import time
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

PATIENCE_S = 120
TICK_S = 0.05


def run(app: AppTest) -> AppTest:
    """Once more, as after a visitor's choice."""
    app.run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def at(app: AppTest, **params: str) -> AppTest:
    """Opened at an address with these parameters."""
    for name, value in params.items():
        app.query_params[name] = value
    return run(app)


def until(app: AppTest, there: Callable[[], bool]) -> AppTest:
    """Run again, as the page's timer would, until it shows this: by the clock, not so many times,
    as on a busy machine a hundred runs may pass before what goes on beside them is done."""
    last = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < last, f"not there after {PATIENCE_S} s"
        time.sleep(TICK_S)
        run(app)
    return app


def html(app: AppTest) -> str:
    """What the page writes itself, beside Streamlit's widgets."""
    return "\n".join(element.proto.body for element in app.get("html"))
