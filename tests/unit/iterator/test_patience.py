from __future__ import annotations

import pytest

from framework.types import TopicPartition
from framework_iterator.reading.patience import Patience, Verdict
from tests.clock import Clock
from tests.unit.iterator.fakes import F0, F1, W0


@pytest.fixture
def clock() -> Clock:
    return Clock()


def patience_of(
    clock: Clock, stall_timeout: float | None = None, positions: dict[TopicPartition, int] | None = None
) -> Patience:
    return Patience(stall_timeout, lambda: positions or {}, clock)


def wait(patience: Patience, clock: Clock, seconds: float) -> None:
    with patience.waiting():
        clock.now += seconds


# Probes


@pytest.mark.parametrize(
    ("waited", "verdict"),
    [
        pytest.param(0.0, Verdict.WAIT, id="nothing-yet"),
        pytest.param(2.0, Verdict.WAIT, id="at-two-seconds"),
        pytest.param(2.001, Verdict.PROBE, id="past-two-seconds"),
    ],
)
def test_a_run_that_waits_probes_after_two_seconds(clock: Clock, waited: float, verdict: Verdict) -> None:
    patience = patience_of(clock)
    wait(patience, clock, waited)
    assert patience.verdict() is verdict


def test_a_probe_that_is_due_is_due_once(clock: Clock) -> None:
    patience = patience_of(clock)
    wait(patience, clock, 3)
    assert [patience.verdict(), patience.verdict()] == [Verdict.PROBE, Verdict.WAIT]


def test_the_time_between_probes_doubles_up_to_thirty_seconds(clock: Clock) -> None:
    patience = patience_of(clock)
    probed_at = []
    for second in range(1, 130):
        wait(patience, clock, 1)
        if patience.verdict() is Verdict.PROBE:
            probed_at.append(second)
    # A probe comes in the second after it was due: 3 + 3 = 6, so at 7.
    assert probed_at == [3, 7, 15, 31, 62, 93, 124]


def test_several_short_waits_add_up(clock: Clock) -> None:
    patience = patience_of(clock)
    for _ in range(3):
        wait(patience, clock, 0.75)
    assert patience.verdict() is Verdict.PROBE


def test_the_time_in_the_body_of_the_loop_does_not_count(clock: Clock) -> None:
    patience = patience_of(clock, stall_timeout=60.0)
    clock.now += 1_000
    assert patience.verdict() is Verdict.WAIT
    assert not patience.take_silence(0.2)


def test_the_time_of_a_wait_that_fails_counts(clock: Clock) -> None:
    patience = patience_of(clock)
    with pytest.raises(KeyError), patience.waiting():
        clock.now += 3
        raise KeyError
    assert patience.verdict() is Verdict.PROBE
    assert patience.take_silence(3.0)


# A run that has stalled


@pytest.mark.parametrize(
    ("waited", "is_stalled"),
    [
        pytest.param(59.999, False, id="before"),
        pytest.param(60.0, False, id="at-the-timeout"),
        pytest.param(60.001, True, id="past-the-timeout"),
    ],
)
def test_a_run_has_stalled_past_its_timeout(clock: Clock, waited: float, is_stalled: bool) -> None:
    patience = patience_of(clock, stall_timeout=60.0)
    wait(patience, clock, waited)
    assert (patience.verdict() is Verdict.STALLED) is is_stalled


def test_a_run_that_has_stalled_stays_so_until_something_advances(clock: Clock) -> None:
    patience = patience_of(clock, stall_timeout=1.0)
    wait(patience, clock, 5)
    assert [patience.verdict(), patience.verdict()] == [Verdict.STALLED, Verdict.STALLED]
    patience.on_advance()
    assert patience.verdict() is Verdict.WAIT


def test_a_run_that_follows_never_stalls(clock: Clock) -> None:
    patience = patience_of(clock, stall_timeout=None)
    wait(patience, clock, 1_000_000)
    assert patience.stall_timeout is None
    assert [patience.verdict(), patience.verdict()] == [Verdict.PROBE, Verdict.WAIT]


def test_an_advance_starts_both_the_timeout_and_the_probes_again(clock: Clock) -> None:
    patience = patience_of(clock, stall_timeout=60.0)
    wait(patience, clock, 50)
    assert patience.verdict() is Verdict.PROBE
    patience.on_advance()
    wait(patience, clock, 2.001)
    assert patience.verdict() is Verdict.PROBE
    wait(patience, clock, 57)
    assert patience.verdict() is Verdict.PROBE


def test_what_the_reader_is_given_is_no_advance(clock: Clock) -> None:
    patience = patience_of(clock, stall_timeout=60.0)
    wait(patience, clock, 61)
    patience.on_given()
    assert patience.verdict() is Verdict.STALLED


# Silence


@pytest.mark.parametrize(("waited", "is_silent"), [(0.0, False), (0.49, False), (0.5, True), (0.7, True)])
def test_silence_is_max_wait_seconds_without_a_message(clock: Clock, waited: float, is_silent: bool) -> None:
    patience = patience_of(clock)
    wait(patience, clock, waited)
    assert patience.take_silence(0.5) is is_silent


def test_silence_that_was_reported_starts_again(clock: Clock) -> None:
    patience = patience_of(clock)
    wait(patience, clock, 1.2)
    assert [patience.take_silence(0.5), patience.take_silence(0.5)] == [True, False]
    wait(patience, clock, 0.5)
    assert patience.take_silence(0.5)


def test_silence_that_was_not_long_enough_is_kept(clock: Clock) -> None:
    patience = patience_of(clock)
    wait(patience, clock, 0.25)
    assert not patience.take_silence(0.5)
    wait(patience, clock, 0.25)
    assert patience.take_silence(0.5)


def test_a_message_for_the_reader_ends_silence_and_an_advance_does_not(clock: Clock) -> None:
    patience = patience_of(clock)
    wait(patience, clock, 0.75)
    patience.on_advance()
    assert patience.take_silence(0.5)
    wait(patience, clock, 0.75)
    patience.on_given()
    assert not patience.take_silence(0.5)


@pytest.mark.parametrize(
    ("silent", "expected"),
    [
        pytest.param(0.0, 0.5, id="nothing-yet"),
        pytest.param(0.125, 0.375, id="the-rest"),
        pytest.param(0.5, 0.5, id="just-reported"),
        pytest.param(0.625, 0.375, id="without-yield-none"),
        pytest.param(0.49999, 0.001, id="never-zero"),
    ],
)
def test_a_wait_ends_when_silence_is_reported(clock: Clock, silent: float, expected: float) -> None:
    patience = patience_of(clock)
    wait(patience, clock, silent)
    assert patience.next_wait(0.5) == expected


# Partitions that are quiet while others are busy


def test_no_partition_is_quiet_before_fifteen_seconds_have_passed(clock: Clock) -> None:
    patience = patience_of(clock, positions={F0: 0})
    clock.now += 15.0
    assert patience.take_quiet(lambda: {F0: 0}) == []
    clock.now += 0.001
    assert patience.take_quiet(lambda: {F0: 0}) == [F0]


def test_quiet_are_those_that_have_not_moved_since_the_start(clock: Clock) -> None:
    patience = patience_of(clock, positions={F0: 5, F1: 5, W0: 5})
    clock.now += 16
    assert patience.take_quiet(lambda: {F0: 5, F1: 6, W0: 5}) == [F0, W0]


def test_quiet_are_those_that_have_not_moved_since_the_last_comparison(clock: Clock) -> None:
    patience = patience_of(clock, positions={F0: 0, F1: 0})
    clock.now += 16
    assert patience.take_quiet(lambda: {F0: 0, F1: 7}) == [F0]
    clock.now += 16
    assert patience.take_quiet(lambda: {F0: 1, F1: 7}) == [F1]


def test_after_a_comparison_fifteen_seconds_have_to_pass_again(clock: Clock) -> None:
    patience = patience_of(clock, positions={F0: 0})
    clock.now += 16
    assert patience.take_quiet(lambda: {F0: 0}) == [F0]
    clock.now += 15
    assert patience.take_quiet(lambda: {F0: 0}) == []


def test_a_partition_that_ended_or_came_later_is_not_quiet(clock: Clock) -> None:
    patience = patience_of(clock, positions={F0: 0, F1: 3})
    clock.now += 16
    assert patience.take_quiet(lambda: {F1: 4, W0: 0}) == []


def test_positions_are_compared_as_they_were(clock: Clock) -> None:
    positions = {F0: 0}
    patience = patience_of(clock, positions=positions)
    positions[F0] = 9
    clock.now += 16
    assert patience.take_quiet(lambda: positions) == []
    clock.now += 16
    assert patience.take_quiet(lambda: positions) == [F0]


def test_positions_are_not_asked_for_before_it_is_time(clock: Clock) -> None:
    def positions() -> dict[TopicPartition, int]:
        raise AssertionError("asked too early")

    patience = patience_of(clock)
    clock.now += 15
    assert patience.take_quiet(positions) == []


# Tests of messages


def test_the_time_in_which_messages_are_tested_is_silence_and_no_waiting(clock: Clock) -> None:
    patience = patience_of(clock, stall_timeout=5.0)
    with patience.testing():
        clock.now += 60
    assert patience.verdict() is Verdict.WAIT
    assert patience.take_silence(60)
    assert not patience.take_silence(0.001)


def test_a_test_that_fails_has_taken_its_time_too(clock: Clock) -> None:
    patience = patience_of(clock)
    with pytest.raises(ZeroDivisionError), patience.testing():
        clock.now += 60
        raise ZeroDivisionError
    assert patience.take_silence(60)
