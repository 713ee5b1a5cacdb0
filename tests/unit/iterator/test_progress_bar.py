from __future__ import annotations

import io
import sys

import pytest

from framework_iterator.progress_bar import Bar


class Terminal(io.StringIO):
    """An stderr that says it is a terminal, or that it isn't."""

    def __init__(self, *, is_one: bool = True) -> None:
        super().__init__()
        self._is_one = is_one

    def isatty(self) -> bool:
        return self._is_one


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """No fixture: between it and the test, pytest puts its own stderr back."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


class Clock:
    """A clock that stands still until the test moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr("framework_iterator.progress_bar.time.monotonic", lambda: self.now)


def test_where_nobody_asked_for_it_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    bar = Bar("reading", 10, shown=False)
    bar.show(lambda: 5, 5)
    bar.close(lambda: 10, 10)
    assert terminal.getvalue() == ""


def test_where_stderr_is_no_terminal_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = Terminal(is_one=False)
    monkeypatch.setattr(sys, "stderr", stderr)
    bar = Bar("reading", 10, shown=True)
    bar.show(lambda: 5, 5)
    bar.close(lambda: 10, 10)
    assert stderr.getvalue() == ""


def rich_modules() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == "rich"]


@pytest.mark.parametrize("shown", [False, True])
def test_without_a_bar_rich_is_not_loaded(monkeypatch: pytest.MonkeyPatch, shown: bool) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal(is_one=False))
    for name in rich_modules():
        monkeypatch.delitem(sys.modules, name)
    Bar("reading", 10, shown=shown).close(lambda: 10, 10)
    assert rich_modules() == []


def test_at_the_end_it_tells_how_many_messages_and_how_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    clock = Clock(monkeypatch)
    bar = Bar("reading", 5_000, shown=True)
    clock.now += 2
    bar.close(lambda: 5_000, 3_000)
    last = terminal.getvalue()
    assert "reading" in last
    assert "3,000 messages" in last
    assert "1,500/s" in last


def test_what_is_over_in_half_a_second_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "rich", None)
    clock = Clock(monkeypatch)
    bar = Bar("reading", 5_000, shown=True)
    clock.now += 0.3
    bar.show(lambda: 1_000, 1_111)
    clock.now += 0.1
    bar.close(lambda: 5_000, 5_000)
    assert terminal.getvalue() == ""


def test_it_draws_a_few_times_a_second_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    clock = Clock(monkeypatch)
    bar = Bar("reading", 5_000, shown=True)
    clock.now += 1
    bar.show(lambda: 0, 0)
    clock.now += 0.05
    bar.show(lambda: 1_000, 1_111)
    assert "1,111" not in terminal.getvalue()
    clock.now += 0.06
    bar.show(lambda: 2_000, 2_222)
    assert "2,222" in terminal.getvalue()
    clock.now += 0.05
    bar.show(lambda: 3_000, 3_333)
    assert "3,333" not in terminal.getvalue()
    bar.close(lambda: 3_000, 3_333)
    assert "3,333" in terminal.getvalue()


def test_a_run_without_an_end_has_a_bar_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    clock = Clock(monkeypatch)
    bar = Bar("reading", None, shown=True)
    clock.now += 1
    bar.close(lambda: 0, 12)
    assert "12 messages" in terminal.getvalue()


def test_the_cursor_is_shown_again_when_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    clock = Clock(monkeypatch)
    bar = Bar("reading", 10, shown=True)
    clock.now += 1
    bar.close(lambda: 10, 10)
    text = terminal.getvalue()
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_brackets_in_a_title_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    clock = Clock(monkeypatch)
    bar = Bar("[red]reading", 10, shown=True)
    clock.now += 1
    bar.close(lambda: 10, 10)
    assert "[red]reading" in terminal.getvalue()
