"""Check the arguments of an Iterator together: everything that can be checked without a broker."""

from __future__ import annotations

import re

from framework import App, ConfigError
from framework.config import check_seconds
from framework.discovery import find_app
from framework.types import KafkaSettings
from framework_iterator.options import (
    Errors,
    Order,
    check_errors,
    check_flag,
    check_given_plan,
    check_limit,
    check_order,
)
from framework_iterator.planning.plan import Plan
from framework_iterator.planning.positions import Positions
from framework_iterator.planning.subscription import subscribe
from framework_iterator.reading.settings import read_settings
from framework_iterator.recipe import Recipe
from framework_iterator.selecting.containing import Containing
from framework_iterator.selecting.filters import Filters, Predicate, check_where


def choose_app(app: object) -> App:
    """Return this application, or the current one for None; anything else is a ConfigError."""
    if app is None:
        return find_app()
    if isinstance(app, App):
        return app
    raise ConfigError(f"app={app!r} isn't an App: make one with framework.App(), or leave it out.")


def check_arguments(
    topics: object,
    *,
    app: App | None,
    settings: KafkaSettings | None,
    until: object,
    resume: Positions | None,
    where: Predicate | None,
    key: object,
    containing: str | bytes | re.Pattern[bytes] | None,
    order: Order | None,
    limit: int | None,
    follow: bool,
    errors: Errors,
    yield_none: bool,
    max_wait: float,
    group_id: str | None,
    progress: bool,
) -> Recipe:
    """Return the recipe of these arguments; see `Iterator`."""
    what = topics if isinstance(topics, Plan) else subscribe(topics, until, resume)
    app = choose_app(app)
    follow = check_flag("follow", follow)
    read_with = read_settings(
        app.kafka, settings, group_id=group_id, follow=follow, in_turns=order is not None
    )
    if isinstance(what, Plan):
        check_given_plan(what, until=until, resume=resume, follow=read_with.follow)
    filters = Filters(
        where=check_where(where),
        key=key,
        containing=None if containing is None else Containing(containing),
        skip_unreadable=check_errors(errors) == "skip",
    )
    return Recipe(
        app=app,
        topics=what,
        settings=read_with,
        filters=filters,
        order=check_order(order, follow=read_with.follow),
        limit=check_limit(limit),
        yield_none=check_flag("yield_none", yield_none),
        max_wait=check_seconds("max_wait", max_wait, doubtful=100),
        progress=check_flag("progress", progress),
    )
