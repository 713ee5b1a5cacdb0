"""Messages in full: on a page, and as lines of JSON."""

from __future__ import annotations

import base64
import collections.abc as cabc
import json
import time
from typing import Any

from framework import FrameworkError, Message
from framework_iterator.explorer import values
from framework_iterator.explorer.reading import SECONDS, Reading


def of_message(message: Message[Any]) -> dict[str, Any]:
    """Return what the page of a message shows, by the names of its template."""
    timestamp = message.timestamp
    return {
        "time": None if timestamp is None else values.time_text(timestamp),
        "payload": _part(message, "payload"),
        "key": _part(message, "key"),
        "headers": [(values.cut(name), raw, _text(raw)) for name, raw in message.raw_headers],
    }


def _part(message: Message[Any], name: str) -> dict[str, Any]:
    part = values.part_or_reason(message, name)
    raw: bytes | None = getattr(message, f"raw_{name}")
    is_readable = raw is not None and part.reason is None
    return {
        "reason": None if part.reason is None else values.cut_lines(part.reason, values.MOST_TEXT),
        "tree": values.tree(part.value) if is_readable else None,
        "raw": raw,
        "text": _text(raw),
        "rows": [] if raw is None else values.hex_rows(raw),
        "is_cut": raw is not None and values.is_cut(raw),
    }


def _text(raw: bytes | None) -> str:
    return "" if raw is None else values.cut_lines(values.bytes_text(raw), values.MOST_TEXT)


async def lines(opened: Reading, seconds: float = SECONDS) -> cabc.AsyncGenerator[str]:
    """Yield the messages of a view as JSON objects, one a line, in ASCII.

    Where it ends early, the last line says why: `{"problem": "..."}`.
    """
    deadline = time.monotonic() + seconds
    try:
        async with opened.iterator as iterator:
            async for message in iterator:
                if message is not None:
                    yield json.dumps(_object(message)) + "\n"
                if time.monotonic() > deadline:
                    yield json.dumps({"problem": f"The search ended after {seconds:g} s."}) + "\n"
                    return
    except FrameworkError as error:
        yield json.dumps({"problem": str(error)}) + "\n"


def _object(message: Message[Any]) -> dict[str, Any]:
    timestamp = message.timestamp
    found: dict[str, Any] = {
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "timestamp": None if timestamp is None else timestamp.isoformat(),
    }
    for name in ("key", "headers", "payload"):
        part = values.part_of(message, name)
        found[name] = None if part.reason is not None else values.plain(part.value)
        if part.reason is not None:
            found[f"{name}_error"] = part.reason
            found[f"raw_{name}"] = _base64(getattr(message, f"raw_{name}"))
    return found


def _base64(raw: Any) -> Any:
    """Return bytes, and those in pairs of headers, as `framework iterate --json` has them."""
    if isinstance(raw, list):
        return [[name, _base64(value)] for name, value in raw]
    return None if raw is None else base64.b64encode(raw).decode()
