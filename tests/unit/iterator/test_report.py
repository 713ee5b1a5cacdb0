from __future__ import annotations

import dataclasses
import json

import pytest

from framework import Topic
from framework_iterator import Ended, PartitionReport, Report

FLIGHTS = PartitionReport(
    "flights", 3, start=0, stop=1_200, position=1_200, messages=1_100, lost=90, ended=Ended.END
)
WEATHER = PartitionReport("weather", 0, start=5, stop=None, position=7, messages=2, lost=0, ended=None)


def test_a_report_sums_up_its_partitions() -> None:
    report = Report((FLIGHTS, WEATHER))
    assert (report.messages, report.lost) == (1_102, 90)


def test_a_report_of_nothing_sums_up_to_nothing() -> None:
    assert (Report(()).messages, Report(()).lost, Report(()).ended, Report(()).error) == (0, 0, None, None)


def test_a_partition_is_found_by_topic_and_number() -> None:
    report = Report((FLIGHTS, WEATHER))
    assert report["weather", 0] is WEATHER
    with pytest.raises(KeyError):
        report["weather", 1]


def test_a_report_can_not_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Report(()).ended = Ended.END  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        WEATHER.messages = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("ended", "text"),
    [
        (Ended.END, "end"),
        (Ended.STOPPED, "stopped"),
        (Ended.LIMIT, "limit"),
        (Ended.CLOSED, "closed"),
        (Ended.ERROR, "error"),
    ],
)
def test_why_it_ended_is_a_word(ended: Ended, text: str) -> None:
    assert ended == text
    assert f"{ended}" == text


def test_there_are_no_other_reasons() -> None:
    assert len(Ended) == 5


def test_the_text_of_a_report_is_a_table() -> None:
    assert str(Report((FLIGHTS, WEATHER))).splitlines() == [
        "topic    partition  start   stop  position  messages  lost  gaps  ended",
        "flights          3      0  1,200     1,200     1,100    90    10  end",
        "weather          0      5      -         7         2     0     0  running",
        "                                               1,102    90    10  running",
        "10 offsets held no message (transaction markers, aborted or compacted messages).",
    ]


def test_the_table_has_columns_of_filters_and_gaps_only_where_one_is_not_zero() -> None:
    whole = dataclasses.replace(WEATHER, filtered=0, unreadable=0)
    assert str(Report((whole,))).splitlines()[0].split()[5:] == ["messages", "lost", "ended"]
    some = dataclasses.replace(WEATHER, position=9, filtered=1, unreadable=1)
    assert str(Report((some,))).splitlines()[0].split()[5:] == [
        "messages", "filtered", "unreadable", "lost", "ended",
    ]  # fmt: skip


def test_a_report_is_iterated_and_counted_by_partition() -> None:
    report = Report((FLIGHTS, WEATHER))
    assert list(report) == [FLIGHTS, WEATHER]
    assert len(report) == 2


def test_gaps_are_what_held_no_message() -> None:
    partition = PartitionReport("flights", 0, 10, 100, 60, 20, 7, None, filtered=4, unreadable=3)
    assert partition.gaps == 60 - 10 - 20 - 7 - 4 - 3
    report = Report((partition, FLIGHTS))
    assert (report.filtered, report.unreadable, report.gaps) == (4, 3, partition.gaps + 10)


def test_positions_are_plain_and_survive_json() -> None:
    report = Report((FLIGHTS, WEATHER))
    assert report.positions == {"flights": {3: 1_200}, "weather": {0: 7}}
    assert json.loads(json.dumps(report.positions)) == {"flights": {"3": 1_200}, "weather": {"0": 7}}


def test_a_partition_is_found_by_its_topic_as_well() -> None:
    assert Report((FLIGHTS,))[Topic("flights"), 3] is FLIGHTS


def test_the_text_of_a_report_that_is_over_says_why() -> None:
    report = Report((FLIGHTS,), Ended.LIMIT)
    assert str(report).splitlines()[2].split() == ["1,100", "90", "10", "limit"]


def test_the_last_line_says_what_a_gap_is_where_there_is_one() -> None:
    whole = dataclasses.replace(FLIGHTS, messages=1_110)
    assert len(str(Report((whole,))).splitlines()) == 3
    [*_, last] = str(Report((dataclasses.replace(FLIGHTS, messages=1_109),))).splitlines()
    assert last == "1 offset held no message (transaction markers, aborted or compacted messages)."
