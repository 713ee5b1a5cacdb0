"""JSON on stdout, whatever its encoding is."""

from __future__ import annotations

import collections.abc as cabc
import io
import json
from typing import Final

from framework.data_stdout import data_stdout

_ASCII: Final = "".join(map(chr, range(32, 127)))


def print_json(rows: cabc.Iterable[object]) -> None:
    """Print plain values as JSON in ASCII, one a line."""
    prepare_stdout()
    for row in rows:
        print(json.dumps(row, allow_nan=False), file=data_stdout())


def prepare_stdout() -> str | None:
    """Return the encoding of stdout, after it was changed to ASCII if JSON in it would be no JSON.

    RFC 8259 allows UTF-8 without a byte order mark. Other encodings are left as they are where ASCII is a
    part of them, as of latin-1: what is written then is ASCII.
    """
    stdout = data_stdout()
    encoding = getattr(stdout, "encoding", None)
    if encoding is not None and isinstance(stdout, io.TextIOWrapper) and not _has_ascii(encoding):
        stdout.reconfigure(encoding="ascii")
        return "ascii"
    return encoding


def _has_ascii(encoding: str) -> bool:
    try:
        return _ASCII.encode(encoding) == _ASCII.encode()
    except UnicodeError:
        return False
