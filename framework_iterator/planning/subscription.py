"""Parse topics and ends as users write them: which partitions, each from where to where. Pure."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import time
from typing import Any, Final, NamedTuple, TypeAlias

from framework import PartitionNotFoundError, RoutingError, Topic
from framework.topic import check_topic_name
from framework.types import K, P, TopicPartition
from framework_iterator.checks import natural
from framework_iterator.errors import InvalidStartError
from framework_iterator.planning.positions import parse_positions
from framework_iterator.planning.starts import Earliest, Offset, ParsedStart, Start, parse, parse_end

# Not Collection: a Mapping is a Collection of its keys, so a type checker would accept any start.
Starts: TypeAlias = Start | cabc.Mapping[int, Start] | cabc.Sequence[int] | cabc.Set[int]
"""The start of one topic: a start for all its partitions, `{partition: start}`, or partition numbers."""
Topics: TypeAlias = (
    str
    | Topic[P, K]
    | cabc.Sequence[str | Topic[P, K]]
    | cabc.Set[str | Topic[P, K]]
    | cabc.Mapping[Any, Starts]
)
"""How topics are written. A mapping's keys are names or topics; Mapping is invariant in them, so Any."""
Declared: TypeAlias = (
    Topic[P, K] | cabc.Sequence[Topic[P, K]] | cabc.Set[Topic[P, K]] | cabc.Mapping[Topic[P, K], Starts]
)
"""The same, with topics that are declared with one type of payload."""
Until: TypeAlias = Start | cabc.Mapping[Any, Start | cabc.Mapping[int, Start]]
"""How ends are written: one for all topics, or by topic, or by topic and partition."""


# These are iterable, and yet no collection of partition numbers.
_NO_NUMBERS: Final = (str, bytes, bytearray, time.struct_time)


class Span(NamedTuple):
    """Where the reading of a partition starts and ends; `until=None` is its end as it is now."""

    start: ParsedStart
    until: ParsedStart | None


@dataclasses.dataclass(frozen=True)
class Selection:
    """One topic of a subscription.

    Args:
        topic: Its name.
        declared: The Topic that was written for it, if one was.
        everywhere: The start of all partitions, or None where only those in `partitions` are read.
        partitions: The starts of single partitions.
        until: The end of all partitions.
        untils: The ends of single partitions.
        saved: Positions to resume from, above the starts.
    """

    topic: str
    declared: Topic[Any] | None
    everywhere: ParsedStart | None
    partitions: cabc.Mapping[int, ParsedStart]
    until: ParsedStart | None
    untils: cabc.Mapping[int, ParsedStart | None]
    saved: cabc.Mapping[int, ParsedStart] = dataclasses.field(default_factory=dict)

    def over(self, existing: cabc.Collection[int]) -> dict[int, Span]:
        """Return a span for each partition to read, given the partitions that exist."""
        wanted = (
            self.partitions if self.everywhere is None else dict.fromkeys(sorted(existing), self.everywhere)
        )
        known = frozenset(existing)
        for number in [*wanted, *self.untils]:
            if number not in known:
                raise partition_not_found(self.topic, number, existing)
        newer = dict.fromkeys(self.newer_than_saved(wanted), Earliest())
        starts = {**wanted, **newer, **self.saved}
        return {
            number: Span(starts[number], self.untils.get(number, self.until)) for number in sorted(wanted)
        }

    def newer_than_saved(self, existing: cabc.Iterable[int]) -> list[int]:
        """Return the partitions that were added after the positions were saved: those after the last one."""
        if self.everywhere is None or not self.saved:
            return []
        return sorted(number for number in existing if number > max(self.saved))


@dataclasses.dataclass(frozen=True)
class Subscription:
    """What one Iterator reads: its topics, in the order in which they were written.

    Args:
        selections: The topics.
        resume: The saved positions, also those of other topics.
    """

    selections: tuple[Selection, ...]
    resume: cabc.Mapping[str, cabc.Mapping[int, Offset]] = dataclasses.field(default_factory=dict)

    @property
    def topics(self) -> list[str]:
        """The topics' names."""
        return [selection.topic for selection in self.selections]

    def over(self, existing: cabc.Mapping[str, cabc.Collection[int]]) -> dict[TopicPartition, Span]:
        """Return a span for each partition to read, given the partitions that each topic has."""
        return {
            TopicPartition(selection.topic, number): span
            for selection in self.selections
            for number, span in selection.over(existing[selection.topic]).items()
        }


def partition_not_found(topic: str, number: int, existing: cabc.Collection[int]) -> PartitionNotFoundError:
    """Return the error for a partition that the topic doesn't have; it names those that it has."""
    return PartitionNotFoundError(f"Topic '{topic}' has no partition {number}. It has {_numbers(existing)}.")


def subscribe(topics: object, until: object = None, resume: object = None) -> Subscription:
    """Parse what was written; an impossible value is an InvalidStartError that names it."""
    written = _by_topic(topics)
    ends = _ends(until, written)
    saved = parse_positions(resume)
    selections = []
    for name, (declared, starts) in written.items():
        everywhere, partitions = _starts(name, starts)
        end, untils = ends[name]
        for number in untils:
            if everywhere is None and number not in partitions:
                raise InvalidStartError(
                    f"until names {name}-{number}, which isn't read here: of '{name}' only "
                    f"{_numbers(partitions)}."
                )
        selections.append(Selection(name, declared, everywhere, partitions, end, untils, saved.get(name, {})))
    return Subscription(tuple(selections), saved)


def _by_topic(topics: object) -> dict[str, tuple[Topic[Any] | None, object]]:
    pairs: cabc.Iterable[tuple[object, object]]
    if isinstance(topics, cabc.Mapping):
        pairs = topics.items()
    elif isinstance(topics, str | Topic):
        pairs = [(topics, None)]
    elif isinstance(topics, cabc.Iterable) and not isinstance(topics, bytes | bytearray):
        pairs = [(topic, None) for topic in topics]
    else:
        raise InvalidStartError(
            f"{topics!r} isn't a topic. Give a name, a Topic, a list of them, or a dict from them to starts."
        )
    written: dict[str, tuple[Topic[Any] | None, object]] = {}
    for topic, starts in pairs:
        name = _name(topic)
        if name in written:
            raise InvalidStartError(f"Topic '{name}' is named twice: name it once.")
        written[name] = (topic if isinstance(topic, Topic) else None, starts)
    if not written:
        raise InvalidStartError(f"{topics!r} names no topic: name at least one.")
    return written


def _name(topic: object) -> str:
    if isinstance(topic, Topic):
        return topic.name
    if not isinstance(topic, str):
        raise InvalidStartError(
            f"{topic!r} isn't a topic: give a name or a Topic, and starts in a dict: {{topic: start}}."
        )
    try:
        return check_topic_name(topic)
    except RoutingError as error:
        raise InvalidStartError(str(error)) from None


def _starts(name: str, written: object) -> tuple[ParsedStart | None, dict[int, ParsedStart]]:
    """Return one start for all partitions, or the starts of single ones."""
    pairs: cabc.Iterable[tuple[object, object]]
    if isinstance(written, cabc.Mapping):
        pairs = written.items()
    elif isinstance(written, cabc.Iterable) and not isinstance(written, _NO_NUMBERS):
        pairs = [(number, None) for number in written]
    else:
        return parse(written), {}
    partitions = {number: parse(start) for number, start in _numbered(name, written, pairs)}
    if not partitions:
        raise InvalidStartError(
            f"{written!r} names no partition of '{name}'. Leave it out to read all of them."
        )
    return None, partitions


def _ends(until: object, topics: cabc.Collection[str]) -> _Ends:
    if not isinstance(until, cabc.Mapping):
        return _Ends((parse_end(until), {}))
    if not until:
        raise InvalidStartError("until={} names no end: leave it out to read to the end as it is now.")
    ends = _Ends((None, {}))
    for topic, written in until.items():
        name = _name(topic)
        if name not in topics:
            raise InvalidStartError(
                f"until names topic '{name}', which isn't read here: only {', '.join(topics)}."
            )
        if name in ends:
            raise InvalidStartError(f"until names topic '{name}' twice: name it once.")
        if isinstance(written, cabc.Mapping):
            pairs = _numbered(name, written, written.items())
            ends[name] = None, {number: parse_end(end) for number, end in pairs}
        else:
            ends[name] = parse_end(written), {}
    return ends


class _Ends(dict[str, tuple[ParsedStart | None, dict[int, ParsedStart | None]]]):
    """The end of each topic and of its single partitions; other topics have the default."""

    def __init__(self, default: tuple[ParsedStart | None, dict[int, ParsedStart | None]]) -> None:
        self._default = default

    def __missing__(self, _topic: str) -> tuple[ParsedStart | None, dict[int, ParsedStart | None]]:
        return self._default


def _numbered(
    name: str, written: object, pairs: cabc.Iterable[tuple[object, object]]
) -> list[tuple[int, object]]:
    """Return the pairs with checked partition numbers, each of them once."""
    numbered = [(_number(name, number), value) for number, value in pairs]
    if len(dict(numbered)) < len(numbered):
        raise InvalidStartError(f"{written!r} names a partition of '{name}' twice: name each of them once.")
    return numbered


def _number(name: str, written: object) -> int:
    if (number := natural(written)) is None:
        raise InvalidStartError(f"{written!r} isn't a partition of '{name}': partitions are numbers from 0.")
    return number


def _numbers(partitions: cabc.Collection[int]) -> str:
    """`partitions 0 to 3`, `partitions 0, 5`, or `partition 0`."""
    numbers = sorted(partitions)
    if len(numbers) > 1 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"partitions {numbers[0]} to {numbers[-1]}"
    return f"partition{'s' if len(numbers) != 1 else ''} {', '.join(map(str, numbers)) or 'none'}"
