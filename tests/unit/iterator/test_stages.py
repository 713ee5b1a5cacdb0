from __future__ import annotations

import collections.abc as cabc
from typing import Any, ClassVar

import pytest

from framework import DeserializationError
from framework.deserializers import Deserializers
from framework_iterator.batch import Batch, ByTopic
from framework_iterator.progress.delivery import Fate
from framework_iterator.reading.stages import SkipUnreadable, run_stages
from tests.unit.iterator.fakes import JSON, native

GIVEN, FILTERED, UNREADABLE = Fate.GIVEN, Fate.FILTERED, Fate.UNREADABLE


class Odd:
    """Lets odd offsets pass."""

    fate: ClassVar[Fate] = FILTERED

    def passing(self, batch: Batch[Any]) -> cabc.Sequence[int]:
        return [index for index, message in enumerate(batch) if message.offset % 2]


class Nothing:
    """Lets nothing pass."""

    fate: ClassVar[Fate] = FILTERED

    def passing(self, _batch: Batch[Any]) -> cabc.Sequence[int]:
        return []


def batch_of(*payloads: bytes | None, deserializers: ByTopic = JSON) -> Batch[Any]:
    return Batch([native(offset, payload) for offset, payload in enumerate(payloads)], deserializers)


# SkipUnreadable


def test_payloads_that_can_not_be_read_do_not_pass() -> None:
    batch = batch_of(b"1", b"{", b'"b"', b"\xff")
    assert list(SkipUnreadable().passing(batch)) == [0, 2]


def test_tombstones_and_keys_that_can_not_be_read_pass() -> None:
    def fail(_key: bytes) -> str:
        raise ValueError

    deserializers = {"flights": Deserializers(key=fail).compile()}
    batch: Batch[Any] = Batch([native(0, None), native(1, b"1", key=b"x")], deserializers)
    assert list(SkipUnreadable().passing(batch)) == [0, 1]


def test_what_passes_keeps_the_value_that_was_read() -> None:
    batch = batch_of(b"{}")
    SkipUnreadable().passing(batch)
    assert batch[0].is_deserialized


def test_payloads_that_stay_bytes_are_not_read() -> None:
    batch = batch_of(b"{", b"\xff", deserializers={"flights": Deserializers(payload=bytes).compile()})
    assert list(SkipUnreadable().passing(batch)) == [0, 1]


def test_an_error_that_is_not_about_the_payload_reaches_the_user() -> None:
    def stop(_payload: bytes) -> None:
        raise KeyboardInterrupt

    batch = batch_of(b"1", deserializers={"flights": Deserializers(payload=stop).compile()})
    with pytest.raises(KeyboardInterrupt):
        SkipUnreadable().passing(batch)


def test_a_message_that_was_skipped_raises_as_before() -> None:
    batch = batch_of(b"{")
    SkipUnreadable().passing(batch)
    with pytest.raises(DeserializationError):
        batch[0].payload  # noqa: B018


# Stages in a row


def test_without_stages_a_batch_passes_as_it_is() -> None:
    batch = batch_of(b"1", b"2")
    assert run_stages([], batch) == (batch, None)


def test_a_stage_that_removes_nothing_leaves_the_batch_as_it_is() -> None:
    batch = batch_of(b"1", b"2")
    assert run_stages([SkipUnreadable()], batch) == (batch, None)


def test_what_a_stage_removes_has_its_fate() -> None:
    passed, fates = run_stages([SkipUnreadable()], batch_of(b"{", b"1", b"{"))
    assert passed.offsets == [1]
    assert fates == [UNREADABLE, GIVEN, UNREADABLE]


def test_the_fates_of_two_stages_are_those_of_the_first_that_removed() -> None:
    batch = batch_of(b"{", b"{", b"1", b"1", b"1", b"{")
    passed, fates = run_stages([SkipUnreadable(), Odd()], batch)
    assert passed.offsets == [3]
    assert fates == [UNREADABLE, UNREADABLE, FILTERED, GIVEN, FILTERED, UNREADABLE]


def test_the_order_of_stages_decides_the_fate() -> None:
    passed, fates = run_stages([Odd(), SkipUnreadable()], batch_of(b"{", b"{", b"1", b"1"))
    assert passed.offsets == [3]
    assert fates == [FILTERED, UNREADABLE, FILTERED, GIVEN]


def test_a_second_stage_that_removes_nothing_keeps_the_fates_of_the_first() -> None:
    passed, fates = run_stages([Odd(), SkipUnreadable()], batch_of(b"1", b"1"))
    assert (passed.offsets, fates) == ([1], [FILTERED, GIVEN])


def test_all_messages_may_be_removed() -> None:
    passed, fates = run_stages([Nothing(), SkipUnreadable()], batch_of(b"1", b"{"))
    assert (list(passed), fates) == ([], [FILTERED, FILTERED])


def test_a_batch_of_no_messages_passes() -> None:
    passed, fates = run_stages([SkipUnreadable(), Nothing()], batch_of())
    assert (list(passed), fates) == ([], None)


def test_messages_stay_the_same_objects() -> None:
    batch = batch_of(b"{", b"1")
    second = batch[1]
    passed, _ = run_stages([SkipUnreadable()], batch)
    assert passed[0] is second
