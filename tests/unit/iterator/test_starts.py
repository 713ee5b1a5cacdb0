from __future__ import annotations

import collections.abc as cabc
import datetime as dt
import decimal
import time
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework_iterator import InvalidStartError
from framework_iterator.planning.starts import (
    Ago,
    Committed,
    Last,
    Latest,
    Moment,
    Offset,
    OffsetFacts,
    ParsedStart,
    moment,
    offset,
    parse,
    parse_end,
)

UTC = dt.UTC
NOW = 1_000_000
# As POSIX writes them, so that no time zone database is needed.
NEW_YORK = "EST5EDT,M3.2.0,M11.1.0"
ZONES = ["UTC0", NEW_YORK, "JST-9"]


naive = dt.datetime.fromisoformat


class Whole:
    """A whole number of somebody else's, as numpy has them."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number


class Unknowing(dt.tzinfo):
    """A time zone that doesn't know how far it is from UTC."""

    def utcoffset(self, _moment: dt.datetime | None) -> None:
        return None

    def tzname(self, _moment: dt.datetime | None) -> None:
        return None

    def dst(self, _moment: dt.datetime | None) -> None:
        return None


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> cabc.Iterator[None]:
    """Live in another time zone for one test."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


def lives_in(*zones: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("zone", zones, indirect=True)


def begin(written: object, low: int, high: int) -> int:
    return offset(parse(written), OffsetFacts(low, high))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, 100),
        ("earliest", 100),
        ("latest", 250),
        (0, 100),
        (-0, 100),
        (1, 100),
        (99, 100),
        (100, 100),
        (101, 101),
        (249, 249),
        (250, 250),
        (251, 250),
        (2**63 - 1, 250),
        (-1, 249),
        (-2, 248),
        (-10, 240),
        (-149, 101),
        (-150, 100),
        (-151, 100),
        (-1000, 100),
        (-1001, 100),
        (-2000, 100),
        (-(10**9), 100),
        (-(2**70), 100),
        (Whole(170), 170),
        (Whole(0), 100),
        (Whole(-10), 240),
    ],
    ids=lambda value: f"Whole({value.number})" if isinstance(value, Whole) else repr(value),
)
def test_a_start_comes_to_an_offset_between_low_100_and_high_250(written: object, expected: int) -> None:
    assert begin(written, 100, 250) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [(-1, 9_999), (-2, 9_998), (-1000, 9_000), (-1001, 8_999), (-2000, 8_000), (-2001, 7_999)],
)
def test_a_number_that_is_a_command_to_librdkafka_counts_back_like_any_other(
    written: int, expected: int
) -> None:
    assert begin(written, 0, 10_000) == expected


@pytest.mark.parametrize("written", [None, "earliest", "latest", 0, 7, -1, -1001, 2**63 - 1])
def test_every_start_of_an_empty_partition_is_its_end(written: object) -> None:
    assert begin(written, 42, 42) == 42


def test_true_is_where_the_group_left_off_and_one_is_an_offset() -> None:
    assert parse(True) == Committed()
    assert parse(1) == Offset(1)


def test_false_is_refused_and_zero_is_an_offset() -> None:
    with pytest.raises(InvalidStartError):
        parse(False)
    assert parse(0) == Offset(0)


REFUSED = [
    (False, "False"),
    (0.5, "0.5"),
    (-0.0, "-0.0"),
    (float("nan"), "nan"),
    (float("inf"), "inf"),
    (decimal.Decimal("NaN"), "Decimal('NaN')"),
    (decimal.Decimal("sNaN"), "Decimal('sNaN')"),
    ("", "''"),
    ("flights", "'flights'"),
    (b"latest", "b'latest'"),
    (b"", "b''"),
    ([], "[]"),
    ({}, "{}"),
    ((0, 5), "(0, 5)"),
    (1j, "1j"),
    (dt.time(10, 30), "datetime.time(10, 30)"),
    (int, "<class 'int'>"),
    (..., "Ellipsis"),
]


@pytest.mark.parametrize(("written", "named"), REFUSED, ids=[named for _, named in REFUSED])
def test_what_is_no_start_is_refused_by_its_name_with_all_that_would_work(
    written: object, named: str
) -> None:
    with pytest.raises(InvalidStartError) as caught:
        parse(written)
    assert str(caught.value) == (
        f"{named} isn't a start. Write an offset, a negative number (the last n offsets), a datetime "
        'or date, a timedelta (ago), "earliest", "latest", or True (the committed offset, also "committed").'
    )


@pytest.mark.parametrize(
    ("written", "named"),
    [*REFUSED, (True, "True"), ("committed", "'committed'")],
    ids=[named for _, named in REFUSED] + ["True", "'committed'"],
)
def test_what_is_no_end_is_refused_by_its_name_with_all_that_would_work(written: object, named: str) -> None:
    with pytest.raises(InvalidStartError) as caught:
        parse_end(written)
    assert str(caught.value) == (
        f"until={named} isn't an end. Write an offset, a negative number (the last n offsets), a datetime "
        'or date, a timedelta (ago), "earliest" or "latest".'
    )


class NotATime(dt.datetime):
    """As the NaT of pandas: a datetime that doesn't equal itself."""

    __hash__ = dt.datetime.__hash__

    def __eq__(self, other: object) -> bool:
        return False


def test_a_datetime_that_is_no_time_is_refused() -> None:
    with pytest.raises(InvalidStartError, match="isn't a start"):
        parse(NotATime(2013, 12, 25))


@pytest.mark.parametrize("read", [parse, parse_end])
def test_a_number_beyond_all_offsets_is_refused(read: cabc.Callable[[object], ParsedStart | None]) -> None:
    assert read(2**63 - 1) == Offset(2**63 - 1)
    with pytest.raises(InvalidStartError) as caught:
        read(2**63)
    assert str(caught.value) == (
        '9223372036854775808 is no offset: the largest is 9223372036854775807. Write "latest" for the end.'
    )


class Timestamp(dt.datetime):
    """As the Timestamp of pandas: its `astimezone` wants to know the zone."""

    def astimezone(self, tz: dt.tzinfo | None = None) -> Self:
        if tz is None:
            raise TypeError("1 argument is missing")
        return super().astimezone(tz)


@lives_in(*ZONES)
@pytest.mark.usefixtures("zone")
def test_a_naive_datetime_of_a_subclass_is_local_time() -> None:
    plain = naive("2013-12-25 10:00")
    assert parse(Timestamp.fromisoformat("2013-12-25 10:00")) == parse(plain)
    assert isinstance(parse(plain), Moment)


@lives_in(*ZONES)
@pytest.mark.usefixtures("zone")
def test_a_date_is_its_midnight_in_local_time_as_a_start_and_as_an_end() -> None:
    date = dt.date(2013, 12, 25)
    assert parse(date) == parse_end(date) == parse(naive("2013-12-25 00:00"))


def test_the_first_and_the_last_date_lie_before_and_after_all_messages() -> None:
    first, last = moment(parse(dt.date.min), NOW), moment(parse(dt.date.max), NOW)
    assert first == 0
    assert last is not None
    assert last > 253402128000000


def test_a_refused_start_is_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="'latst' isn't a start"):
        parse("latst")


def test_no_end_is_none_and_not_the_beginning() -> None:
    assert parse_end(None) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("latest", Latest()),
        (0, Offset(0)),
        (-10, Last(10)),
        (dt.timedelta(seconds=2), Ago(2_000)),
        (dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), Moment(1_000)),
    ],
    ids=repr,
)
def test_an_end_is_understood_as_a_start_is(written: object, expected: ParsedStart) -> None:
    assert parse_end(written) == parse(written) == expected


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        (dt.datetime(2013, 12, 25, 10, tzinfo=UTC), 1387965600000),
        (dt.datetime(2013, 12, 25, 10, tzinfo=dt.timezone(dt.timedelta(hours=2))), 1387958400000),
        (dt.datetime(2013, 12, 25, 10, 0, 0, 1, tzinfo=UTC), 1387965600001),
        (dt.datetime(2013, 12, 25, 10, 0, 0, 999, tzinfo=UTC), 1387965600001),
        (dt.datetime(2013, 12, 25, 10, 0, 0, 1000, tzinfo=UTC), 1387965600001),
        (dt.datetime(2013, 12, 25, 10, 0, 0, 1001, tzinfo=UTC), 1387965600002),
        (dt.datetime(2013, 12, 25, 10, 0, 0, 999_999, tzinfo=UTC), 1387965601000),
        (dt.datetime(1970, 1, 1, tzinfo=UTC), 0),
        (dt.datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), 0),
        (dt.datetime(1969, 12, 31, tzinfo=UTC), 0),
        (dt.datetime.min.replace(tzinfo=UTC), 0),
        (dt.datetime.max.replace(tzinfo=UTC), 253402300800000),
        (dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=14))), 0),
        (dt.datetime.max.replace(tzinfo=dt.timezone(dt.timedelta(hours=-12))), 253402344000000),
    ],
    ids=str,
)
def test_an_aware_datetime_is_its_millisecond_rounded_up_and_none_before_1970(
    written: dt.datetime, milliseconds: int
) -> None:
    assert moment(parse(written), NOW) == milliseconds


@lives_in(NEW_YORK)
@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        (naive("2013-12-25 10:00"), 1387983600000),
        (naive("2013-07-04 10:00"), 1372946400000),
        (naive("2013-11-03 01:30"), 1383456600000),
        (naive("2013-11-03 01:30").replace(fold=1), 1383460200000),
        (dt.datetime(2013, 12, 25, 10, tzinfo=Unknowing()), 1387983600000),
    ],
    ids=["winter", "summer", "first 1:30", "second 1:30", "a zone without an offset"],
)
@pytest.mark.usefixtures("zone")
def test_a_naive_datetime_is_local_time(written: dt.datetime, milliseconds: int) -> None:
    assert moment(parse(written), NOW) == milliseconds


@lives_in(*ZONES)
@pytest.mark.usefixtures("zone")
def test_the_ends_of_datetimes_range_lie_before_and_after_all_messages_in_every_zone() -> None:
    first = moment(parse(naive("0001-01-01")), NOW)
    last = moment(parse(naive("9999-12-31 23:59:59.999999")), NOW)
    assert first == 0
    assert last is not None
    assert 253402300800000 <= last < 2**63


@pytest.mark.parametrize(
    ("ago", "milliseconds"),
    [
        (dt.timedelta(0), 1_000_000),
        (dt.timedelta(microseconds=1), 1_000_000),
        (dt.timedelta(microseconds=999), 1_000_000),
        (dt.timedelta(milliseconds=1), 999_999),
        (dt.timedelta(minutes=5), 700_000),
        (dt.timedelta(seconds=1000), 0),
        (dt.timedelta(seconds=1001), 0),
        (dt.timedelta.max, 0),
    ],
    ids=str,
)
def test_a_timedelta_counts_back_from_now_and_not_to_before_1970(
    ago: dt.timedelta, milliseconds: int
) -> None:
    assert moment(parse(ago), NOW) == milliseconds


@pytest.mark.parametrize("written", [dt.timedelta(microseconds=-1), dt.timedelta(days=-3), dt.timedelta.min])
def test_a_negative_timedelta_is_refused(written: dt.timedelta) -> None:
    for understood in (parse, parse_end):
        with pytest.raises(InvalidStartError) as caught:
            understood(written)
        assert str(caught.value) == (
            f"{written!r} lies in the future: a timedelta counts back from now, so write a positive one."
        )


@pytest.mark.parametrize("written", [None, "earliest", "latest", 7, -7, True])
def test_only_times_have_to_be_looked_up(written: object) -> None:
    assert moment(parse(written), NOW) is None


def test_no_end_needs_no_look_up() -> None:
    assert moment(None, NOW) is None


@pytest.mark.parametrize("written", [dt.timedelta(minutes=5), naive("2013-12-25")], ids=repr)
@pytest.mark.parametrize(
    ("at_moment", "expected"),
    [(None, 250), (180, 180), (100, 100), (250, 250), (30, 100), (251, 250)],
)
def test_a_time_is_the_offset_that_the_broker_found_and_past_the_end_high(
    written: object, at_moment: int | None, expected: int
) -> None:
    assert offset(parse(written), OffsetFacts(100, 250, at_moment=at_moment)) == expected


@pytest.mark.parametrize("written", [True, "committed"])
@pytest.mark.parametrize(("committed", "expected"), [(0, 100), (99, 100), (180, 180), (250, 250), (251, 250)])
def test_committed_is_where_the_group_left_off_moved_between_low_and_high(
    written: object, committed: int, expected: int
) -> None:
    assert offset(parse(written), OffsetFacts(100, 250, committed=committed, reset="error")) == expected


@pytest.mark.parametrize(
    ("reset", "expected"),
    [
        ("earliest", 100),
        ("smallest", 100),
        ("beginning", 100),
        ("latest", 250),
        ("largest", 250),
        ("end", 250),
        ("LATEST", 250),
    ],
)
def test_where_nothing_is_committed_the_reset_decides(reset: str, expected: int) -> None:
    assert offset(Committed(), OffsetFacts(100, 250, reset=reset)) == expected


def test_where_nothing_is_committed_it_begins_at_the_earliest_by_default() -> None:
    assert offset(Committed(), OffsetFacts(100, 250)) == 100


def test_where_nothing_is_committed_the_reset_error_is_one() -> None:
    with pytest.raises(InvalidStartError) as caught:
        offset(Committed(), OffsetFacts(100, 250, reset="error"))
    assert str(caught.value) == (
        "The group has committed nothing here, and auto.offset.reset='error' gives no start. "
        "Write another start, or set it to 'earliest' or 'latest'."
    )


written_starts: st.SearchStrategy[object] = st.one_of(
    st.sampled_from([None, "earliest", "latest", "committed", True]),
    st.integers(max_value=2**63 - 1),
    st.integers(-3_000, 3_000),
    st.builds(Whole, st.integers(max_value=2**63 - 1)),
    st.datetimes(),
    st.datetimes(
        timezones=st.builds(dt.timezone, st.timedeltas(dt.timedelta(hours=-23), dt.timedelta(hours=23)))
    ),
    st.timedeltas(min_value=dt.timedelta(0)),
)


@st.composite
def facts(draw: st.DrawFn) -> OffsetFacts:
    low, high = sorted(draw(st.tuples(st.integers(0, 3_000), st.integers(0, 3_000))))
    anywhere = st.none() | st.integers(0, 4_000)
    return OffsetFacts(
        low, high, draw(anywhere), draw(anywhere), draw(st.sampled_from(["earliest", "latest"]))
    )


@given(written_starts, facts())
def test_whatever_is_written_the_offset_lies_between_low_and_high(
    written: object, known: OffsetFacts
) -> None:
    found = offset(parse(written), known)
    assert type(found) is int
    assert 0 <= known.low <= found <= known.high


@given(written_starts, st.integers(0, 2**42))
def test_whatever_is_written_its_moment_is_one_that_kafka_takes(written: object, now: int) -> None:
    found = moment(parse(written), now)
    assert found is None or 0 <= found < 2**63
