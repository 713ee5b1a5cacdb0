from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.types import NativeMessage
from framework_iterator import PlannedPartition
from framework_iterator.ordering.merge import size_of
from framework_iterator.ordering.windows import FIRST, BackwardReader
from tests.unit.iterator.fakes import F0, native, natives

AMPLE = 1 << 30
ONE = size_of([native(0, b"1")])


def reader_of(
    start: int = 0, stop: int = 1000, *, first: int = FIRST, most_bytes: int = AMPLE
) -> BackwardReader:
    return BackwardReader(PlannedPartition(*F0, 0, max(start, stop), start, stop), first, most_bytes)


def window(reader: BackwardReader) -> tuple[int, int | None]:
    found = reader.begin()
    assert reader.window is found
    return found.start, found.stop


def read(reader: BackwardReader, *offsets: int) -> list[int]:
    """Read one window that has messages at these offsets; return what is kept."""
    reader.begin()
    reader.add(natives(F0, *offsets))
    return [each.offset() for each in reader.finish()]


# Windows


def test_the_first_window_ends_where_the_plan_does() -> None:
    reader = reader_of()
    assert (reader.edge, reader.is_done, reader.window) == (1000, False, None)
    assert window(reader) == (984, 1000)


@pytest.mark.parametrize(("first", "start"), [(1, 984), (16, 984), (17, 983), (500, 500), (5000, 0)])
def test_the_first_window_has_as_many_offsets_as_are_wanted_and_sixteen_at_least(
    first: int, start: int
) -> None:
    assert window(reader_of(first=first)) == (start, 1000)


def test_a_window_keeps_what_else_the_plan_says() -> None:
    planned = PlannedPartition("weather", 3, 7, 90, 20, 50)
    assert BackwardReader(planned, FIRST, AMPLE).begin() == PlannedPartition("weather", 3, 7, 90, 34, 50)


def test_each_window_is_twice_as_large_as_the_one_after_it() -> None:
    reader = reader_of(stop=100)
    windows = []
    while not reader.is_done:
        start, stop = window(reader)
        windows.append((start, stop))
        reader.add(natives(F0, start))
        reader.finish()
    assert windows == [(84, 100), (52, 84), (0, 52)]


@pytest.mark.parametrize(("start", "stop"), [(0, 0), (7, 7), (8, 7)])
def test_with_nothing_to_read_there_is_no_window(start: int, stop: int) -> None:
    reader = reader_of(start, stop)
    assert (reader.is_done, reader.edge) == (True, start)


def test_no_window_starts_before_the_plan() -> None:
    reader = reader_of(start=990)
    assert window(reader) == (990, 1000)
    reader.finish()
    assert (reader.is_done, reader.edge) == (True, 990)


def test_a_window_without_messages_is_followed_by_one_twice_as_large_whatever_it_takes() -> None:
    reader = reader_of(stop=1_000_000, most_bytes=ONE)
    starts = []
    for _ in range(15):
        starts.append(window(reader)[0])
        assert reader.finish() == []
    assert starts[:3] == [999_984, 999_952, 999_888]
    assert starts[-1] == 1_000_000 - 16 * (2**15 - 1)


def test_a_window_after_one_with_messages_has_20_000_offsets_at_most() -> None:
    reader = reader_of(stop=1_000_000)
    while reader.edge > 800_000:
        read(reader, reader.edge - 1)
    edge = reader.edge
    assert window(reader) == (edge - 20_000, edge)


# Messages


def test_messages_come_newest_first_once_the_window_is_complete() -> None:
    reader = reader_of()
    reader.begin()
    reader.add(natives(F0, 985, 986))
    reader.add(natives(F0, 999))
    assert [each.offset() for each in reader.finish()] == [999, 986, 985]
    assert (reader.edge, reader.window, reader.last_count) == (984, None, 3)


def test_what_was_finished_does_not_come_again() -> None:
    reader = reader_of()
    assert read(reader, 985) == [985]
    assert read(reader) == []
    assert reader.last_count == 0


# Memory


def test_a_window_that_takes_too_much_memory_keeps_its_last_messages() -> None:
    reader = reader_of(most_bytes=4 * ONE)
    reader.begin()
    reader.add(natives(F0, *range(984, 992)))
    reader.add(natives(F0, 992, 995))
    assert [each.offset() for each in reader.finish()] == [995, 992, 991]
    assert window(reader)[1] == reader.edge == 991


def test_one_message_is_kept_however_large_it_is() -> None:
    reader = reader_of(most_bytes=10)
    assert read(reader, 984, 990, 999) == [999]
    assert reader.edge == 999


def test_after_a_window_that_took_too_much_the_next_has_as_many_offsets_as_were_kept() -> None:
    reader = reader_of(most_bytes=4 * ONE)
    assert read(reader, *range(984, 1000)) == [999, 998, 997, 996]
    assert window(reader) == (992, 996)


def test_a_window_never_has_more_offsets_than_its_messages_may_take_half_of_the_memory() -> None:
    reader = reader_of(most_bytes=40 * ONE)
    assert len(read(reader, *range(984, 1000))) == 16
    assert window(reader) == (984 - 20, 984)


def test_a_window_that_was_cut_is_not_followed_by_another_that_is() -> None:
    reader = reader_of(most_bytes=4 * ONE)
    read(reader, *range(984, 1000))
    read(reader, *range(992, 996))
    assert reader.edge == 992


@given(
    st.integers(0, 50),
    st.sets(st.integers(0, 300), max_size=60),
    st.integers(1, 300),
    st.integers(1, 60),
    st.integers(0, 20),
    st.integers(1, 5),
)
def test_however_windows_are_cut_all_messages_come_once_newest_first(
    start: int, offsets: set[int], stop: int, first: int, memory: int, chunk: int
) -> None:
    log = [native(offset, b"x" * (offset % 7)) for offset in sorted(offsets)]
    reader = reader_of(start, stop, first=first, most_bytes=memory * ONE)
    given: list[int] = []
    while not reader.is_done:
        before = reader.edge
        found_start, found_stop = window(reader)
        assert found_start < (found_stop or 0) == before
        inside: list[NativeMessage] = [each for each in log if found_start <= each.offset() < before]
        for at in range(0, len(inside), chunk):
            reader.add(inside[at : at + chunk])
        messages = reader.finish()
        assert len(messages) == reader.last_count
        assert len(messages) <= 1 or size_of(messages) <= memory * ONE
        assert found_start <= reader.edge < before
        given += [each.offset() for each in messages]
        assert given == [
            each.offset() for each in log[::-1] if reader.edge <= each.offset() < max(start, stop)
        ]
    assert reader.edge == start
