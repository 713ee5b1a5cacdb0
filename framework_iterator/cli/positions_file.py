"""The file of `--resume`: positions that are read before a run and replaced after it."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import json
import os
import pathlib
import secrets
import stat
import tempfile
from typing import Any, Final

import click

from framework import Topic
from framework.message_parts import reason_of
from framework_iterator.errors import InvalidStartError
from framework_iterator.planning.positions import parse_positions

Positions = dict[str, dict[int, int]]
_KINDS: Final[dict[type, str]] = {list: "a list", str: "a text", bool: "a boolean", type(None): "null"}
"""What JSON may contain instead."""


class PositionsFile:
    """JSON: `{topic: {partition: next offset}}`, as `report.positions` gives it.

    Args:
        path: The file. If it doesn't exist, there are no positions yet. One that can't be read, or has
            something else in it, is a click.BadParameter.

    Attributes:
        positions: What was in it.
    """

    def __init__(self, path: pathlib.Path) -> None:
        """Read it."""
        self._path = path
        # The file itself, where the path is a symbolic link: the link stays.
        self._target = pathlib.Path(os.path.realpath(path))
        self.positions = self._read()

    def check_writable(self) -> None:
        """Raise a click.BadParameter if it can't be replaced."""
        try:
            if self._target.exists() and not os.access(self._target, os.W_OK):
                raise PermissionError("it is read-only")
            with tempfile.TemporaryFile(dir=self._target.parent):
                pass
        except OSError as error:
            raise self._refused(f"Can't write positions to '{self._path}': {_reason(error)}.") from None

    def positions_of(self, topics: cabc.Iterable[Topic[Any]]) -> Positions | None:
        """Return the positions of these topics, or None: that there are others in the file is usual."""
        return {
            each.name: self.positions[each.name] for each in topics if each.name in self.positions
        } or None

    def save(self, positions: Positions) -> None:
        """Replace the file, or create it: whoever reads it finds the old positions or the new ones.

        Topics and partitions that are only in the file stay.

        Args:
            positions: Of the topics that were read.
        """
        merged = {topic: dict(known) for topic, known in self.positions.items()}
        for topic, read in positions.items():
            merged.setdefault(topic, {}).update(read)
        ordered = {topic: dict(sorted(merged[topic].items())) for topic in sorted(merged)}
        try:
            self._replace(f"{json.dumps(ordered)}\n".encode())
        except OSError as error:
            text = f"The positions were not saved: can't write '{self._path}': {_reason(error)}."
            raise click.ClickException(text) from error

    def _read(self) -> Positions:
        try:
            if not self._target.exists():
                return {}
            if not stat.S_ISREG(self._target.stat().st_mode):
                raise self._refused(f"'{self._path}' isn't a regular file.")
            content = self._target.read_bytes()
            if not content.strip():
                raise InvalidStartError("it is empty")
            written = json.loads(content)
            if not isinstance(written, dict):
                raise InvalidStartError(f"it contains {_KINDS.get(type(written), 'a number')}")
            parsed = parse_positions(written)
            return {
                topic: {number: each.offset for number, each in saved.items()}
                for topic, saved in parsed.items()
            }
        except OSError as error:
            raise self._refused(f"Can't read '{self._path}': {_reason(error)}.") from None
        except (ValueError, RecursionError) as error:  # of JSON, of UTF-8, InvalidStartError
            raise self._refused(
                f"'{self._path}' has no positions: {reason_of(error)}. Expected JSON such as "
                '{"orders": {"0": 17}}. Delete the file to start without positions.'
            ) from None

    def _replace(self, data: bytes) -> None:
        target = self._target
        temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}.tmp")
        before = target.stat() if target.exists() else None
        # As the shell creates a file, so that the umask counts.
        number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            with open(number, "wb") as file:
                if before is not None:
                    _keep_owner_and_mode(number, before)
                file.write(data)
                file.flush()
                os.fsync(number)
            os.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        _sync_folder(target.parent)

    def _refused(self, sentence: str) -> click.BadParameter:
        return click.BadParameter(sentence, param_hint="'--resume'")


def _keep_owner_and_mode(number: int, before: os.stat_result) -> None:
    with contextlib.suppress(OSError):  # only root can give a file away
        os.fchown(number, before.st_uid, before.st_gid)
    os.fchmod(number, stat.S_IMODE(before.st_mode))


def _sync_folder(folder: pathlib.Path) -> None:
    """Have the new name reach the disk, where the file system can do that."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
