"""A view as a stream of server-sent events: rows, progress, and why it ended."""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import json
import time
from typing import Any, Final

from framework import App, FrameworkError, Message
from framework_iterator import InvalidOptionError, Plan, Report
from framework_iterator.explorer.addresses import AddressError, View
from framework_iterator.explorer.expressions import ExpressionError
from framework_iterator.explorer.reading import PAGE, SECONDS, Reading, open_reading
from framework_iterator.explorer.values import MOST_TEXT, cut, cut_lines, line_of

MOST_LIVE: Final = 10_000
"""Messages of a live view; a browser that shows more becomes slow."""
COLUMNS: Final = ("partition", "start", "position", "messages", "filtered", "lost", "gaps")
"""What the report of a view shows of each partition that was read."""
_PROGRESS: Final = 0.25
"""Seconds from one progress event to the next, at least."""


def event(name: str, data: Any) -> str:
    """Return an event as the stream has it: JSON has no line breaks of its own."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=True)}\n\n"


def problem(text: object, *, may_pass: bool = True) -> str:
    """Return the event of a view that ended with a problem.

    Args:
        text: What is wrong.
        may_pass: Whether the same view may show more the next time.
    """
    return event("problem", {"text": cut_lines(str(text), MOST_TEXT), "may_pass": may_pass})


async def events(app: App, view: View, seconds: float = SECONDS) -> cabc.AsyncGenerator[str]:
    """Yield the events of a view: `plan`, then `row` and `progress`, and at the end `end` or `problem`.

    The run ends with the stream: when it is closed, because the page was left, nothing is read any more.
    """
    try:
        reading = open_reading(app, view)
        if not view.is_live:
            plan = await reading.iterator.aplan()
            yield event("plan", _planned(plan))
            reading = open_reading(app, view, plan)
        async for each in _read(reading, view, seconds):
            yield each
    except (AddressError, ExpressionError, InvalidOptionError) as error:
        yield problem(error, may_pass=False)
    except FrameworkError as error:
        yield problem(error)


def _planned(plan: Plan) -> dict[str, Any]:
    """Return what a view will read: the partitions, from where to where, and how many offsets."""
    rows = [[each.partition, each.start, each.stop, each.count] for each in plan]
    return {"offsets": plan.count, "rows": [list(map(str, row)) for row in rows]}


async def _read(reading: Reading, view: View, seconds: float) -> cabc.AsyncGenerator[str]:
    deadline = None if view.is_live else time.monotonic() + seconds
    is_due = _Clock()
    given = 0
    async with reading.iterator as iterator:
        async for message in iterator:
            if message is not None:
                given += 1
                yield event("row", _row(message, reading, view))
                # A stream of rows alone would never let another page have its turn.
                await asyncio.sleep(0)
            # After each hit of a search as well: what follows a Stop begins exactly there.
            if is_due() or (message is not None and view.is_search and not view.is_live):
                yield event("progress", _progress(reading, view, given))
            if deadline is not None and time.monotonic() > deadline:
                yield event("end", _ending(reading, view, given, f"after {seconds:g} s"))
                return
            if view.is_live and given >= MOST_LIVE:
                yield event("end", _ending(reading, view, given, f"after {MOST_LIVE:,} messages"))
                return
        yield event("end", _ending(reading, view, given, None))


def _row(message: Message[Any], reading: Reading, view: View) -> dict[str, Any]:
    page = f"/{message.partition}/{message.offset}"
    fields = [] if reading.expression is None else reading.expression.fields
    return line_of(message, fields) | {"address": View(view.topic).address(page)}


class _Clock:
    """Says when it is time for the next progress event."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _PROGRESS

    def __call__(self) -> bool:
        """Return whether it is time; the next time begins now."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + _PROGRESS
        return True


def _progress(reading: Reading, view: View, given: int) -> dict[str, Any]:
    """Return how far a reading is, and what its end says if it is stopped here."""
    if view.is_live:
        return {}
    report = reading.iterator.report
    assert report is not None  # it is read
    passed = sum(each.position - each.start for each in report)
    return {"passed": passed, "if_stopped": _ending(reading, view, given, "by Stop")}


def _read_of(report: Report) -> int:
    return report.messages + report.filtered + report.unreadable


def _ending(reading: Reading, view: View, given: int, early: str | None) -> dict[str, Any]:
    """Return what the end of a stream says: counts, why it ended, and the address of what follows."""
    report = reading.iterator.report
    assert report is not None  # it was read
    expression = reading.expression
    more = None
    # A partition of which nothing is left stays where it is, so all of them can be named.
    positions = {
        each.partition: each.start if view.order == "newest" else each.position for each in report.partitions
    }
    if not view.is_live and (early is not None or given >= PAGE):
        more = view.at(positions).address()
    return {
        "given": given,
        "read": _read_of(report),
        "lost": report.lost,
        "early": early,
        "more": more,
        "failed": 0 if expression is None else expression.failed,
        "reason": None if expression is None or expression.reason is None else cut(expression.reason),
        "report": [
            [str(getattr(each, name)) for name in COLUMNS] for each in report if each.position > each.start
        ],
    }
