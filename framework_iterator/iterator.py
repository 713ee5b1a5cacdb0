"""The public class: what to read, and the way into a run."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import functools
import re
from typing import TYPE_CHECKING, Any, Generic, Literal, Never, Unpack, overload

from framework import App, Message
from framework.types import NOT_GIVEN, KafkaSettings, P, T, U
from framework_iterator import loops
from framework_iterator.arguments import check_arguments
from framework_iterator.asynchronous import loops as async_loops
from framework_iterator.asynchronous.reading import AsyncReading, KeyT, NoneT
from framework_iterator.batch import Batch
from framework_iterator.batches import Batches
from framework_iterator.columns.columns import Columns, check_columns
from framework_iterator.current_run import CurrentRun
from framework_iterator.options import Errors, Options, Order, check_size
from framework_iterator.planning.plan import Plan
from framework_iterator.planning.positions import Positions
from framework_iterator.planning.subscription import Declared, Topics, Until
from framework_iterator.selecting.filters import Predicate
from framework_iterator.snapshot import SNAPSHOT_SIZE, check_snapshot, snapshot

if TYPE_CHECKING:
    import pyarrow


class Iterator(AsyncReading[P, NoneT, KeyT], Generic[P, NoneT, KeyT]):
    """Read topics from any process; unless it follows, a run ends where the topics end when it starts.

        for message in Iterator("flights"):
            print(message.payload)

    No broker is contacted before a run, `plan()` or `first()` starts; wrong arguments raise here. It has
    one run at a time, can be iterated again, and then resolves its starts and ends again. It joins no
    group, and commits nothing but what was marked. `stop()` may be called from any thread and from a
    signal handler; everything else belongs to the thread that iterates. In coroutines use `async for`,
    `async with`, and `await` the methods that begin with `a`: they don't block the event loop.

    Args:
        topics: A name, a declared `Topic`, a list of them, or a dict from them to where to start: an
            offset, a negative number (the last n offsets), a datetime or date, a timedelta (ago),
            "earliest", "latest", or True for the group's committed offset; also `{partition: start}` and
            lists of partition numbers. Without a start: "earliest". Or a `Plan`, which is read exactly.
        app: The application; by default the current one.
        settings: librdkafka's settings; they override the app's.
        until: Where to end, exclusive: a start other than True, for all topics or as `{topic: end}` or
            `{topic: {partition: end}}`. By default, and at most unless `follow`, the end when the run starts.
        resume: `report.positions` of an earlier run: its partitions start there, whatever `topics` says.
        where: Give only messages for which this function is true. What it raises ends the run.
        key: Give only messages of this key, None for those without one. Where the topic declares its
            `partitioner`, and the run doesn't follow, only the partition of the key is read.
        containing: Give only messages whose raw payload contains this text (as UTF-8), these bytes, or a
            match of this compiled pattern of bytes.
        order: "time" gives one stream in the order of timestamps; "newest" gives the newest messages first,
            and reads only as far back as needed. By default messages come as they arrive.
        limit: End the run after it gave this many messages.
        follow: Read on past the end, and partitions that are added, until `until`, `limit` or `stop()`.
        errors: With "raise", reading `message.payload` raises DeserializationError; with "skip", such
            messages are not given, and the report counts them as `unreadable`.
        yield_none: Give None whenever `max_wait` seconds pass without a message.
        max_wait: Seconds to wait for a message before None is given, and for more messages to fill a batch.
        group_id: The group of marks and of the start True; by default `<client_id>-iterator`.
        progress: Show a bar on stderr, if that is a terminal and the run takes half a second.
    """

    @overload
    def __init__(
        self: Iterator[T, Never, U],
        topics: Declared[T, U],
        *,
        yield_none: Literal[False] = ...,
        **options: Unpack[Options],
    ) -> None: ...
    @overload
    def __init__(
        self: Iterator[T, None, U], topics: Declared[T, U], *, yield_none: bool, **options: Unpack[Options]
    ) -> None: ...
    @overload
    def __init__(
        self: Iterator[Any, Never, object],
        topics: Topics[Any, Any] | Plan,
        *,
        yield_none: Literal[False] = ...,
        **options: Unpack[Options],
    ) -> None: ...
    @overload
    def __init__(
        self: Iterator[Any, None, object],
        topics: Topics[Any, Any] | Plan,
        *,
        yield_none: bool,
        **options: Unpack[Options],
    ) -> None: ...
    def __init__(
        self,
        topics: Topics[Any, Any] | Plan,
        *,
        app: App | None = None,
        settings: KafkaSettings | None = None,
        until: Until = None,
        resume: Positions | None = None,
        where: Predicate | None = None,
        key: object = NOT_GIVEN,
        containing: str | bytes | re.Pattern[bytes] | None = None,
        order: Order | None = None,
        limit: int | None = None,
        follow: bool = False,
        errors: Errors = "raise",
        yield_none: bool = False,
        max_wait: float = 0.2,
        group_id: str | None = None,
        progress: bool = False,
    ) -> None:
        """Check everything that can be checked without a broker."""
        self._recipe = check_arguments(
            topics,
            app=app,
            settings=settings,
            until=until,
            resume=resume,
            where=where,
            key=key,
            containing=containing,
            order=order,
            limit=limit,
            follow=follow,
            errors=errors,
            yield_none=yield_none,
            max_wait=max_wait,
            group_id=group_id,
            progress=progress,
        )
        self._runs = CurrentRun(self._recipe.names)

    def __iter__(self) -> cabc.Iterator[Message[P, KeyT] | NoneT]:
        """Return a new run, which starts with its first message; there is one run at a time."""
        return self._runs.start(self._recipe, loops.messages)

    def batches(self, size: int = 500) -> Batches[Batch[P, KeyT] | NoneT]:
        """Return a new run that gives its messages in batches, to `for` or `async for`.

        A batch is given when it has `size` messages, `max_wait` seconds after its first message, or at the
        end of the run. It counts as read when it is given; `limit` is exact.

        Args:
            size: How many messages a batch has at most. With more than 500, Python's garbage collector
                runs for each batch: two of them exceed its threshold of 700 objects.
        """
        size = check_size(size)
        return Batches(
            self._runs.start(self._recipe, functools.partial(loops.batches, size=size)),
            lambda: self._run_async(self._recipe, functools.partial(async_loops.batches, size=size)),
        )

    def first(self) -> Message[P, KeyT] | None:
        """Return the first message of a run, or None where there is nothing to read."""
        # To its end, so that the report says why it ended.
        messages = list(self._runs.start(loops.for_first(self._recipe), loops.messages))
        return messages[0] if messages else None

    def snapshot(self) -> dict[KeyT, Message[P, KeyT]]:
        """Return the latest message of each key, tombstones left out: the state of a compacted topic.

        It reads one topic, and deserializes keys only of what it returns, and no payload. Within a partition
        the higher offset is later, across partitions the later timestamp. Messages without a key are left
        out. Memory grows with the keys, not with the messages.
        """
        check_snapshot(self._recipe)
        recipe = dataclasses.replace(self._recipe, yield_none=False)
        return snapshot(self._runs.start(recipe, functools.partial(loops.batches, size=SNAPSHOT_SIZE)))

    def to_arrow(self, columns: Columns = "payload") -> pyarrow.RecordBatchReader:
        """Return a reader of Arrow record batches, which polars, duckdb and pandas take as it is.

            polars.from_arrow(Iterator(flights).to_arrow())

        It reads as it is read from, in bounded memory. The run starts with the first record batch, in the
        thread that reads it; where the types of payloads aren't declared, it starts here. To drop the reader,
        or to close the Iterator, ends the run.

        Args:
            columns: "payload" gives topic, partition, offset, timestamp, key and the fields of payloads;
                "raw" gives the bytes of keys, payloads and headers, and deserializes nothing.
        """
        checked = check_columns("to_arrow()", columns)
        from framework_iterator.columns.reading import open_reader  # late: few programs need pyarrow

        return open_reader(self._recipe, checked, self._runs.start)

    def plan(self) -> Plan:
        """Return what a run would read if it started now; it reads nothing. `str(plan)` is a table."""
        with self._recipe.connected() as source:
            plan = self._recipe.make_plan(source)
            self._recipe.log_notes_of_plan(source, plan)
        return plan

    def __repr__(self) -> str:
        """`<Iterator flights>`, and while it runs `<Iterator flights: 3 of 8 partitions running>`."""
        report = self.report
        if report is None or report.ended is not None:
            return f"<Iterator {self._recipe.names}>"
        running = sum(each.ended is None for each in report)
        return f"<Iterator {self._recipe.names}: {running} of {len(report)} partitions running>"

    def __length_hint__(self) -> int:
        """Return how many offsets a live run has left; it makes no request."""
        session = self._runs.latest
        if session is None or session.is_closed:
            return NotImplemented  # type: ignore[no-any-return]  # what the protocol asks for
        return session.remaining
