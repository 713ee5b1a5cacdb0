from __future__ import annotations

import dataclasses

import pytest

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
        "topic    partition  start   stop  position  messages  lost  ended",
        "flights          3      0  1,200     1,200     1,100    90  end",
        "weather          0      5      -         7         2     0  running",
        "                                               1,102    90  running",
    ]


def test_the_text_of_a_report_that_is_over_says_why() -> None:
    report = Report((FLIGHTS,), Ended.LIMIT)
    assert str(report).splitlines()[-1].split() == ["1,100", "90", "limit"]
