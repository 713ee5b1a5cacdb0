"""What is measured: the table of jobs, of who does them, and of what is wanted of Iterator. Values only."""

from __future__ import annotations

import dataclasses
import enum

YEAR, THREE_YEARS, NINE_YEARS = "year", "three-years", "nine-years"
COPIES = {YEAR: 1, THREE_YEARS: 3, NINE_YEARS: 9}
LARGE = "megabytes"
EMPTY = {f"partitions-{number}": number for number in (1, 12, 100, 1000)}
NO_TOPIC = "-"


class Metric(enum.StrEnum):
    """What is compared. `INSIDE` is from making the client to its closing, `WHOLE` the process."""

    RATE = "messages/s"
    INSIDE = "inside ms"
    WHOLE = "process ms"
    PROCESSOR = "CPU ms"
    PEAK = "peak MB"
    REQUESTS = "look-ups"


SCAN = (Metric.RATE, Metric.WHOLE, Metric.PROCESSOR, Metric.PEAK)
TIMES = (Metric.INSIDE, Metric.WHOLE, Metric.PROCESSOR, Metric.PEAK)
WHOLE = (Metric.WHOLE, Metric.PROCESSOR, Metric.PEAK)
PLAN = (Metric.INSIDE, Metric.REQUESTS, Metric.WHOLE, Metric.PROCESSOR)
MEMORY = (Metric.PEAK, Metric.RATE, Metric.WHOLE, Metric.PROCESSOR)


@dataclasses.dataclass(frozen=True)
class Case:
    """One way to do a job: a program of `contenders`, or a command; a peer has an environment of its own.

    `reads` picks the truth that its counts are held against; `rounds` is a limit, for the slow.
    """

    name: str
    program: str
    task: str = ""
    topic: str = THREE_YEARS
    reads: str = "all"
    rounds: int | None = None
    peer: str | None = None


@dataclasses.dataclass(frozen=True)
class Job:
    """Some ways to do the same; the first metric is the one that ratios are of."""

    letter: str
    title: str
    metrics: tuple[Metric, ...]
    cases: tuple[Case, ...]


@dataclasses.dataclass(frozen=True)
class Target:
    """What is wanted: `who` has at least, or at most, so many times what `other` has."""

    letter: str
    who: str
    other: str
    metric: Metric
    at_least: float | None = None
    at_most: float | None = None


JOBS = (
    Job(
        "a",
        "Every payload, as bytes",
        SCAN,
        (
            Case("Iterator", "iterator", "scan"),
            Case("Iterator, raw_payload", "iterator", "scan_raw"),
            Case("tuned loop", "tuned", "scan"),
            Case("tuned loop, no checksums", "tuned", "scan_unchecked"),
            Case("poll loop", "poll", "scan"),
        ),
    ),
)

TARGETS = (
    Target("a", "Iterator", "tuned loop", Metric.RATE, at_least=0.8),
    Target("a", "Iterator", "poll loop", Metric.RATE, at_least=6),
    Target("a", "Iterator", "aiokafka", Metric.RATE, at_least=5),
    Target("a", "Iterator", "kafka-python", Metric.RATE, at_least=45),
    Target("a", "Iterator", "kcat", Metric.WHOLE, at_most=1.0),
)
