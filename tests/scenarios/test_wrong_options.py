"""An argument with an impossible value raises where it is written, before any broker is asked."""

from __future__ import annotations

from typing import Any

import pytest

from framework import App, FrameworkError
from framework_iterator import InvalidOptionError, InvalidStartError, Iterator, IteratorError


@pytest.fixture
def app() -> App:
    """An application that no broker answers."""
    return App(kafka={"bootstrap.servers": "127.0.0.1:1"})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"limit": -1}, "limit=-1 is invalid: expected an int >= 0 or None."),
        ({"limit": 1.0}, "limit=1.0 is invalid: expected an int >= 0 or None."),
        ({"limit": "5"}, "limit='5' is invalid: expected an int >= 0 or None."),
        ({"limit": True}, "limit=True is invalid: expected an int >= 0 or None."),
        ({"errors": "ignore"}, "errors='ignore' is invalid: expected 'raise' or 'skip'."),
        ({"errors": None}, "errors=None is invalid: expected 'raise' or 'skip'."),
    ],
)
def test_an_option_is_told_with_its_value_and_what_would_work(
    app: App, options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        Iterator("flights", app=app, **options)
    assert str(caught.value) == sentence
    assert not isinstance(caught.value, InvalidStartError)


@pytest.mark.parametrize(
    ("topics", "options"),
    [
        ({"flights": 1.5}, {}),
        ({"flights": {-1: 0}}, {}),
        ([], {}),
        (["flights", "flights"], {}),
        ("flights", {"until": True}),
        ("flights", {"until": {"weather": 5}}),
        ("flights", {"resume": {"flights": [5]}}),
    ],
)
def test_a_wrong_start_or_end_is_a_wrong_option(app: App, topics: Any, options: dict[str, Any]) -> None:
    for kind in (InvalidStartError, InvalidOptionError, IteratorError, FrameworkError, ValueError):
        with pytest.raises(kind) as caught:
            Iterator(topics, app=app, **options)
        assert type(caught.value) is InvalidStartError
