"""Runs of a page without a browser."""

from streamlit.testing.v1 import AppTest


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


def html(app: AppTest) -> str:
    """What the page writes itself, beside Streamlit's widgets."""
    return "\n".join(element.proto.body for element in app.get("html"))
