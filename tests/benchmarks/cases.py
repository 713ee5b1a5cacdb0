"""What the benchmarks are made of: metrics, cases, jobs, targets and lines of the summary."""

from __future__ import annotations

import dataclasses
import enum

from tests.benchmarks.topics import THREE_YEARS


class Metric(enum.StrEnum):
    """What is compared. `INSIDE` is from creating the client to closing it, `WHOLE` the whole process.

    `CPU_RATE` and `EACH` are of the CPU time of deserialization alone, without reading from the broker.
    """

    RATE = "messages/s"
    CPU_RATE = "messages/CPU s"
    EACH = "CPU µs/message"
    INSIDE = "inside ms"
    WHOLE = "process ms"
    PROCESSOR = "CPU ms"
    PEAK = "peak MB"
    REQUESTS = "look-ups"


SCAN = (Metric.RATE, Metric.WHOLE, Metric.PROCESSOR, Metric.PEAK)
TIMES = (Metric.INSIDE, Metric.WHOLE, Metric.PROCESSOR, Metric.PEAK)
WHOLE = (Metric.WHOLE, Metric.PROCESSOR)
PLAN = (Metric.INSIDE, Metric.REQUESTS, Metric.PEAK)
MEMORY = (Metric.PEAK, Metric.RATE, Metric.WHOLE, Metric.PROCESSOR)
ALONE = (Metric.CPU_RATE, Metric.EACH)


@dataclasses.dataclass(frozen=True)
class Case:
    """One way to do a job: a program of `contenders`, or a command; a peer has an environment of its own.

    `reads` selects the expected counts. A `slow` case gets half the rounds, and sometimes a smaller topic,
    because it would take minutes. `other` is the case that it is compared with, in a job of several pairs.
    """

    name: str
    program: str
    task: str = ""
    topic: str = THREE_YEARS
    reads: str = "all"
    slow: bool = False
    peer: str | None = None
    other: str | None = None


@dataclasses.dataclass(frozen=True)
class Job:
    """Several ways to do the same task; ratios are those of the first metric, mostly to the first case."""

    letter: str
    title: str
    metrics: tuple[Metric, ...]
    cases: tuple[Case, ...]


@dataclasses.dataclass(frozen=True)
class Target:
    """A bound for the ratio of `who` to `other`: at least, or at most."""

    letter: str
    who: str
    other: str
    metric: Metric
    at_least: float | None = None
    at_most: float | None = None


@dataclasses.dataclass(frozen=True)
class Line:
    """A row of the README's summary: one metric of three cases, Iterator, tuned loop and poll loop."""

    title: str
    letter: str
    metric: Metric
    cases: tuple[str | None, str | None, str | None]
