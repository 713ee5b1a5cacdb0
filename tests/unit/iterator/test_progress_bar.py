from __future__ import annotations

import io
import sys
import threading

import pytest

from framework_iterator.progress_bar import ProgressBar
from tests.clock import Clock

THREAD = "framework-iterator-progress-bar"


class Terminal(io.StringIO):
    """An stderr whose `isatty` says whether it is a terminal."""

    def __init__(self, *, is_one: bool = True) -> None:
        super().__init__()
        self._is_one = is_one

    def isatty(self) -> bool:
        return self._is_one


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Replace stderr. Not a fixture: pytest restores its own stderr between a fixture and the test."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def test_a_disabled_bar_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    bar = ProgressBar("reading", 10, shown=False)
    bar.update(lambda: 5, 5)
    bar.close(lambda: 10, 10)
    assert terminal.getvalue() == ""


def test_a_stderr_that_is_no_terminal_has_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = Terminal(is_one=False)
    monkeypatch.setattr(sys, "stderr", stderr)
    bar = ProgressBar("reading", 10, shown=True)
    bar.update(lambda: 5, 5)
    bar.close(lambda: 10, 10)
    assert stderr.getvalue() == ""


def rich_modules() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == "rich"]


@pytest.mark.parametrize("shown", [False, True])
def test_without_a_bar_rich_is_not_loaded(monkeypatch: pytest.MonkeyPatch, shown: bool) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal(is_one=False))
    for name in rich_modules():
        monkeypatch.delitem(sys.modules, name)
    ProgressBar("reading", 10, shown=shown).close(lambda: 10, 10)
    assert rich_modules() == []


def test_at_the_end_it_shows_the_number_of_messages_and_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    clock = Clock()
    bar = ProgressBar("reading", 5_000, shown=True, clock=clock)
    clock.now += 2
    bar.close(lambda: 5_000, 3_000)
    last = terminal.getvalue()
    assert "reading" in last
    assert "3,000 messages" in last
    assert "1,500/s" in last


def test_a_run_of_less_than_half_a_second_has_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "rich", None)
    clock = Clock()
    bar = ProgressBar("reading", 5_000, shown=True, clock=clock)
    clock.now += 0.3
    bar.update(lambda: 1_000, 1_111)
    clock.now += 0.1
    bar.close(lambda: 5_000, 5_000)
    assert terminal.getvalue() == ""


def test_it_is_drawn_at_most_ten_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    clock = Clock()
    bar = ProgressBar("reading", 5_000, shown=True, clock=clock)
    clock.now += 1
    bar.update(lambda: 0, 0)
    clock.now += 0.05
    bar.update(lambda: 1_000, 1_111)
    assert "1,111" not in terminal.getvalue()
    clock.now += 0.06
    bar.update(lambda: 2_000, 2_222)
    assert "2,222" in terminal.getvalue()
    clock.now += 0.05
    bar.update(lambda: 3_000, 3_333)
    assert "3,333" not in terminal.getvalue()
    bar.close(lambda: 3_000, 3_333)
    assert "3,333" in terminal.getvalue()


def test_a_run_without_an_end_has_a_bar_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    clock = Clock()
    bar = ProgressBar("reading", None, shown=True, clock=clock)
    clock.now += 1
    bar.close(lambda: 0, 12)
    assert "12 messages" in terminal.getvalue()


def test_the_cursor_is_shown_again_when_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    clock = Clock()
    bar = ProgressBar("reading", 10, shown=True, clock=clock)
    clock.now += 1
    bar.close(lambda: 10, 10)
    text = terminal.getvalue()
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_brackets_in_a_title_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    clock = Clock()
    bar = ProgressBar("[red]reading", 10, shown=True, clock=clock)
    clock.now += 1
    bar.close(lambda: 10, 10)
    assert "[red]reading" in terminal.getvalue()


def test_on_tick_is_called_from_a_thread_that_ends_when_the_bar_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_a_terminal(monkeypatch)
    ticked = threading.Event()
    bar = ProgressBar("reading", 10, True, ticked.set)
    [thread] = [each for each in threading.enumerate() if each.name == THREAD]
    assert ticked.wait(10)
    bar.close(lambda: 10, 10)
    thread.join(10)
    assert not thread.is_alive()


def test_without_a_bar_there_is_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal(is_one=False))
    before = threading.enumerate()
    ProgressBar("reading", 10, True, lambda: pytest.fail("called"))
    assert set(threading.enumerate()) <= set(before)  # one of an earlier test may just end
