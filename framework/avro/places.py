"""Makes sentences of what goes wrong in a generated decoder."""

from __future__ import annotations

import collections.abc as cabc
import struct
import types
from typing import Final

from framework.avro.code import Item, Path
from framework.avro.errors import AvroDecodeError

# The file name of generated code, by which its frames are found.
FILENAME: Final = "<generated Avro decoder>"

# Whatever bytes can raise in generated code.
FAILURES: Final = (AvroDecodeError, IndexError, UnicodeDecodeError, RecursionError, struct.error)

# So that the path of a value that is nested 200 levels deep fits into a line.
_MAX_PARTS: Final = 12


def explain(
    error: Exception, places: cabc.Sequence[Path]
) -> tuple[AvroDecodeError, UnicodeDecodeError | None]:
    """Return the error to raise, which names the field, and its cause."""
    where = _describe(_path(error.__traceback__, places))
    if isinstance(error, IndexError | struct.error):
        at = f", at {where}" if where else ""
        return AvroDecodeError(f"the bytes end in the middle of the value{at}"), None
    prefix = f"{where}: " if where else ""
    if isinstance(error, UnicodeDecodeError):
        return AvroDecodeError(f"{prefix}invalid UTF-8: {error.reason} at byte {error.start} of it"), error
    if isinstance(error, RecursionError):
        return AvroDecodeError(f"{prefix}the value is nested too deeply"), None
    return AvroDecodeError(f"{prefix}{error}"), None


def _path(traceback: types.TracebackType | None, places: cabc.Sequence[Path]) -> list[str]:
    """Return the path of the line that failed, one function after the other."""
    parts: list[str] = []
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code.co_filename == FILENAME and len(parts) <= _MAX_PARTS:
            variables = frame.f_locals
            parts += [_part(part, variables) for part in places[traceback.tb_lineno]]
        traceback = traceback.tb_next
    return parts


def _part(part: str | Item, variables: cabc.Mapping[str, object]) -> str:
    if isinstance(part, str):
        return f".{part}"
    value = variables.get(part.variable)
    if part.is_key:
        return f"[{value!r}]" if isinstance(value, str) and len(value) <= 40 else "[...]"
    return f"[{len(value)}]" if isinstance(value, list) else "[...]"


def _describe(parts: list[str]) -> str:
    if not parts:
        return ""
    path = "".join(parts[:_MAX_PARTS]).removeprefix(".") + ("..." if len(parts) > _MAX_PARTS else "")
    return f"item {path}" if path.startswith("[") else f"field {path!r}"
