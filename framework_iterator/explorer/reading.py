"""What the pages read, through the public Iterator and the App. I/O."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import datetime
import threading
from typing import TYPE_CHECKING, Any, Final

from framework import App, FrameworkError, Message, TopicNotFoundError
from framework.deserializers import describe
from framework.retry import Deadline, retry
from framework_iterator import InvalidOptionError, Iterator, Plan
from framework_iterator.explorer.addresses import View, start_of
from framework_iterator.explorer.expressions import Expression
from framework_iterator.sizes import Sizes, measure

if TYPE_CHECKING:
    from framework.admin import Admin

_Watermarks = dict[str, dict[int, Any]]
PAGE: Final = 50
"""Messages of a page."""
MEASURED: Final = 100_000
"""Offsets whose messages are measured for the sizes of a topic: a second, about."""
MEASURING: Final = 10
"""Seconds for that: 100,000 messages may as well have 100 GB."""
SECONDS: Final = 60.0
"""How long a search may take; then it says where to go on."""
_SETTINGS: Final = {
    "queued.min.messages": 5_000,
    "queued.max.messages.kbytes": 2_048,
    "fetch.max.bytes": 1_000_000,
    "max.partition.fetch.bytes": 131_072,
}
"""Little is fetched ahead, and little at once, since a broker sends compressed messages by their compressed
size: a million that gzip made a fortieth took 120 MB, and twice as long, as what isn't needed yet is fetched
again. Now a search takes 45 MB at most, with payloads of 1 MB as well."""
_LAST_OFFSET: Final = 2**63 - 1
TAIL: Final = 10
"""Messages before the end of each partition with which a live view begins."""


@dataclasses.dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic in the list: None where the broker doesn't have it."""

    name: str
    state: str
    payload: str
    key: str
    partitions: int | None
    offsets: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """An Iterator for a view, and the expression that it searches with."""

    iterator: Iterator[Any, None, Any]
    expression: Expression | None


def list_topics(
    app: App, is_internal: cabc.Callable[[str], bool]
) -> tuple[list[TopicRow], FrameworkError | None]:
    """Return the declared topics, then the others of the broker; or the declared ones and why no others."""
    declared = [topic.name for topic in app.routes]
    others: list[str] = []
    watermarks: _Watermarks = {}
    problem = None
    try:
        with app.admin() as admin:
            others, watermarks = retry(
                lambda: _of_the_broker(app, admin, is_internal),
                Deadline(app.broker_timeout),
                on=lambda error: isinstance(error, TopicNotFoundError),  # it was deleted meanwhile
            )
    except FrameworkError as error:
        problem = error
    rows = []
    for name in [*declared, *others]:
        topic = app.routes.find_or_default(name)
        found = watermarks.get(name)
        rows.append(
            TopicRow(
                name=name,
                state="undeclared" if name not in app.routes else "active" if topic.active else "inactive",
                payload=describe(topic.deserializers.payload),
                key=describe(topic.deserializers.key),
                partitions=None if found is None else len(found),
                offsets=None if found is None else sum(each.high - each.low for each in found.values()),
            )
        )
    return rows, problem


def _of_the_broker(
    app: App, admin: Admin, is_internal: cabc.Callable[[str], bool]
) -> tuple[list[str], _Watermarks]:
    """Return the topics of the broker that nobody declared, and the offsets of all that it has."""
    there = admin.topics()
    others = [name for name in there if name not in app.routes and not is_internal(name)]
    declared = [topic.name for topic in app.routes if topic.name in there]
    return others, admin.watermarks(*declared, *others)


def open_reading(app: App, view: View, plan: Plan | None = None) -> Reading:
    """Return what reads a view: newest first, oldest first, or live. Nothing is contacted yet.

    An InvalidOptionError or an ExpressionError says what is wrong with the view.

    Args:
        app: The application.
        view: What is shown.
        plan: What `plan()` of the view's Iterator returned before, or None: it isn't asked for again.
    """
    expression = Expression(view.where) if view.where else None
    options: dict[str, Any] = {"app": app, "max_wait": 0.2, "settings": _settings(app), "where": expression}
    if view.contains:
        options["containing"] = view.contains
    start = start_of(view.start)
    if view.is_live:
        options |= {"topics": {view.topic: _from(view, -TAIL)}, "follow": True}
    elif view.order == "newest":
        topics = {view.topic: "earliest" if view.partition is None else [view.partition]}
        options |= {"topics": topics, "order": "newest", "limit": PAGE}
        if start is not None:
            options["until"] = {view.topic: _from(view, start)}
    else:
        options |= {"topics": {view.topic: _from(view, "earliest" if start is None else start)}}
        options |= {"order": "time", "limit": PAGE}
    if plan is not None:
        options = {name: value for name, value in options.items() if name != "until"} | {"topics": plan}
    return Reading(_with_key(view, options), expression)


def _settings(app: App) -> dict[str, Any]:
    """Return the settings of a reading; librdkafka refuses fetches below the largest message of the app."""
    largest = int(app.kafka.get("message.max.bytes", 0))
    return {**_SETTINGS, "fetch.max.bytes": max(_SETTINGS["fetch.max.bytes"], largest)}


def _from(view: View, start: Any) -> Any:
    """Return a start for the partitions of a view."""
    if isinstance(start, dict):
        return {number: each for number, each in start.items() if view.partition in (None, number)}
    return start if view.partition is None else {view.partition: start}


def _with_key(view: View, options: dict[str, Any]) -> Iterator[Any, None, Any]:
    """Return an Iterator; the text of a key is read as the type that the topic declares, text first."""
    topics = options.pop("topics")
    if not view.key:
        return Iterator(topics, yield_none=True, **options)
    try:
        return Iterator(topics, yield_none=True, key=view.key, **options)
    except InvalidOptionError:
        if not view.key.removeprefix("-").isdecimal():
            raise
        return Iterator(topics, yield_none=True, key=int(view.key), **options)


def plan_of(app: App, topic: str, start: Any = "earliest") -> Plan:
    """Return which offsets a topic has."""
    return Iterator({topic: start}, app=app).plan()


def marks_of(app: App, topic: str) -> Plan:
    """Return where a run goes on that begins at the marks of the application's own group."""
    return Iterator({topic: True}, app=app).plan()


def sizes_of(app: App, topic: str) -> Sizes:
    """Measure the last messages of each partition, `MEASURED` offsets in all."""
    partitions = max(1, len(plan_of(app, topic)))
    iterator = Iterator({topic: -max(1, MEASURED // partitions)}, app=app, settings=_settings(app))
    timer = threading.Timer(MEASURING, iterator.stop)
    timer.daemon = True
    timer.start()
    try:
        return measure(iterator)
    finally:
        timer.cancel()


def message_at(app: App, topic: str, partition: int, offset: int) -> Message[Any] | None:
    """Return one message, or None where the log has none at this offset."""
    if offset >= _LAST_OFFSET:
        return None
    found = Iterator({topic: {partition: offset}}, app=app, until={topic: {partition: offset + 1}}).first()
    return found if found is not None and found.offset == offset else None


def now_text() -> str:
    """Return the time at which something was read, in UTC."""
    return datetime.datetime.now(datetime.UTC).strftime("%H:%M:%SZ")
