"""Parse the positions that a report has saved, to resume from them. Pure."""

from __future__ import annotations

import collections.abc as cabc
import re
from typing import Any, TypeAlias

from framework_iterator.checks import natural
from framework_iterator.errors import InvalidStartError
from framework_iterator.planning.starts import Offset

Positions: TypeAlias = cabc.Mapping[str, cabc.Mapping[int, int]] | cabc.Mapping[str, cabc.Mapping[str, int]]
"""`{topic: {partition: next offset}}`, as `Report.positions` gives it or as JSON gives it back."""


def parse_positions(resume: object) -> dict[str, dict[int, Offset]]:
    """Parse `resume=`; anything but a mapping of topics to mappings of partitions is an InvalidStartError.

    JSON has text as keys, so `"0"` is partition 0.
    """
    if resume is None:
        return {}
    parsed: dict[str, dict[int, Offset]] = {}
    for topic, saved in _mapping(resume, "resume").items():
        pairs = _mapping(saved, f"resume[{topic!r}]").items()
        parsed[topic] = {
            _partition(topic, number): _offset(topic, number, offset) for number, offset in pairs
        }
    return parsed


def _mapping(written: object, name: str) -> cabc.Mapping[Any, Any]:
    if not isinstance(written, cabc.Mapping):
        raise InvalidStartError(
            f"{name}={written!r} is invalid: expected {{topic: {{partition: next offset}}}}, "
            "as report.positions gives it."
        )
    return written


def _partition(topic: str, written: object) -> int:
    if isinstance(written, str) and re.fullmatch(r"[0-9]{1,10}", written):
        return int(written)
    if (number := natural(written)) is None:
        raise InvalidStartError(f"resume[{topic!r}] has the partition {written!r}: expected an int >= 0.")
    return number


def _offset(topic: str, number: object, written: object) -> Offset:
    if (offset := natural(written)) is None:
        raise InvalidStartError(
            f"resume[{topic!r}][{number!r}]={written!r} is invalid: expected an int >= 0."
        )
    return Offset(offset)
