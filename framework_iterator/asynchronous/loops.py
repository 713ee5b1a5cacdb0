"""The loops of a run for `async for`: as those in `framework_iterator.loops`.

Each waits for a fetch in the thread of the run. What it has fetched is given here, in the event loop, which
has the session to itself then.
"""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import itertools
from typing import Any

from framework_iterator.asynchronous.pace import Pace
from framework_iterator.asynchronous.run import AsyncRun
from framework_iterator.reading.source import FETCH_SIZE


async def messages(run: AsyncRun) -> cabc.AsyncGenerator[Any]:
    """Open a session and yield its messages; with `yield_none` also None."""
    pace = Pace()
    async with run:
        handover, control = run.session.handover, run.control
        while (delivery := await run.next(1, FETCH_SIZE)) is not None:
            if not len(delivery):
                yield None
                continue
            pace.restart()
            left, messages = len(delivery), handover.messages()
            while left > 0 and not control.interrupted:
                left -= (count := pace.count)
                for message in itertools.islice(messages, count):
                    handover.current = message
                    yield message
                    if control.interrupted:  # by stop(), stop_partition(), the bar; `next` gives the rest
                        break
                if pace.is_due():
                    await asyncio.sleep(0)
                    pace.restart()


async def batches(run: AsyncRun, size: int) -> cabc.AsyncGenerator[Any]:
    """Open a session and yield batches of up to `size` messages; with `yield_none` also None."""
    async with run:
        handover, control = run.session.handover, run.control
        while (delivery := await run.next(size, size)) is not None:
            if not len(delivery):
                yield None
                continue
            if control.interrupted:  # a partition was stopped meanwhile; `next` gives the rest
                continue
            batch = handover.batch()
            handover.current = batch
            yield batch
