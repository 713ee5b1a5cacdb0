"""With `async for`, a commit that the broker refuses is raised where it can be caught, else logged once."""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import contextlib
import logging
from typing import Any

import pytest

from framework import App, CommitError
from framework_iterator import Iterator
from tests import support
from tests.scenarios.marking import live_member


class BodyError(Exception):
    """What a loop's body raises."""


async def read_to_the_end(iterator: Iterator[Any]) -> None:
    async for message in iterator:
        iterator.mark_as_consumed(message)


async def break_out(iterator: Iterator[Any]) -> None:
    async for message in iterator:
        iterator.mark_as_consumed(message)
        break


async def break_in_async_with(iterator: Iterator[Any]) -> None:
    async with iterator:
        await break_out(iterator)


async def break_and_close(iterator: Iterator[Any]) -> None:
    await break_out(iterator)
    await iterator.aclose()


async def break_and_close_later(iterator: Iterator[Any]) -> None:
    await break_out(iterator)
    await asyncio.to_thread(support.wait_until, lambda: iterator.report and iterator.report.error, "a commit")
    await iterator.aclose()


async def close_the_generator(iterator: Iterator[Any]) -> None:
    generator = aiter(iterator)
    assert isinstance(generator, cabc.AsyncGenerator)
    iterator.mark_as_consumed(await anext(generator))
    await generator.aclose()


async def raise_in_the_body(iterator: Iterator[Any]) -> None:
    with contextlib.suppress(BodyError):
        async for message in iterator:
            iterator.mark_as_consumed(message)
            raise BodyError


@pytest.fixture
def iterator(app: App, topic: support.TopicFactory, kafka: str) -> cabc.Iterator[Iterator[Any]]:
    """One whose group has a live member, so that its marks are refused."""
    name = topic(1, ["a", "b", "c"])
    with live_member(kafka, f"{name}-group", name):
        yield Iterator(name, group_id=f"{name}-group")


def errors(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(each.name, each.getMessage()[:34]) for each in caplog.records if each.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    "leave",
    [read_to_the_end, break_in_async_with, break_and_close, break_and_close_later, close_the_generator],
)
def test_where_it_can_be_caught_it_is_raised(
    iterator: Iterator[Any], leave: cabc.Callable[[Iterator[Any]], cabc.Coroutine[Any, Any, None]]
) -> None:
    with pytest.raises(CommitError, match="has live members"):
        asyncio.run(leave(iterator))


@pytest.mark.parametrize("leave", [break_out, raise_in_the_body])
def test_where_nobody_can_catch_it_one_sentence_is_logged(
    iterator: Iterator[Any],
    caplog: pytest.LogCaptureFixture,
    leave: cabc.Callable[[Iterator[Any]], cabc.Coroutine[Any, Any, None]],
) -> None:
    asyncio.run(leave(iterator))
    assert errors(caplog) == [("framework_iterator.session", "The marks were not committed for g")]
