from __future__ import annotations

import collections.abc as cabc

import pytest

from framework.retry import PAUSE, Deadline, retry, wait_until
from tests.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def failing(times: int, error: Exception) -> cabc.Callable[[], str]:
    """A call that fails so often, and then returns "answer"."""
    left = iter(range(times))

    def call() -> str:
        if next(left, None) is None:
            return "answer"
        raise error

    return call


# Deadline


def test_a_deadline_counts_down(clock: Clock) -> None:
    deadline = Deadline(10.0, clock)
    clock.sleep(4.0)

    assert (deadline.remaining, deadline.has_passed) == (6.0, False)


@pytest.mark.parametrize("waited", [10.0, 10.5, 1000.0])
def test_a_deadline_that_has_passed_leaves_nothing(waited: float, clock: Clock) -> None:
    deadline = Deadline(10.0, clock)
    clock.sleep(waited)

    assert (deadline.remaining, deadline.has_passed) == (0.0, True)


def test_a_deadline_of_no_seconds_has_passed_at_once(clock: Clock) -> None:
    assert Deadline(0.0, clock).has_passed


def test_a_deadline_keeps_its_seconds_for_error_messages(clock: Clock) -> None:
    deadline = Deadline(2.5, clock)
    clock.sleep(1.0)

    assert deadline.seconds == 2.5


def test_a_deadline_counts_by_the_monotonic_clock_unless_it_gets_another() -> None:
    assert 9.0 < Deadline(10.0).remaining <= 10.0


# retry()


def test_a_call_that_succeeds_is_made_once_without_a_pause(clock: Clock) -> None:
    deadline = Deadline(1.0, clock)

    assert retry(failing(0, OSError()), deadline, on=lambda _: True, pause=clock.sleep) == "answer"
    assert clock.pauses == []


def test_a_call_that_fails_is_retried_after_a_pause(clock: Clock) -> None:
    deadline = Deadline(1.0, clock)

    assert retry(failing(3, OSError()), deadline, on=lambda _: True, pause=clock.sleep) == "answer"
    assert clock.pauses == [PAUSE] * 3


def test_an_error_not_worth_a_retry_is_raised_at_once(clock: Clock) -> None:
    error = ValueError("not now")

    with pytest.raises(ValueError, match="not now") as caught:
        retry(
            failing(3, error),
            Deadline(1.0, clock),
            on=lambda error: isinstance(error, OSError),
            pause=clock.sleep,
        )
    assert caught.value is error
    assert clock.pauses == []


def test_after_the_deadline_the_last_error_is_raised(clock: Clock) -> None:
    with pytest.raises(OSError, match="not now"):
        retry(failing(10**6, OSError("not now")), Deadline(1.0, clock), on=lambda _: True, pause=clock.sleep)
    assert 1000.0 + 1.0 <= clock.now < 1000.0 + 1.0 + 2 * PAUSE


def test_a_call_is_made_once_even_after_the_deadline(clock: Clock) -> None:
    assert (
        retry(failing(0, OSError()), Deadline(0.0, clock), on=lambda _: True, pause=clock.sleep) == "answer"
    )


def test_what_is_learned_during_the_pause_may_end_the_retries(clock: Clock) -> None:
    deadline = Deadline(60.0, clock)

    with pytest.raises(OSError, match="not now"):
        retry(failing(99, OSError("not now")), deadline, on=lambda _: not clock.pauses, pause=clock.sleep)
    assert clock.pauses == [PAUSE]


def test_ctrl_c_is_never_retried(clock: Clock) -> None:
    def call() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retry(call, Deadline(1.0, clock), on=lambda _: True, pause=clock.sleep)
    assert clock.pauses == []


# wait_until()


def test_a_condition_that_holds_is_not_waited_for(clock: Clock) -> None:
    assert wait_until(lambda: True, Deadline(1.0, clock), pause=clock.sleep)
    assert clock.pauses == []


def test_a_condition_is_waited_for(clock: Clock) -> None:
    assert wait_until(lambda: clock.now >= 1000.5, Deadline(1.0, clock), pause=clock.sleep)
    assert 1000.5 <= clock.now < 1000.5 + 2 * PAUSE


def test_a_condition_that_never_holds_is_false_after_the_deadline(clock: Clock) -> None:
    assert not wait_until(lambda: False, Deadline(1.0, clock), pause=clock.sleep)
    assert 1001.0 <= clock.now < 1001.0 + 2 * PAUSE


def test_a_condition_is_tried_once_more_after_the_last_pause(clock: Clock) -> None:
    assert wait_until(lambda: len(clock.pauses) == 1, Deadline(PAUSE, clock), pause=clock.sleep)
