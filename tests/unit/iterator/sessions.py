"""Sessions without a broker: over a fake source."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any

from framework import App
from framework_iterator import loops
from framework_iterator.control import Control
from framework_iterator.planning.plan import Plan
from framework_iterator.planning.subscription import subscribe
from framework_iterator.reading.settings import ReadSettings
from framework_iterator.selecting.filters import Filters
from framework_iterator.session import Session
from tests.unit.iterator.fakes import F0, FakeRecipe, FakeSource, plan_of

DEFAULTS: dict[str, Any] = {
    "filters": Filters(), "order": None, "limit": None, "yield_none": False, "max_wait": 0.01,
    "progress": False,
}  # fmt: skip


def recipe_of(app: App, source: FakeSource, plan: Plan | None = None, **options: Any) -> FakeRecipe:
    """A recipe for flights-0 from 0 to 100 over this source; `follow` is one of the options."""
    settings = ReadSettings({}, "a-group", follow=options.pop("follow", False), reset="earliest")
    given = DEFAULTS | options
    plan = plan_of(F0) if plan is None else plan
    topics = subscribe(plan.topics or ["flights"])
    return FakeRecipe(app=app, topics=topics, settings=settings, source=source, plan=plan, **given)


class Run:
    """One run, as an Iterator makes it; `session` is there once the first message was asked for."""

    def __init__(
        self, recipe: FakeRecipe, read: cabc.Callable[[Any], cabc.Generator[Any]] = loops.messages
    ) -> None:
        self.control = control = Control()
        self._opened: list[Session] = []
        opened = self._opened

        # Without self: the generator would keep this run alive, and so itself.
        def open_session() -> Session:
            opened.append(Session.open(recipe, control))
            return opened[0]

        self.generator = read(open_session)
        self.control.watch(self.generator)

    @property
    def session(self) -> Session:
        return self._opened[0]

    def __iter__(self) -> cabc.Iterator[Any]:
        return self.generator

    def __next__(self) -> Any:
        return next(self.generator)
