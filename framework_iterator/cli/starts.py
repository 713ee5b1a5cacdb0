"""Parse starts, ends and partitions that are options of a command."""

from __future__ import annotations

import datetime
import re
from typing import Final

import click

from framework_iterator.planning.corrections import DAYS, meant_by, moment_of
from framework_iterator.planning.durations import duration_of, parts_of
from framework_iterator.planning.starts import END_WORDS, WORDS, Start

_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_FORMS: Final = "earliest, latest, committed, 100, -10, 5m, 1h30m, 2d, 2013-12-25 or 2013-12-25T10:00Z"
_ENDS: Final = _FORMS.replace("committed, ", "")


def start_option(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Start | None:
    """Parse --start: a `click.option(callback=...)`."""
    return None if value is None else parse_or_fail(value)


def end_option(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Start | None:
    """Parse --until: a start, except for `committed`."""
    if value is None:
        return None
    end = parse(value)
    if end is None or end == "committed":
        raise click.BadParameter(f"{value!r} isn't an end. Write {_ENDS}.{_meant_by(value, END_WORDS)}")
    return end


def parse_or_fail(text: str) -> Start:
    """Parse a start, or raise a BadParameter that lists the valid forms."""
    start = parse(text)
    if start is None:
        raise click.BadParameter(f"{text!r} isn't a start. Write {_FORMS}.{_meant_by(text, WORDS)}")
    return start


def parse(text: str) -> Start | None:
    """Parse a start, or return None if it has none of the forms. Times without a zone are local."""
    if text in WORDS:
        return text  # type: ignore[return-value]
    if re.fullmatch(r"-0+", text):
        return "latest"  # the last 0 offsets, which a script may compute; the int 0 is the first offset
    if re.fullmatch(r"-?[0-9]{1,19}", text):
        return int(text)
    if duration := re.fullmatch(r"(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?", text):
        return _duration(duration) if text else None
    try:
        time = datetime.datetime.fromisoformat(text)
        time.astimezone(datetime.UTC)
    except (ValueError, OverflowError):  # OverflowError: a day at the end of the range, in another zone
        return None
    return time


def _meant_by(text: str, known: tuple[str, ...]) -> str:
    if re.fullmatch(r"[0-9]{1,19}\.[0-9]*", text):
        moment = moment_of(float(text))
        return "" if moment is None else f" Did you mean {moment}?"
    meant = _duration_meant_by(text) or _time_meant_by(text)
    if meant is not None:
        return f" Did you mean {meant}?"
    return "" if text in known else meant_by(text, known)


def _duration_meant_by(text: str) -> str | None:
    duration = duration_of(text)
    if duration is None:
        return None
    return "".join(f"{number}{unit[0]}" for unit, number in parts_of(duration).items())


def _time_meant_by(text: str) -> str | None:
    """Return `yesterday` as its date, `10:00` as a time of today, and a date in its usual form."""
    plain = text.strip().lower()
    if (days := DAYS.get(plain)) is not None:
        return (_today() - datetime.timedelta(days=days)).isoformat()
    meant = plain.replace("/", "-").upper()
    if re.fullmatch(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2})?Z?", meant):
        meant = f"{_today()}T{meant}"
    return meant if meant != text and isinstance(parse(meant), datetime.datetime) else None


def _today() -> datetime.date:
    return datetime.datetime.now().astimezone().date()


def partitions_option(
    _ctx: click.Context, _param: click.Parameter, texts: tuple[str, ...]
) -> dict[int, Start | None]:
    """Parse --partition, which may be repeated: the start of each partition, or None."""
    found: dict[int, Start | None] = {}
    for text in texts:
        number, separator, start = text.partition("=")
        if not re.fullmatch(r"[0-9]{1,10}", number) or (separator and not start):
            several = re.fullmatch(r"[0-9]+(,[0-9]+)+", text)
            meant = (
                " ".join(f"--partition {each}" for each in text.split(",")) if several else "3, or 3=START"
            )
            raise click.BadParameter(f"{text!r} isn't a partition. Write {meant}.")
        if int(number) in found:
            raise click.BadParameter(f"Partition {int(number)} is given twice. Give each partition once.")
        found[int(number)] = parse_or_fail(start) if start else None
    return found


def _duration(found: re.Match[str]) -> datetime.timedelta | None:
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
