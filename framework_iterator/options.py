"""The options of an Iterator, and what is checked of them at once."""

from __future__ import annotations

import re
from typing import Final, Literal, TypedDict, get_args

from framework import App, config
from framework.types import KafkaSettings
from framework_iterator.checks import natural
from framework_iterator.errors import InvalidOptionError
from framework_iterator.planning.plan import Plan
from framework_iterator.planning.positions import Positions
from framework_iterator.planning.subscription import Until
from framework_iterator.selecting.filters import Predicate

Errors = Literal["raise", "skip"]
"""What happens to a message whose payload can't be deserialized."""


Order = Literal["time", "newest"]
"""In which order the messages of several partitions are given."""
ORDERS: Final[tuple[Order, ...]] = get_args(Order)


class Options(TypedDict, total=False):
    """What the overloads of `Iterator` have in common; see there."""

    app: App | None
    settings: KafkaSettings | None
    until: Until
    resume: Positions | None
    where: Predicate | None
    key: object
    containing: str | bytes | re.Pattern[bytes] | None
    order: Order | None
    limit: int | None
    follow: bool
    errors: Errors
    max_wait: float
    group_id: str | None
    progress: bool


def check_limit(limit: object) -> int | None:
    """Return a number of messages, or None for all; anything else is an InvalidOptionError."""
    return None if limit is None else _at_least(0, "limit", limit, "an int >= 0 or None")


def check_size(size: object) -> int:
    """Return the size of a batch; anything but a positive int is an InvalidOptionError."""
    return _at_least(1, "size", size, "an int >= 1")


def check_flag(name: str, value: object) -> bool:
    """Return True or False; anything else is an InvalidOptionError."""
    return config.check_flag(name, value, InvalidOptionError)


def check_errors(errors: object) -> Errors:
    """Return what happens to messages that can't be read, or raise InvalidOptionError."""
    if errors == "raise":
        return "raise"
    if errors == "skip":
        return "skip"
    raise InvalidOptionError(f"errors={errors!r} is invalid: expected 'raise' or 'skip'.")


def check_order(order: object, *, follow: bool) -> Order | None:
    """Return an order, or None; an unknown one, and one of a run without an end, is an InvalidOptionError."""
    if order is None:
        return None
    for known in ORDERS:
        if order == known:
            if follow:
                raise InvalidOptionError(
                    f"order={order!r} can't follow, with or without until: leave follow out."
                )
            return known
    raise InvalidOptionError(
        f"order={order!r} is invalid: expected 'time', 'newest' or None, which is the order of arrival."
    )


def check_given_plan(plan: Plan, *, until: object, resume: object, follow: bool) -> None:
    """Raise InvalidOptionError for what contradicts a plan that was given instead of topics."""
    for name, value in (("until", until), ("resume", resume)):
        if value is not None:
            raise InvalidOptionError(
                f"{name}={value!r} is invalid beside a plan, which says where to start and to end."
            )
    if not plan.partitions:
        raise InvalidOptionError("The plan has no partitions.")
    if plan.follows and not follow:
        raise InvalidOptionError("The plan follows: its partitions have no end. Pass follow=True.")


def _at_least(least: int, name: str, value: object, expected: str) -> int:
    number = natural(value)
    if number is None or number < least:
        raise InvalidOptionError(f"{name}={value!r} is invalid: expected {expected}.")
    return number
