from __future__ import annotations

import collections.abc as cabc
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import DeserializationError, Message
from framework.deserializers import Deserializers
from framework_iterator.batch import Batch, ByTopic
from framework_iterator.progress.delivery import Fate
from framework_iterator.selecting.filters import read_payload
from framework_iterator.selecting.stages import Sifted, SkipUnreadable, Stages, Where, run_stages
from tests.unit.iterator.fakes import JSON, native

GIVEN, FILTERED, UNREADABLE = Fate.GIVEN, Fate.FILTERED, Fate.UNREADABLE
MANY = 1000
LETTERS = {GIVEN: "g", FILTERED: "f", UNREADABLE: "u"}


class Keep:
    """A sieve that keeps these offsets, and remembers which it was shown."""

    fate: ClassVar[Fate] = FILTERED

    def __init__(self, *offsets: int) -> None:
        self.offsets = offsets
        self.seen: list[int] = []

    def passing(self, batch: Batch[Any]) -> cabc.Sequence[int]:
        self.seen += batch.offsets
        return [index for index, offset in enumerate(batch.offsets) if offset in self.offsets]


class Drop(Keep):
    """A sieve with another fate, that removes these offsets."""

    fate: ClassVar[Fate] = UNREADABLE

    def passing(self, batch: Batch[Any]) -> cabc.Sequence[int]:
        self.seen += batch.offsets
        return [index for index, offset in enumerate(batch.offsets) if offset not in self.offsets]


class Odd:
    """A test that lets odd offsets pass, remembers which it was shown, and raises at these."""

    fate: ClassVar[Fate] = FILTERED

    def __init__(self, *failing: int, error: BaseException | None = None) -> None:
        self.failing = failing
        self.error = error or ZeroDivisionError()
        self.seen: list[int] = []

    def passes(self, message: Message[Any]) -> bool:
        self.seen.append(message.offset)
        if message.offset in self.failing:
            raise self.error
        return bool(message.offset % 2)


def batch_of(*payloads: bytes | None, deserializers: ByTopic = JSON) -> Batch[Any]:
    return Batch([native(offset, payload) for offset, payload in enumerate(payloads)], deserializers)


def ones(count: int) -> Batch[Any]:
    return batch_of(*[b"1"] * count)


def read(sifted: Sifted) -> tuple[list[int], str | None]:
    """What passed, and the fates as letters."""
    fates = sifted.fates
    return sifted.batch.offsets, None if fates is None else "".join(LETTERS[Fate(each)] for each in fates)


# SkipUnreadable


def unreadable(batch: Batch[Any]) -> list[bool]:
    return [not SkipUnreadable(read_payload).passes(message) for message in batch]


def test_payloads_that_can_not_be_read_do_not_pass() -> None:
    assert unreadable(batch_of(b"1", b"{", b'"b"', b"\xff")) == [False, True, False, True]


def test_tombstones_and_keys_that_can_not_be_read_pass() -> None:
    def fail(_key: bytes) -> str:
        raise ValueError

    deserializers = {"flights": Deserializers(key=fail).compile()}
    assert unreadable(Batch([native(0, None), native(1, b"1", key=b"x")], deserializers)) == [False, False]


def test_what_passes_keeps_the_value_that_was_read() -> None:
    batch = batch_of(b"{}")
    assert SkipUnreadable(read_payload).passes(batch[0])
    assert batch[0].is_deserialized


def test_payloads_that_stay_bytes_pass() -> None:
    batch = batch_of(b"{", b"\xff", deserializers={"flights": Deserializers(payload=bytes).compile()})
    assert unreadable(batch) == [False, False]


def test_an_error_that_is_not_about_the_payload_reaches_the_user() -> None:
    def stop(_payload: bytes) -> None:
        raise KeyboardInterrupt

    batch = batch_of(b"1", deserializers={"flights": Deserializers(payload=stop).compile()})
    with pytest.raises(KeyboardInterrupt):
        SkipUnreadable(read_payload).passes(batch[0])


def test_a_message_that_was_skipped_raises_as_before() -> None:
    batch = batch_of(b"{")
    assert not SkipUnreadable(read_payload).passes(batch[0])
    with pytest.raises(DeserializationError):
        batch[0].payload  # noqa: B018


# Where


@pytest.mark.parametrize(
    ("answer", "passes"), [(True, True), (1, True), ("x", True), (None, False), ([], False)]
)
def test_whatever_is_true_passes(answer: object, passes: bool) -> None:
    assert Where(lambda _message: answer).passes(ones(1)[0]) is passes


def test_a_predicate_that_returns_a_coroutine_is_an_error_and_not_true() -> None:
    async def later() -> bool:
        return True

    with pytest.raises(TypeError, match="it is async: expected a plain function"):
        Where(lambda _message: later()).passes(ones(1)[0])


def test_a_predicate_is_given_the_message() -> None:
    seen: list[Message[Any]] = []
    batch = ones(1)
    Where(seen.append).passes(batch[0])
    assert seen == [batch[0]]


# Stages in a row


def test_without_stages_a_batch_passes_as_it_is() -> None:
    batch = ones(2)
    assert run_stages(Stages(), batch, MANY) == Sifted(batch, None, 2)


@pytest.mark.parametrize(
    "stages",
    [Stages(sieves=(Keep(0, 1),)), Stages(tests=(SkipUnreadable(read_payload),))],
    ids=["sieve", "test"],
)
def test_stages_that_remove_nothing_leave_all_messages_and_no_fates(stages: Stages) -> None:
    sifted = run_stages(stages, ones(2), MANY)
    assert (read(sifted), sifted.examined) == (([0, 1], None), 2)


def test_what_a_stage_removes_has_its_fate() -> None:
    assert read(run_stages(Stages(sieves=(Keep(1),)), ones(3), MANY)) == ([1], "fgf")
    batch = batch_of(b"{", b"1", b"{")
    assert read(run_stages(Stages(tests=(SkipUnreadable(read_payload),)), batch, MANY)) == ([1], "ugu")


def test_each_stage_sees_only_what_passed_those_before_it() -> None:
    first, second, test = Keep(1, 2, 3, 5), Drop(2), Odd()
    sifted = run_stages(Stages((first, second), (test,)), ones(6), MANY)
    assert read(sifted) == ([1, 3, 5], "fgugfg")
    assert (first.seen, second.seen, test.seen) == ([0, 1, 2, 3, 4, 5], [1, 2, 3, 5], [1, 3, 5])


def test_the_fate_is_that_of_the_first_stage_that_removed_a_message() -> None:
    batch = batch_of(b"{", b"{", b"1", b"1")
    assert read(run_stages(Stages(tests=(Odd(), SkipUnreadable(read_payload))), batch, MANY)) == ([3], "fufg")
    assert read(run_stages(Stages(tests=(SkipUnreadable(read_payload), Odd())), batch, MANY)) == ([3], "uufg")


def test_a_second_sieve_that_removes_nothing_keeps_the_fates_of_the_first() -> None:
    assert read(run_stages(Stages(sieves=(Keep(1), Keep(1))), ones(2), MANY)) == ([1], "fg")


def test_a_second_sieve_may_remove_all_that_the_first_let_pass() -> None:
    assert read(run_stages(Stages(sieves=(Keep(1), Drop(1))), ones(3), MANY)) == ([], "fuf")


def test_a_first_sieve_that_removes_nothing_leaves_all_to_the_second() -> None:
    assert read(run_stages(Stages(sieves=(Drop(), Keep(0))), ones(2), MANY)) == ([0], "gf")


def test_where_sieves_remove_all_messages_none_is_tested() -> None:
    test = Odd()
    sifted = run_stages(Stages((Keep(),), (test,)), ones(3), MANY)
    assert (read(sifted), sifted.examined, test.seen) == (([], "fff"), 3, [])


@pytest.mark.parametrize(
    "stages", [Stages(), Stages(sieves=(Keep(),)), Stages(tests=(Odd(),))], ids=["none", "sieve", "test"]
)
def test_a_batch_of_no_messages_passes(stages: Stages) -> None:
    sifted = run_stages(stages, ones(0), MANY)
    assert (read(sifted), sifted.examined, sifted.error) == (([], None), 0, None)


def test_messages_stay_the_same_objects() -> None:
    batch = batch_of(b"{", b"1")
    second = batch[1]
    assert run_stages(Stages(tests=(SkipUnreadable(read_payload),)), batch, MANY).batch[0] is second
    assert run_stages(Stages(sieves=(Keep(1),)), batch, MANY).batch[0] is second


# As many as may pass


@pytest.mark.parametrize(
    ("most", "passed", "fates", "examined"),
    [
        pytest.param(1, [1], "fg", 2, id="up-to-the-last-that-passed"),
        pytest.param(2, [1, 4], "fgffg", 5, id="with-what-was-removed-before-it"),
        pytest.param(3, [1, 4, 5], "fgffggf", 7, id="as-many-as-pass"),
        pytest.param(4, [1, 4, 5], "fgffggf", 7, id="more-than-pass"),
    ],
)
def test_no_more_pass_a_sieve_than_may(most: int, passed: list[int], fates: str, examined: int) -> None:
    sifted = run_stages(Stages(sieves=(Keep(1, 4, 5),)), ones(7), most)
    assert (read(sifted), sifted.examined) == ((passed, fates), examined)


def test_no_more_pass_without_stages_than_may() -> None:
    sifted = run_stages(Stages(), ones(3), 2)
    assert (read(sifted), sifted.examined) == (([0, 1], None), 2)


def test_once_enough_have_passed_no_further_message_is_tested() -> None:
    test = Odd()
    sifted = run_stages(Stages(tests=(test,)), ones(9), 2)
    assert (read(sifted), sifted.examined) == (([1, 3], "fgfg"), 4)
    assert test.seen == [0, 1, 2, 3]


def test_what_is_enough_is_asked_after_each_test() -> None:
    answers = iter([False, False, True])
    sifted = run_stages(Stages(tests=(Odd(),)), ones(9), MANY, lambda: next(answers))
    assert (read(sifted), sifted.examined) == (([1], "fgf"), 3)


def test_what_a_sieve_removed_before_the_message_that_was_enough_is_examined() -> None:
    sifted = run_stages(Stages((Keep(1, 5, 7),), (Odd(),)), ones(9), MANY, lambda: True)
    assert (read(sifted), sifted.examined) == (([1], "fg"), 2)


def test_without_tests_it_is_never_enough() -> None:
    sifted = run_stages(Stages(sieves=(Keep(1, 2),)), ones(3), MANY, lambda: True)
    assert (read(sifted), sifted.examined) == (([1, 2], "fgg"), 3)


# What a test raises


def test_what_a_test_raises_comes_with_what_passed_before_it() -> None:
    test = Odd(4)
    sifted = run_stages(Stages(tests=(test,)), ones(9), MANY)
    assert (read(sifted), sifted.examined) == (([1, 3], "fgfg"), 4)
    assert sifted.error is test.error
    assert test.seen == [0, 1, 2, 3, 4]


def test_a_first_message_at_which_a_test_raises_leaves_nothing_examined() -> None:
    sifted = run_stages(Stages(tests=(Odd(0),)), ones(3), MANY)
    assert (read(sifted), sifted.examined) == (([], None), 0)
    assert isinstance(sifted.error, ZeroDivisionError)


def test_what_a_sieve_removed_before_the_message_at_which_a_test_raises_is_examined() -> None:
    sifted = run_stages(Stages((Keep(3),), (Odd(3),)), ones(9), MANY)
    assert (read(sifted), sifted.examined) == (([], "fff"), 3)


def test_a_message_that_was_enough_hides_the_one_at_which_a_test_would_raise() -> None:
    sifted = run_stages(Stages(tests=(Odd(2),)), ones(9), 1)
    assert (read(sifted), sifted.examined, sifted.error) == (([1], "fg"), 2, None)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(), GeneratorExit()], ids=repr)
def test_what_is_no_failure_of_the_test_is_raised_at_once(error: BaseException) -> None:
    with pytest.raises(type(error)):
        run_stages(Stages(tests=(Odd(1, error=error),)), ones(3), MANY)


# Whatever the stages


@given(st.lists(st.sets(st.integers(0, 9)), max_size=3), st.integers(0, 10), st.integers(1, 4), st.booleans())
def test_however_a_batch_is_cut_each_message_is_examined_once(
    kept: list[set[int]], count: int, most: int, tested: bool
) -> None:
    expected = [
        offset
        for offset in range(count)
        if all(offset in each for each in kept) and (offset % 2 or not tested)
    ]
    stages = Stages(tuple(Keep(*each) for each in kept), (Odd(),) if tested else ())
    passed: list[int] = []
    given: list[int] = []
    messages = [native(offset, b"1") for offset in range(count)]
    while messages:
        sifted = run_stages(stages, Batch(messages, JSON), most)
        assert 0 < sifted.examined <= len(messages)
        assert len(sifted.batch) <= most
        examined, messages = messages[: sifted.examined], messages[sifted.examined :]
        fates = sifted.fates or bytearray(len(examined))
        given += [each.offset() for each, fate in zip(examined, fates, strict=True) if fate == GIVEN]
        passed += sifted.batch.offsets
    assert passed == given == expected
