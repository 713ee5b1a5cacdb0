"""The address of a view: what a page shows is in its path and query, so it can be sent to somebody. Pure."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import datetime
import re
import urllib.parse
from typing import Final, Literal, get_args

from framework.suggest import did_you_mean

ExplorerOrder = Literal["newest", "oldest"]
ORDERS: Final[tuple[str, ...]] = get_args(ExplorerOrder)
_FORMS: Final = "an offset such as 100, a moment such as 2013-12-25T10:00Z, or how long ago, such as 5m or 2d"
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

Start = int | datetime.datetime | datetime.timedelta | dict[int, int]
"""Where to begin: an offset of each partition, a moment, a duration ago, or the offset of each partition."""


class AddressError(ValueError):
    """A part of an address has no meaning; the text says which, and what to write."""


@dataclasses.dataclass(frozen=True, slots=True)
class View:
    """What a page of a topic shows.

    Args:
        topic: The topic's name.
        partition: The only partition that is shown, or None for all.
        start: Where to begin, as it was written; with the order "newest", where newer messages are left out.
        order: Which message is the first one.
        contains: A text that raw payloads contain.
        key: The key of the messages.
        where: An expression over the parts of a message.
        is_live: Whether messages are shown as they are written.
    """

    topic: str
    partition: int | None = None
    start: str = ""
    order: ExplorerOrder = "newest"
    contains: str = ""
    key: str = ""
    where: str = ""
    is_live: bool = False

    @property
    def is_search(self) -> bool:
        """Whether messages are left out."""
        return bool(self.contains or self.key or self.where)

    @property
    def query(self) -> str:
        """The query of the address, without what is as usual: `order=oldest&contains=late`."""
        parts = {
            "partition": "" if self.partition is None else str(self.partition),
            "from": self.start,
            "order": "" if self.order == "newest" else self.order,
            "contains": self.contains,
            "key": self.key,
            "where": self.where,
            "live": "1" if self.is_live else "",
        }
        return urllib.parse.urlencode({name: value for name, value in parts.items() if value}, safe=":,")

    def address(self, page: str = "") -> str:
        """Return the address of the view, or of a page below its path, such as "/events"."""
        path = f"/topics/{urllib.parse.quote(self.topic, safe='')}{page}"
        return f"{path}?{self.query}" if self.query else path

    def at(self, positions: cabc.Mapping[int, int]) -> View:
        """Return the view of the messages from these offsets on, or before them with the order "newest"."""
        start = ",".join(f"{partition}:{offset}" for partition, offset in sorted(positions.items()))
        return dataclasses.replace(self, start=start, is_live=False)


def view_of(topic: str, query: cabc.Mapping[str, str]) -> View:
    """Return the view of an address; an AddressError says what is wrong with it.

    `start_of` and `Expression` check what somebody wrote for From and Where.
    """
    known = {"partition", "from", "order", "contains", "key", "where", "live"}
    for name in query:
        if name not in known:
            raise AddressError(
                f"The address has an unknown part '{name}'.{did_you_mean(name, sorted(known))}"
            )
    order = query.get("order") or "newest"
    if order not in ORDERS:
        raise AddressError(f"Order '{order}' is unknown: choose newest or oldest.")
    return View(
        topic=topic,
        partition=_partition(query.get("partition", "")),
        start=query.get("from", "").strip(),
        order=order,  # type: ignore[arg-type]
        contains=query.get("contains", ""),
        key=query.get("key", ""),
        where=query.get("where", "").strip(),
        is_live=query.get("live", "") not in ("", "0"),
    )


def _partition(text: str) -> int | None:
    if not text.strip():
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()):
        raise AddressError(f"Partition '{text}' is no number: write one such as 0, or nothing for all.")
    return int(text)


def start_of(text: str) -> Start | None:
    """Return where to begin; None for an empty text."""
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,18}", text):
        return int(text)
    if re.fullmatch(r"[0-9]{1,9}:[0-9]{1,18}(,[0-9]{1,9}:[0-9]{1,18})*", text):
        return {int(each.partition(":")[0]): int(each.partition(":")[2]) for each in text.split(",")}
    try:
        if found := re.fullmatch(r"([0-9]{1,9})([smhd])", text):
            return datetime.timedelta(**{_UNITS[found[2]]: int(found[1])})
        moment = datetime.datetime.fromisoformat(text)
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)
    except (ValueError, OverflowError):
        raise AddressError(f"From '{text}' has no meaning: write {_FORMS}.") from None
