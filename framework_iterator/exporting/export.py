"""Write a run into a file."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import errno
import os
import pathlib
import shutil
from typing import Any, Final

from framework_iterator.columns.columns import Columns, check_columns
from framework_iterator.errors import InvalidOptionError, IteratorError
from framework_iterator.iterator import Iterator
from framework_iterator.report import Report

ENDINGS: Final = (".arrow", ".csv", ".jsonl", ".parquet")
_FULL: Final = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
"""What writing to a full disk, or beyond a quota or limit, raises."""


def export(
    iterator: Iterator[Any, Any, Any], path: str | os.PathLike[str], *, columns: Columns = "payload"
) -> Report:
    """Write the messages of a run into a file, and return the report of the run.

        framework_iterator.export(Iterator(flights), "flights.parquet")

    The file is written beside its place and moved there at the end: a run that fails, or Ctrl-C, leaves
    nothing, and a file that was there as it was. Memory doesn't grow with the topic.

    Args:
        iterator: What is read; with `progress=True` it shows a bar.
        path: Its ending is the format: .parquet, .arrow, .csv or .jsonl. Another one, and a folder that
            doesn't exist, is an InvalidOptionError.
        columns: See `Iterator.to_arrow`.
    """
    target = check_path(path)
    checked = check_columns("export()", columns)
    from framework_iterator.exporting.formats import FORMATS  # late: few programs need pyarrow

    with _beside(_followed(target)) as part:
        try:
            reader = iterator.to_arrow(checked)
            with part.open("xb") as file, FORMATS[target.suffix.lower()](file, reader.schema) as write:
                for batch in reader:
                    write(batch)
        finally:
            iterator.close()  # where the disk is full, the run hasn't ended
    report = iterator.report
    if report is None:
        raise IteratorError(f"{iterator!r} has no report.")
    return report


def check_path(path: str | os.PathLike[str]) -> pathlib.Path:
    """Return the path of a file that can be written, or raise an InvalidOptionError."""
    target = pathlib.Path(path)
    if target.suffix.lower() not in ENDINGS:
        raise InvalidOptionError(
            f"'{target}' has an unknown ending: expected {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}."
        )
    if target.is_dir():
        raise InvalidOptionError(f"'{target}' is a folder: write the name of a file.")
    if target.exists() and not target.is_file():
        raise InvalidOptionError(f"'{target}' is no regular file: it would be replaced by one.")
    folder = _followed(target).parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InvalidOptionError(f"'{folder}' isn't a writable folder: create it, or write another one.")
    return target


def _followed(target: pathlib.Path) -> pathlib.Path:
    """Return what a symbolic link names, so that the file is replaced and the link stays."""
    return pathlib.Path(os.path.realpath(target)) if target.is_symlink() else target


@contextlib.contextmanager
def _beside(target: pathlib.Path) -> cabc.Generator[pathlib.Path]:
    """Give the path of a new file, which is moved to its place at the end, or removed after an exception."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)  # of a process that was killed, and had the same number
    try:
        yield part
        if target.exists():
            shutil.copymode(target, part)  # it may be readable by its owner only
        part.replace(target)
    except OSError as error:
        if error.errno in _FULL and error.filename is None:
            error.filename = str(target)  # of a write, Python doesn't know it
        raise
    finally:
        part.unlink(missing_ok=True)
