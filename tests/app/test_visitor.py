"""Who may name a model of his own."""

from types import SimpleNamespace

import pytest

from app import visitor

HERE = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}


@pytest.mark.parametrize(
    ("ip", "headers", "may"),
    [
        (None, HERE, True),
        (None, {"Host": "127.0.0.1:8501", "Origin": "http://127.0.0.1:8501"}, True),
        (None, {"Host": "[::1]:8501", "Origin": "http://[::1]:8501"}, True),
        ("192.168.0.7", HERE, False),  # a visitor from elsewhere
        (None, HERE | {"X-Forwarded-For": "8.8.8.8"}, False),  # through a proxy on this machine
        (None, HERE | {"Forwarded": "for=8.8.8.8"}, False),
        (None, HERE | {"Origin": "https://heads.example.org"}, False),
        (None, HERE | {"Host": "localhost.example.org"}, False),
        (None, {"Host": "localhost:8501"}, False),
        (None, {}, False),
    ],
)
def test_only_somebody_at_this_machine(
    monkeypatch, ip: str | None, headers: dict, may: bool
) -> None:
    monkeypatch.delenv("HEADCOUNT_ANY_MODEL", raising=False)
    context = SimpleNamespace(ip_address=ip, headers=headers)
    monkeypatch.setattr(visitor.st, "context", context)
    assert visitor.may_name_models() is may


@pytest.mark.parametrize(("decided", "may"), [("1", True), ("0", False)])
def test_the_operator_decides_for_everybody(monkeypatch, decided: str, may: bool) -> None:
    monkeypatch.setenv("HEADCOUNT_ANY_MODEL", decided)
    assert visitor.may_name_models() is may
