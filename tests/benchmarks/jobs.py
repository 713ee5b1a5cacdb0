"""The benchmarks as values: the jobs, the programs that do each of them, and the targets."""

from __future__ import annotations

import dataclasses
import enum

YEAR, THREE_YEARS, NINE_YEARS = "year", "three-years", "nine-years"
COPIES = {YEAR: 1, THREE_YEARS: 3, NINE_YEARS: 9}
LARGE = "megabytes"
EMPTY = {f"partitions-{number}": number for number in (1, 12, 100, 1000)}
NO_TOPIC = "-"


class Metric(enum.StrEnum):
    """What is compared. `INSIDE` is from creating the client to closing it, `WHOLE` the whole process."""

    RATE = "messages/s"
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


@dataclasses.dataclass(frozen=True)
class Case:
    """One way to do a job: a program of `contenders`, or a command; a peer has an environment of its own.

    `reads` selects the expected counts. A `slow` case gets half the rounds, and sometimes a smaller topic,
    because it would take minutes.
    """

    name: str
    program: str
    task: str = ""
    topic: str = THREE_YEARS
    reads: str = "all"
    slow: bool = False
    peer: str | None = None


@dataclasses.dataclass(frozen=True)
class Job:
    """Several ways to do the same task; ratios are those of the first metric."""

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


_ONE, _TWELVE, _HUNDRED, _THOUSAND = EMPTY

JOBS = (
    Job(
        "a",
        "Every payload, as bytes",
        SCAN,
        (
            Case("Iterator", "iterator", "scan"),
            Case("Iterator, raw_payload", "iterator", "scan_raw"),
            Case("Iterator, batches", "iterator", "scan_batches"),
            Case("tuned loop", "tuned", "scan"),
            Case("stripped loop", "tuned", "scan_stripped"),
            Case("tuned loop, no checksums", "tuned", "scan_unchecked"),
            Case("kcat", "kcat", "scan"),
            Case("aiokafka", "aio_kafka", "scan", peer="aiokafka"),
            Case("poll loop", "poll", "scan"),
            Case("quixstreams", "quix", "scan", YEAR, slow=True, peer="quixstreams"),
            Case("kafka-python", "kafka_python", "scan", YEAR, slow=True, peer="kafka-python"),
        ),
    ),
    Job(
        "b",
        "Every payload, decoded from JSON",
        SCAN,
        (
            Case("Iterator", "iterator", "scan_json"),
            Case("tuned loop, from_json", "tuned_models", "scan_json"),
            Case("poll loop, json.loads", "poll", "scan_json"),
        ),
    ),
    Job(
        "c",
        "Every payload, into a model",
        SCAN,
        (
            Case("Iterator, pydantic", "iterator_models", "scan_pydantic"),
            Case("tuned loop, pydantic", "tuned_models", "scan_pydantic"),
            Case("Iterator, msgspec", "iterator_models", "scan_struct"),
            Case("tuned loop, msgspec", "tuned_models", "scan_struct"),
        ),
    ),
    Job(
        "d",
        "The last 10 messages of each of 12 partitions",
        TIMES,
        (
            Case("Iterator", "iterator", "tail", reads="tail"),
            Case("Iterator, warm", "iterator", "tail_warm", reads="tail"),
            Case("by hand, warm", "tuned", "tail_warm", reads="tail"),
            Case("by hand", "tuned", "tail", reads="tail"),
            Case("poll loop", "poll", "tail", reads="tail"),
            Case("kcat", "kcat", "tail", reads="tail"),
            Case("aiokafka", "aio_kafka", "tail", reads="tail", peer="aiokafka"),
            Case("kafka-python", "kafka_python", "tail", reads="tail", slow=True, peer="kafka-python"),
        ),
    ),
    Job(
        "e",
        "A plan, in a warm process",
        PLAN,
        (
            Case("1 partition", "iterator_plan", "plan", _ONE, "plan"),
            Case("12 partitions", "iterator_plan", "plan", _TWELVE, "plan"),
            Case("100 partitions", "iterator_plan", "plan", _HUNDRED, "plan"),
            Case("1,000 partitions", "iterator_plan", "plan", _THOUSAND, "plan"),
            Case("1 partition, by hand", "tuned", "plan", _ONE, "plan"),
            Case("1,000 partitions, by hand", "tuned", "plan", _THOUSAND, "plan"),
        ),
    ),
    Job(
        "f",
        "Memory",
        MEMORY,
        (
            Case("one year", "iterator", "scan", YEAR),
            Case("three years", "iterator", "scan", THREE_YEARS),
            Case("nine years", "iterator", "scan", NINE_YEARS, slow=True),
            Case("nine years, tuned loop", "tuned", "scan", NINE_YEARS, slow=True),
            Case("messages of 1 MB", "iterator", "scan", LARGE),
            Case("messages of 1 MB, clean()", "iterator", "scan_clean", LARGE),
            Case("messages of 1 MB, tuned loop", "tuned", "scan", LARGE),
        ),
    ),
    Job(
        "g",
        "The first message",
        TIMES,
        (
            Case("Iterator", "iterator", "first", reads="first"),
            Case("Iterator, warm", "iterator", "first_warm", reads="first"),
            Case("by hand, warm", "tuned", "first_warm", reads="first"),
            Case("by hand", "tuned", "first", reads="first"),
            Case("poll loop", "poll", "first", reads="first"),
            Case("poll loop, warm", "poll", "first_warm", reads="first"),
            Case("kcat", "kcat", "first", reads="first"),
            Case("aiokafka", "aio_kafka", "first", reads="first", peer="aiokafka"),
            Case("kafka-python", "kafka_python", "first", reads="first", slow=True, peer="kafka-python"),
        ),
    ),
    Job(
        "h",
        "The sizes of all messages",
        WHOLE,
        (Case("framework sizes", "framework", "sizes", reads="count"),),
    ),
    Job(
        "i",
        "Starting",
        WHOLE,
        (
            Case("python -c pass", "python", "pass", NO_TOPIC),
            Case("import confluent_kafka", "python", "import confluent_kafka", NO_TOPIC),
            Case("import framework", "python", "import framework", NO_TOPIC),
            Case("import framework_iterator", "python", "import framework_iterator", NO_TOPIC),
            Case("framework --help", "framework", "--help", NO_TOPIC),
        ),
    ),
    Job(
        "j",
        "Pickling 1,000 messages, each by itself",
        (Metric.INSIDE,),
        (
            Case("messages", "pickling", "messages", NO_TOPIC),
            Case("dicts", "pickling", "dicts", NO_TOPIC),
        ),
    ),
)

SUMMARY = (
    Line("Payloads as bytes", "a", Metric.RATE, ("Iterator", "tuned loop", "poll loop")),
    Line("JSON", "b", Metric.RATE, ("Iterator", "tuned loop, from_json", "poll loop, json.loads")),
    Line("pydantic model", "c", Metric.RATE, ("Iterator, pydantic", "tuned loop, pydantic", None)),
    Line("msgspec Struct", "c", Metric.RATE, ("Iterator, msgspec", "tuned loop, msgspec", None)),
    Line("Last 10 of 12 partitions", "d", Metric.WHOLE, ("Iterator", "by hand", "poll loop")),
    Line("Memory", "a", Metric.PEAK, ("Iterator", "tuned loop", "poll loop")),
)

TARGETS = (
    Target("a", "Iterator", "tuned loop", Metric.RATE, at_least=0.8),
    Target("a", "Iterator, batches", "tuned loop", Metric.RATE, at_least=0.95),
    Target("a", "Iterator", "stripped loop", Metric.RATE, at_least=0.8),
    Target("a", "Iterator", "poll loop", Metric.RATE, at_least=6),
    Target("a", "Iterator", "aiokafka", Metric.RATE, at_least=5),
    Target("a", "Iterator", "kafka-python", Metric.RATE, at_least=45),
    Target("a", "Iterator", "kcat", Metric.WHOLE, at_most=1),
    Target("b", "Iterator", "tuned loop, from_json", Metric.RATE, at_least=0.85),
    Target("b", "Iterator", "poll loop, json.loads", Metric.RATE, at_least=2.5),
    Target("c", "Iterator, pydantic", "tuned loop, pydantic", Metric.RATE, at_least=0.85),
    Target("c", "Iterator, msgspec", "tuned loop, msgspec", Metric.RATE, at_least=0.8),
    Target("d", "Iterator, warm", "by hand, warm", Metric.INSIDE, at_most=1.2),
    Target("d", "Iterator", "by hand", Metric.WHOLE, at_most=1.3),
    Target("d", "Iterator", "poll loop", Metric.WHOLE, at_most=0.25),
    Target("d", "Iterator", "kcat", Metric.WHOLE, at_most=1),
    Target("e", "12 partitions", "1 partition", Metric.REQUESTS, at_most=1),
    Target("e", "100 partitions", "1 partition", Metric.REQUESTS, at_most=1),
    Target("e", "1,000 partitions", "1 partition", Metric.REQUESTS, at_most=1),
    Target("e", "1,000 partitions", "1 partition", Metric.INSIDE, at_most=5),
    Target("f", "nine years", "one year", Metric.PEAK, at_most=1.1),
    Target("j", "messages", "dicts", Metric.INSIDE, at_most=3.3),
)
