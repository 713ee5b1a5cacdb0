from __future__ import annotations

import collections.abc as cabc
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import DeserializationError, Message
from framework.deserializers import Deserializers
from framework.deserializers import json as any_json
from framework.types import NOT_GIVEN, NativeMessage, TopicPartition
from framework_iterator import InvalidOptionError
from framework_iterator.batch import Batch
from framework_iterator.snapshot import snapshot
from tests.unit.iterator.fakes import F0, F1, native

F2 = TopicPartition("flights", 2)


class Row(NamedTuple):
    """A message, as far as a snapshot goes: its partition, key and time; without `is_full` a tombstone."""

    of: TopicPartition
    key: bytes | None
    time: int = 0
    is_full: bool = True


def messages(*rows: Row) -> list[NativeMessage]:
    """The messages of these rows; each partition counts its offsets."""
    found: list[NativeMessage] = []
    offsets: dict[TopicPartition, int] = {}
    for of, key, time, is_full in rows:
        offset = offsets[of] = offsets.get(of, -1) + 1
        payload = b"%d" % len(found) if is_full else None
        found.append(native(offset, payload, of=of, key=key, timestamp=(1, time)))
    return found


def state_of(*rows: Row, key: Any = NOT_GIVEN, size: int = 2) -> dict[Any, Message[Any]]:
    """The snapshot of these messages, read in batches of a size."""
    deserializers = {"flights": Deserializers(key=key, payload=any_json).compile()}
    found = messages(*rows)
    return snapshot(Batch(found[at : at + size], deserializers) for at in range(0, len(found), size))


def payloads(state: cabc.Mapping[Any, Message[Any]]) -> dict[Any, int]:
    """The number of the row that each key has."""
    return {key: message.payload for key, message in state.items()}


def test_the_latest_message_of_each_key_stays() -> None:
    state = state_of(Row(F0, b"a"), Row(F0, b"b"), Row(F0, b"a"), Row(F1, b"c"))
    assert payloads(state) == {"a": 2, "b": 1, "c": 3}


def test_messages_are_as_a_run_gives_them() -> None:
    [message] = state_of(Row(F1, b"a", 1000)).values()
    assert repr(message) == "<Message flights-1@0>"
    assert (message.raw_key, message.raw_payload, message.raw_timestamp) == (b"a", b"0", 1000)


@pytest.mark.parametrize("batches", [[], [Batch[Any, Any]([], {})]], ids=["no-batch", "an-empty-batch"])
def test_of_no_messages_it_is_empty(batches: list[Batch[Any]]) -> None:
    assert snapshot(batches) == {}


def test_within_a_partition_the_higher_offset_wins_whatever_the_time() -> None:
    assert payloads(state_of(Row(F0, b"a", 9), Row(F0, b"a", 5))) == {"a": 1}


@pytest.mark.parametrize(("first", "second"), [(F0, F1), (F1, F0)], ids=["ascending", "descending"])
def test_across_partitions_the_later_time_wins_in_any_order(
    first: TopicPartition, second: TopicPartition
) -> None:
    assert payloads(state_of(Row(first, b"a", 9), Row(second, b"a", 5))) == {"a": 0}
    assert payloads(state_of(Row(first, b"a", 5), Row(second, b"a", 9))) == {"a": 1}


def test_of_equal_times_the_higher_partition_wins() -> None:
    assert payloads(state_of(Row(F1, b"a", 5), Row(F0, b"a", 5))) == {"a": 0}
    assert payloads(state_of(Row(F0, b"a", 5), Row(F1, b"a", 5))) == {"a": 1}


def test_a_message_without_a_time_is_the_earliest() -> None:
    assert payloads(state_of(Row(F1, b"a", -1), Row(F0, b"a", 0))) == {"a": 1}


def test_tombstones_are_taken_out() -> None:
    assert payloads(state_of(Row(F0, b"a"), Row(F0, b"b"), Row(F0, b"a", is_full=False))) == {"b": 1}


def test_a_key_may_come_again_after_its_tombstone() -> None:
    assert payloads(state_of(Row(F0, b"a", is_full=False), Row(F0, b"a"))) == {"a": 1}


def test_a_tombstone_in_another_partition_removes_what_is_older() -> None:
    assert payloads(state_of(Row(F0, b"a", 5), Row(F1, b"a", 9, is_full=False))) == {}
    assert payloads(state_of(Row(F0, b"a", 9), Row(F1, b"a", 5, is_full=False))) == {"a": 0}


def test_messages_without_a_key_are_left_out() -> None:
    assert payloads(state_of(Row(F0, None), Row(F0, b"a"), Row(F0, b""), Row(F1, None))) == {"a": 1, "": 2}


def test_no_payload_is_deserialized_and_no_key_of_what_was_overwritten() -> None:
    read: list[bytes] = []

    def remember(data: bytes) -> str:
        read.append(data)
        return data.decode()

    deserializers = {"flights": Deserializers(key=remember).compile()}
    rows = messages(Row(F0, b"a"), Row(F0, b"b"), Row(F0, b"a"), Row(F1, b"a"))
    state: dict[Any, Message[Any]] = snapshot([Batch(rows, deserializers)])
    assert (list(state), sorted(read)) == (["a", "b"], [b"a", b"b"])
    assert not any(message.is_deserialized for message in state.values())


# Keys


def test_keys_are_as_they_are_declared() -> None:
    assert payloads(state_of(Row(F0, b"1"), Row(F0, b"2"), key=any_json)) == {1: 0, 2: 1}
    assert payloads(state_of(Row(F0, b"1"), key=bytes)) == {b"1": 0}


def test_equal_keys_of_different_bytes_are_one_key() -> None:
    rows = [Row(F0, b"1", 5), Row(F0, b"2"), Row(F0, b" 1", 3), Row(F0, b"1.0", 4)]
    assert payloads(state_of(*rows, key=any_json)) == {1: 3, 2: 1}


def test_equal_keys_of_different_bytes_are_compared_as_one_in_each_partition() -> None:
    # In partition 0 the later message is the one with the earlier time, and partition 1 has a later one.
    rows = [Row(F0, b"1", 10), Row(F0, b" 1", 3), Row(F1, b"1", 5)]
    assert payloads(state_of(*rows, key=any_json)) == {1: 2}


def test_a_tombstone_removes_an_equal_key_of_other_bytes() -> None:
    assert payloads(state_of(Row(F0, b"1"), Row(F0, b" 1", is_full=False), key=any_json)) == {}


def test_a_key_without_a_hash_is_refused_with_a_way_out() -> None:
    with pytest.raises(InvalidOptionError) as caught:
        state_of(Row(F0, b"1"), Row(F0, b'{"id":1}'), key=any_json)
    assert str(caught.value) == (
        "flights-0@1: its key {'id': 1} can't be a key of a dictionary (unhashable type: 'dict'). "
        "Declare key=bytes."
    )


def test_a_key_that_can_not_be_read_is_an_error() -> None:
    with pytest.raises(DeserializationError, match="flights-0@0"):
        state_of(Row(F0, b"{"), key=any_json)


# Whatever is read


def expected(rows: list[Row]) -> dict[float, int]:
    """The rule, as it is documented."""
    latest: dict[float, dict[TopicPartition, tuple[int, int]]] = {}
    for number, row in enumerate(rows):
        if row.key is not None:
            latest.setdefault(float(row.key), {})[row.of] = (row.time, number)
    found = {}
    for key, by_partition in latest.items():
        _, _, number = max((time, of, number) for of, (time, number) in by_partition.items())
        if rows[number].is_full:
            found[key] = number
    return found


any_rows = st.lists(
    st.builds(
        Row,
        st.sampled_from([F0, F1, F2]),
        st.sampled_from([b"1", b" 1", b"1.0", b"2", b"2 ", None]),
        st.integers(-1, 4),
        st.sampled_from([True, True, False]),
    ),
    max_size=20,
)


@given(any_rows, st.integers(1, 7))
def test_whatever_is_read_the_state_is_that_of_the_rule(rows: list[Row], size: int) -> None:
    assert payloads(state_of(*rows, key=any_json, size=size)) == expected(rows)
