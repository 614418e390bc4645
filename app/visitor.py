"""Who may name a model of his own: it is read from this machine's disk, or downloaded onto it."""

import os

import streamlit as st

LOCAL = ("localhost", "127.0.0.1", "[::1]")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")


def may_name_models() -> bool:
    """Whether this visitor may load a Hub id or a folder.

    ``HEADCOUNT_ANY_MODEL`` decides, 1 for everybody and 0 for nobody. Otherwise only somebody who
    sits at this machine may: nothing between him and the server, and nothing public in between.
    """
    decided = os.environ.get("HEADCOUNT_ANY_MODEL")
    if decided in ("0", "1"):
        return decided == "1"
    headers = st.context.headers
    if st.context.ip_address is not None or any(name in headers for name in FORWARDED):
        return False
    return _is_local(headers.get("Host", "")) and _is_local(headers.get("Origin", ""))


def _is_local(address: str) -> bool:
    """``http://localhost:8501`` and ``127.0.0.1:8501`` are; nothing is not."""
    host = address.split("://")[-1].split("/")[0]
    return (host if host.endswith("]") else host.rsplit(":", 1)[0]) in LOCAL
