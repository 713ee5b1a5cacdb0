"""The public class: what is read, and the way into a run."""

from __future__ import annotations

import collections.abc as cabc
import operator
import threading
import types
from typing import TYPE_CHECKING, Any, Generic, Literal, Never, Self, TypedDict, Unpack, overload

from typing_extensions import TypeVar  # the one with defaults

from framework import App, ConfigError, Message, Topic
from framework.config import check_seconds
from framework.deserializers import Decoders
from framework.discovery import find_app
from framework.types import KafkaSettings
from framework_iterator.errors import AlreadyIteratingError, InvalidStartError, NotIteratingError
from framework_iterator.planning.plan import Plan
from framework_iterator.report import Report
from framework_iterator.reading.settings import read_settings
from framework_iterator.planning.subscription import Declared, Topics, Until, subscribe

if TYPE_CHECKING:
    from framework_iterator.session import Options, Run
    from framework_iterator.reading.source import Source

P = TypeVar("P")
Q = TypeVar("Q")
# With yield_none, a loop is given None as well; else nobody need think of it.
NoneT = TypeVar("NoneT", default=Never)


class _Options(TypedDict, total=False):
    app: App | None
    settings: KafkaSettings | None
    until: Until
    limit: int | None
    follow: bool
    max_wait: float
    group_id: str | None
    progress: bool


class Iterator(Generic[P, NoneT]):
    """Reads topics from any process, in one line, and always comes to an end.

        for message in Iterator("flights"):
            print(message.payload)

    `topics`: a name, a declared `Topic`, a list of them, or a dict from them to where to start: an
    offset, a negative number (so many offsets before the end), a datetime, a timedelta (ago),
    "earliest", "latest", or True for where the group left off; also `{partition: start}` and lists
    of partition numbers. `until` takes the same forms but True, for where to end (exclusive); by
    default a run ends at the end of each partition as it is when the run begins. `limit` ends it
    after so many messages. `follow=True` goes on for ever, and `yield_none=True` gives None whenever
    `max_wait` seconds pass without a message. `group_id` is for whom marks are committed, by default
    `<client_id>-iterator`. `progress=True` shows a bar on a terminal's stderr, once a run takes half a
    second. `settings` are librdkafka's own keys, above the app's.

    Nothing is asked of a broker before a run, `plan()` or `first()` begins; wrong arguments raise
    here. It can be iterated again: each run resolves anew, and there is one at a time. It joins no
    group, and commits nothing but what was marked.

    `stop()` may be called from any thread and from a signal handler; everything else belongs to the
    thread that iterates.
    """

    @overload
    def __init__(
        self: Iterator[Q, Never],
        topics: Declared[Q],
        *,
        yield_none: Literal[False] = ...,
        **options: Unpack[_Options],
    ) -> None: ...
    @overload
    def __init__(
        self: Iterator[Q, None], topics: Declared[Q], *, yield_none: bool, **options: Unpack[_Options]
    ) -> None: ...
    @overload
    def __init__(
        self: Iterator[Any, Never],
        topics: Topics[Any],
        *,
        yield_none: Literal[False] = ...,
        **options: Unpack[_Options],
    ) -> None: ...
    @overload
    def __init__(
        self: Iterator[Any, None], topics: Topics[Any], *, yield_none: bool, **options: Unpack[_Options]
    ) -> None: ...
    def __init__(
        self,
        topics: Topics[Any],
        *,
        app: App | None = None,
        settings: KafkaSettings | None = None,
        until: Until = None,
        limit: int | None = None,
        follow: bool = False,
        yield_none: bool = False,
        max_wait: float = 0.2,
        group_id: str | None = None,
        progress: bool = False,
    ) -> None:
        """Check everything that can be checked without a broker."""
        self._subscription = subscribe(topics, until)
        if not (app is None or isinstance(app, App)):
            raise ConfigError(f"app={app!r} isn't an App: make one with framework.App(), or leave it out.")
        self._app = app if app is not None else find_app()
        self._settings = read_settings(self._app.kafka, settings, group_id=group_id, follow=follow)
        self._limit = _check_limit(limit)
        self._yield_none = yield_none
        self._max_wait = check_seconds("max_wait", max_wait)
        self._progress = progress
        self._run: Run[P] | None = None
        self._beginning: Run[P] | None = None
        self._lock = threading.Lock()

    def __iter__(self) -> cabc.Iterator[Message[P] | NoneT]:
        """A new run, which begins with its first message; AlreadyIteratingError while another lives."""
        return self._messages(self._limit, yield_none=self._yield_none)

    def first(self) -> Message[P] | None:
        """The first message of a run, or None where there is nothing to read."""
        limit = 1 if self._limit is None else min(1, self._limit)
        # To its end, so that the report says why it ended.
        return next(iter(list(self._messages(limit, yield_none=False))), None)

    def plan(self) -> Plan:
        """What a run would read if it began now; reads nothing. Its text is a table."""
        source = self._open()
        try:
            return self._resolve(source)
        finally:
            source.close()

    @property
    def report(self) -> Report | None:
        """What the latest run has read so far, or in all; None before it has begun to read."""
        return None if self._run is None else self._run.report

    def stop(self) -> None:
        """End the run after the current message; an idle one ends within `max_wait`.

        From any thread, and from a signal handler. A run that waits for a broker to answer a look-up
        ends when it has, or after the app's `broker_timeout`.
        """
        # One that is still looking up its plan can be stopped, too: whoever calls can't know how far it is.
        (self._beginning or self._live()).stop()

    def stop_partition(self, topic: str | Topic[Any], partition: int) -> None:
        """Give no further message of this partition, of those fetched already neither.

        When all partitions are stopped, the run ends.
        """
        self._live().stop_partition((topic if isinstance(topic, str) else topic.name, partition))

    def stop_current_partition(self) -> None:
        """The same for the partition of the message that was given last."""
        run = self._live()
        run.stop_partition(run.current_partition())

    def mark_as_consumed(self, message: Message[Any], *, blocking: bool = False) -> None:
        """Have the group go on behind this message: a run with the start True begins there.

        Committed in the background once a second, and at the end of the run, on every way out of it.
        `blocking=True` returns when the broker has it. The last mark of a partition wins. What the
        broker refuses is a CommitError: here when blocking, else at the end of the run.
        """
        self._live().mark(message, blocking=blocking)

    def close(self) -> None:
        """End the live run, if there is one, and commit its marks.

        A commit that fails is a CommitError, also that of a run which a `break` ended before.
        """
        if self._beginning is not None:
            self._beginning.stop()
        if self._run is not None:
            self._run.close()

    def __enter__(self) -> Self:
        """For a `with` block, which closes a live run at its end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: types.TracebackType | None,
    ) -> None:
        """Close a live run; a commit that fails hides no exception of the block's."""
        if self._run is not None:
            self._run.close(quietly=error is not None, within=self._run.patience(error))

    def __repr__(self) -> str:
        """`<Iterator flights>`, and while it runs `<Iterator flights: 3 of 8 partitions running>`."""
        topics = ", ".join(self._subscription.topics)
        report = self.report
        if report is None or report.ended is not None:
            return f"<Iterator {topics}>"
        running = sum(each.ended is None for each in report.partitions)
        return f"<Iterator {topics}: {running} of {len(report.partitions)} partitions running>"

    def __length_hint__(self) -> int:
        """How many offsets a live run has still to read; asks no broker."""
        if self._run is None or self._run.is_closed:
            return NotImplemented  # type: ignore[no-any-return]  # what the protocol asks for
        return self._run.remaining

    def _messages(self, limit: int | None, *, yield_none: bool) -> cabc.Generator[Any]:
        # Confluent's client is loaded with the first run, not with the package.
        from framework_iterator.session import Run

        run: Run[P] = Run(self._options(limit, yield_none))
        generator = run.messages(self._begin)
        run.watch(generator)
        return generator

    def _begin(self, run: Run[P]) -> None:
        with self._lock:
            # One that began in the process that forked this one is not ours.
            if (self._beginning is not None and self._beginning.is_of_this_process) or (
                self._run is not None and not self._run.is_closed
            ):
                # Without the report: it belongs to the thread of the run that is live.
                topics = ", ".join(self._subscription.topics)
                raise AlreadyIteratingError(
                    f"<Iterator {topics}> has a live run. End it first, or make a second Iterator."
                )
            self._beginning, self._run = run, None
        try:
            source = self._open()
            try:
                run.begin(source, self._resolve(source))
            except BaseException:
                # Of no use any more: nobody waits for it.
                source.close(within=0.0)
                raise
            self._run = run
        finally:
            self._beginning = None

    def _live(self) -> Run[P]:
        if self._run is None or self._run.is_closed:
            raise NotIteratingError(f"{self!r} has no live run: this works from within the loop.")
        return self._run

    def _open(self) -> Source:
        from framework_iterator.reading.source import Source

        # Who follows never stalls.
        stall_timeout = None if self._settings.follow else self._app.stall_timeout
        return Source(self._settings.kafka, self._app.broker_timeout, stall_timeout)

    def _resolve(self, source: Source) -> Plan:
        from framework_iterator.planning.planner import resolve

        settings = self._settings
        return resolve(source.lookups, self._subscription, follow=settings.follow, reset=settings.reset)

    def _options(self, limit: int | None, yield_none: bool) -> Options:
        from framework_iterator.session import Options

        return Options(
            decoders=self._decoders(),
            limit=limit,
            follow=self._settings.follow,
            yield_none=yield_none,
            max_wait=self._max_wait,
            stall_timeout=self._app.stall_timeout,
            progress=self._progress,
        )

    def _decoders(self) -> dict[str, Decoders]:
        """Looked up once per topic and run: per message it would show."""
        routes = self._app.routes
        return {
            selection.topic: routes.deserializers(
                selection.declared or routes.find_or_default(selection.topic)
            ).compile()
            for selection in self._subscription.selections
        }


def _check_limit(limit: int | None) -> int | None:
    if limit is None:
        return None
    try:
        number = -1 if isinstance(limit, bool) else operator.index(limit)
    except TypeError:
        number = -1
    if number < 0:
        raise InvalidStartError(
            f"limit={limit!r} can't be: give a number of messages from 0, or None for all."
        )
    return number
