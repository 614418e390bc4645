"""The components that a page under test has mounted."""

from streamlit.testing.v1 import AppTest


def mounted(app: AppTest, name: str = "picture") -> list:
    """The messages of those with this in their name, in the order of the page."""
    every = [each.proto for each in app.get("bidi_component")]
    return [proto for proto in every if name in proto.component_name]
