"""Each fault meets a process that has made no application yet."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any

import pytest

from framework.testing import reset_current_app
from framework_iterator.reading.recreations import Recreations
from tests.clock import wait_by
from tests.faults import doors as locked
from tests.faults.doors import Doors
from tests.faults.haste import Haste


@pytest.fixture(autouse=True)
def _no_current_app() -> cabc.Iterator[None]:
    reset_current_app()
    yield
    reset_current_app()


@pytest.fixture(scope="session")
def doors(borrow: cabc.Callable[[str], Any]) -> Doors:
    """A real broker that asks for passwords and rights."""
    return Doors(borrow(f"{locked.__name__}:{locked.opened.__name__}"))


@pytest.fixture
def haste(monkeypatch: pytest.MonkeyPatch) -> Haste:
    """The clock by which the runs of the test wait for messages."""
    clock = Haste()
    wait_by(clock, monkeypatch)
    return clock


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The topics whose ids runs have seen: one that is made anew before that is no other one."""
    topics: set[str] = set()
    compare = Recreations._compare

    def noted(recreations: Recreations, found: cabc.Mapping[str, str]) -> set[str]:
        topics.update(found)
        return compare(recreations, found)

    monkeypatch.setattr(Recreations, "_compare", noted)
    return topics
