from __future__ import annotations

import pytest

from framework.table import table


def test_text_stands_left_numbers_right_and_the_total_below() -> None:
    rows = [("flights", 5, "end"), ("weather", 26_115, "limit")]
    assert table(("topic", "messages", "ended"), rows, ("", 26_120, "")).splitlines() == [
        "topic    messages  ended",
        "flights         5  end",
        "weather    26,115  limit",
        "           26,120",
    ]


def test_none_is_a_dash() -> None:
    assert table(("stop",), [(None,), (7,)], (None,)).splitlines() == ["stop", "   -", "   7", "   -"]


def test_no_rows_are_a_head_and_a_total() -> None:
    assert table(("topic", "count"), [], ("", 0)).splitlines() == ["topic  count", "       0"]


def test_rows_may_come_from_a_generator() -> None:
    assert table(("n",), ((n,) for n in (1, 22)), (23,)).splitlines() == [" n", " 1", "22", "23"]


def test_text_stays_as_it_is() -> None:
    assert table(("a",), [("[red]x[/red] :smile:",)], ("",)).splitlines() == ["a", "[red]x[/red] :smile:"]


def test_it_is_as_wide_as_it_needs_and_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("FORCE_COLOR", "1")
    drawn = table(("topic", "partition"), [("a" * 249, 1)], ("", ""))
    assert drawn.splitlines()[1] == "a" * 249 + "          1"


def test_a_notebook_gets_the_text_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    assert table(("n",), [(1,)], (1,)).splitlines() == ["n", "1", "1"]
