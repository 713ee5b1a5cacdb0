from __future__ import annotations

from typing import Any

import pytest

from framework import App
from framework_iterator import InvalidOptionError, Iterator, Plan
from framework_iterator.options import check_errors, check_given_plan, check_limit, check_order, check_size
from tests.unit.iterator.fakes import F0, plan_of


class Three:
    """An integer of another library's, as numpy has them."""

    def __index__(self) -> int:
        return 3

    def __repr__(self) -> str:
        return "Three()"


@pytest.mark.parametrize(
    ("limit", "expected"), [(None, None), (0, 0), (1, 1), (2**70, 2**70), (Three(), 3)], ids=repr
)
def test_a_limit_is_a_number_of_messages_or_none(limit: object, expected: int | None) -> None:
    assert check_limit(limit) == expected


@pytest.mark.parametrize("limit", [-1, True, False, 1.0, "1", [], b"1"], ids=repr)
def test_any_other_limit_is_refused(limit: object) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        check_limit(limit)
    assert str(caught.value) == f"limit={limit!r} is invalid: expected an int >= 0 or None."


@pytest.mark.parametrize(("size", "expected"), [(1, 1), (1000, 1000), (Three(), 3)], ids=repr)
def test_a_size_is_a_number_from_one(size: object, expected: int) -> None:
    assert check_size(size) == expected


@pytest.mark.parametrize("size", [0, -1, None, True, 2.0, "10"], ids=repr)
def test_any_other_size_is_refused(size: object) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        check_size(size)
    assert str(caught.value) == f"size={size!r} is invalid: expected an int >= 1."


def test_errors_are_raised_or_skipped() -> None:
    assert [check_errors("raise"), check_errors("skip")] == ["raise", "skip"]


@pytest.mark.parametrize("errors", ["ignore", "", "SKIP", None, True, ["skip"]], ids=repr)
def test_any_other_errors_are_refused(errors: object) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        check_errors(errors)
    assert str(caught.value) == f"errors={errors!r} is invalid: expected 'raise' or 'skip'."


@pytest.mark.parametrize("option", ["follow", "yield_none", "progress"])
@pytest.mark.parametrize("value", ["no", 0, 1, None], ids=repr)
def test_a_flag_that_is_neither_true_nor_false_is_refused(option: str, value: object) -> None:
    options: dict[str, Any] = {option: value}
    with pytest.raises(InvalidOptionError) as caught:
        Iterator("flights", app=App(), **options)
    assert str(caught.value) == f"{option}={value!r} is invalid: expected True or False."


def test_a_max_wait_that_looks_like_milliseconds_is_doubted_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Iterator("flights", app=App(), max_wait=200)
    Iterator("flights", app=App(), max_wait=60)
    assert caplog.messages == ["max_wait=200 is in seconds. Did you mean 0.2?"]


# Orders


@pytest.mark.parametrize("order", [None, "time", "newest"])
def test_an_order_has_a_name_or_is_that_of_arrival(order: str | None) -> None:
    assert check_order(order, follow=False) == order


@pytest.mark.parametrize("order", ["oldest", "", "TIME", True, 0, ["time"]], ids=repr)
@pytest.mark.parametrize("follow", [True, False])
def test_any_other_order_is_refused(order: object, follow: bool) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        check_order(order, follow=follow)
    assert str(caught.value) == (
        f"order={order!r} is invalid: expected 'time', 'newest' or None, which is the order of arrival."
    )


@pytest.mark.parametrize("order", ["time", "newest"])
def test_an_order_of_a_run_that_follows_is_refused(order: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        check_order(order, follow=True)
    assert str(caught.value) == f"order={order!r} can't follow, with or without until: leave follow out."


def test_a_run_that_follows_gives_messages_as_they_arrive() -> None:
    assert check_order(None, follow=True) is None


# A plan that is given


@pytest.mark.parametrize("follow", [False, True])
def test_a_plan_with_ends_may_be_given(follow: bool) -> None:
    check_given_plan(plan_of(F0), until=None, resume=None, follow=follow)


def test_a_plan_that_follows_may_be_given_with_follow() -> None:
    check_given_plan(plan_of(F0, stop=None), until=None, resume=None, follow=True)


@pytest.mark.parametrize(
    ("plan", "options", "sentence"),
    [
        pytest.param(
            plan_of(F0),
            {"until": 0},
            "until=0 is invalid beside a plan, which says where to start and to end.",
            id="until",
        ),
        pytest.param(
            plan_of(F0),
            {"resume": {}},
            "resume={} is invalid beside a plan, which says where to start and to end.",
            id="resume",
        ),
        pytest.param(Plan(()), {}, "The plan has no partitions.", id="empty"),
        pytest.param(
            plan_of(F0, stop=None),
            {},
            "The plan follows: its partitions have no end. Pass follow=True.",
            id="follows",
        ),
    ],
)
def test_what_contradicts_a_plan_is_refused(plan: Plan, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        check_given_plan(plan, **{"until": None, "resume": None, "follow": False} | options)
    assert str(caught.value) == sentence
