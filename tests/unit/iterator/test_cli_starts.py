from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import click
import hypothesis.strategies as st
import pytest
from hypothesis import given

from framework_iterator.cli.starts import parse, parse_or_fail, partitions_option
from framework_iterator.planning import starts
from framework_iterator.planning.starts import Start


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("earliest", "earliest"),
        ("latest", "latest"),
        ("committed", "committed"),
        ("0", 0),
        ("100", 100),
        ("-10", -10),
        ("-0", "latest"),
        ("5m", timedelta(minutes=5)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("2d", timedelta(days=2)),
        ("1d2h3m4s", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("90s", timedelta(seconds=90)),
        ("0s", timedelta(0)),
        ("2013-12-25", datetime(2013, 12, 25)),  # noqa: DTZ001  # local time is meant
        ("2013-12-25T10:00", datetime(2013, 12, 25, 10)),  # noqa: DTZ001
        ("2013-12-25T10:00Z", datetime(2013, 12, 25, 10, tzinfo=UTC)),
        ("2013-12-25 10:00:00Z", datetime(2013, 12, 25, 10, tzinfo=UTC)),
        ("2013-12-25T10:00+02:00", datetime(2013, 12, 25, 8, tzinfo=UTC)),
    ],
)
def test_a_text_is_parsed_as_a_start(text: str, start: Start) -> None:
    assert parse(text) == start


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("soon", id="a word"),
        pytest.param("1e3", id="a float"),
        pytest.param("+5", id="plus"),
        pytest.param("٣", id="another script's digit"),
        pytest.param("2013-12", id="a month"),
        pytest.param("2013-13-01", id="no such month"),
        pytest.param("2013-12-25X10:00Zx", id="trailing text"),
        pytest.param("0001-01-01T00:00+05:00", id="before the first year"),
        pytest.param("9" * 20 + "d", id="too long ago"),
        pytest.param("9" * 5000, id="too many digits"),
        pytest.param("9" * 5000 + "s", id="too many digits ago"),
    ],
)
def test_another_text_is_a_bad_parameter_that_names_it(text: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        parse_or_fail(text)
    assert caught.value.message == (
        f"{text!r} isn't a start. Write earliest, latest, committed, 100, -10, 5m, 1h30m, 2d, "
        "2013-12-25 or 2013-12-25T10:00Z."
    )


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("latst", " Did you mean 'latest'?"),
        ("Earliest", " Did you mean 'earliest'?"),
        ("end", " Did you mean 'latest'?"),
        ("beginning", " Did you mean 'earliest'?"),
        ("comitted", " Did you mean 'committed'?"),
        ("now", " Did you mean 'latest'?"),
        ("1700000000.5", " Did you mean 2023-11-14T22:13:20.500Z?"),
        ("5w", " Did you mean 35d?"),
        ("5min", " Did you mean 5m?"),
        ("5M", " Did you mean 5m?"),
        ("-5m", " Did you mean 5m?"),
        ("30m1h", " Did you mean 1h30m?"),
        ("1.5h", " Did you mean 1h30m?"),
        ("1h 30m", " Did you mean 1h30m?"),
        ("2 hours, 5 minutes ago", " Did you mean 2h5m?"),
        ("PT5M", " Did you mean 5m?"),
        ("2013/12/25", " Did you mean 2013-12-25?"),
        ("2013-12-25t10:00z", " Did you mean 2013-12-25T10:00Z?"),
    ],
)
def test_a_text_that_is_close_to_a_start_is_told_which(text: str, ending: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        parse_or_fail(text)
    assert caught.value.message.endswith(ending)


def test_a_day_and_a_time_of_day_are_told_as_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framework_iterator.cli.starts._today", lambda: date(2024, 3, 1))
    for text, meant in (
        ("today", "2024-03-01"),
        ("Yesterday", "2024-02-29"),
        ("10:00", "2024-03-01T10:00"),
        ("10:00Z", "2024-03-01T10:00Z"),
    ):
        with pytest.raises(click.BadParameter) as caught:
            parse_or_fail(text)
        assert caught.value.message.endswith(f" Did you mean {meant}?")


@given(st.text() | st.from_regex(r"-?\d{1,30}|(\d+[dhms]){1,4}|\d{4}-\d\d-\d\d(T\d\d:\d\d)?", fullmatch=True))
def test_no_text_breaks_it_and_what_it_gives_is_a_start(text: str) -> None:
    start = parse(text)
    assert start is None or starts.parse(start) is not None


def partitions(*texts: str) -> dict[int, Start | None]:
    return partitions_option(None, None, texts)  # type: ignore[arg-type]


def test_partitions_have_starts_of_their_own_or_none() -> None:
    assert partitions() == {}
    assert partitions("3", "0=-10", "7=5m", "1=0") == {3: None, 0: -10, 7: timedelta(minutes=5), 1: 0}


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        pytest.param(["x"], "'x' isn't a partition. Write 3, or 3=START.", id="a word"),
        pytest.param(["-1"], "'-1' isn't a partition. Write 3, or 3=START.", id="negative"),
        pytest.param(["3="], "'3=' isn't a partition. Write 3, or 3=START.", id="no start"),
        pytest.param(["3=soon"], "'soon' isn't a start. Write earliest,", id="no such start"),
        pytest.param(["3", "3=5"], "Partition 3 is given twice. Give each partition once.", id="twice"),
    ],
)
def test_another_partition_is_a_bad_parameter(texts: list[str], reason: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        partitions(*texts)
    assert caught.value.message.startswith(reason)
