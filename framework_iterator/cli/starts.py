"""Starts and ends as they are typed at a terminal."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from framework_iterator.planning.starts import Start

_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_FORMS: Final = "earliest, latest, committed, 100, -10, 5m, 1h30m, 2d, 2013-12-25 or 2013-12-25T10:00Z"
_ENDS: Final = _FORMS.replace("committed, ", "")


def start_option(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Start | None:
    """For `click.option(callback=...)`: what the text stands for, or wrong use."""
    return None if value is None else parse_or_fail(value)


def end_option(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Start | None:
    """For `click.option(callback=...)`: the same, but that what was committed is no end."""
    if value is None:
        return None
    end = parse(value)
    if end is None or end == "committed":
        raise click.BadParameter(f"{value!r} isn't an end. Write {_ENDS}.")
    return end


def parse_or_fail(text: str) -> Start:
    """The start that a text stands for; else wrong use, with the words that would be right."""
    start = parse(text)
    if start is None:
        raise click.BadParameter(f"{text!r} isn't a start. Write {_FORMS}.")
    return start


def parse(text: str) -> Start | None:
    """The start that a text stands for, or None. Moments without a zone are local time."""
    if text in ("earliest", "latest", "committed"):
        return text  # type: ignore[return-value]
    if re.fullmatch(r"-0+", text):
        return "latest"  # the last none, as a script may come to; as an offset it would be the first
    if re.fullmatch(r"-?[0-9]{1,19}", text):
        return int(text)
    if ago := re.fullmatch(r"(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?", text):
        return _ago(ago) if text else None
    try:
        moment = datetime.datetime.fromisoformat(text)
        moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError):  # the latter: the first or last day there is, in another zone
        return None
    return moment


def partitions_option(
    _ctx: click.Context, _param: click.Parameter, texts: tuple[str, ...]
) -> dict[int, Start | None]:
    """For `click.option(callback=..., multiple=True)`: each partition's own start, or None."""
    found: dict[int, Start | None] = {}
    for text in texts:
        number, equals, start = text.partition("=")
        if not re.fullmatch(r"[0-9]{1,10}", number) or (equals and not start):
            raise click.BadParameter(f"{text!r} isn't a partition. Write 3, or 3=START.")
        if int(number) in found:
            raise click.BadParameter(f"Partition {int(number)} is given twice.")
        found[int(number)] = parse_or_fail(start) if start else None
    return found


def _ago(found: re.Match[str]) -> datetime.timedelta | None:
    try:
        return datetime.timedelta(
            **{
                unit: int(number)
                for unit, number in zip(_UNITS.values(), found.groups(), strict=True)
                if number
            }
        )
    except (OverflowError, ValueError):  # ValueError: more digits than Python reads
        return None
