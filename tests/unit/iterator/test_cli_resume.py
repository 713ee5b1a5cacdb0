"""`--resume`: a message counts as read once its line was written, however the command ends."""

from __future__ import annotations

import collections.abc as cabc
import json
import pathlib
from typing import Any, cast

import click
import pytest

from framework import Message
from framework.testing import reset_current_app
from framework_iterator import Ended, Iterator, PartitionReport, Report
from framework_iterator.cli.positions_file import PositionsFile
from framework_iterator.cli.resume import open_positions, write_and_save
from tests.unit.iterator.rows import message


class Run:
    """Gives offsets 5, 7 and 8 of one partition, and counts a message before the loop has it."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.report: Report | None = None
        self._error = error

    def __iter__(self) -> cabc.Iterator[Message[Any]]:
        self._report(5)
        for offset in (5, 7, 8):
            self._report(offset + 1)
            yield message(b"1", offset=offset)
        if self._error is not None:
            raise self._error
        self._report(11)

    def _report(self, position: int) -> None:
        of_other = PartitionReport("flights", 1, 0, 4, 2, 2, 0, None)
        read = PartitionReport("flights", 0, 5, 11, position, 0, 0, Ended.END)
        self.report = Report((read, of_other))


class Refused(Run):
    """Fails before it has read anything."""

    def __iter__(self) -> cabc.Iterator[Message[Any]]:
        raise ValueError("no such topic")


@pytest.fixture(autouse=True)
def _no_app_is_left() -> cabc.Iterator[None]:
    yield
    reset_current_app()


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "positions.json"


def resume(path: pathlib.Path, run: Run, until: int = 100, error: type[BaseException] = ValueError) -> None:
    """Write the messages before an offset; there, writing fails."""

    def write(messages: cabc.Iterable[Message[Any]]) -> None:
        for each in messages:
            if each.offset == until:
                raise error

    write_and_save(PositionsFile(path), cast("Iterator[Any]", run), write)


def saved(path: pathlib.Path) -> int:
    positions = json.loads(path.read_text())["flights"]
    assert positions["1"] == 2
    return int(positions["0"])


def test_at_the_end_all_of_it_was_read(path: pathlib.Path) -> None:
    resume(path, Run())
    assert saved(path) == 11


@pytest.mark.parametrize("error", [BrokenPipeError, KeyboardInterrupt, OSError])
@pytest.mark.parametrize("offset", [5, 7, 8])
def test_a_message_that_was_not_written_comes_again(
    path: pathlib.Path, offset: int, error: type[BaseException]
) -> None:
    with pytest.raises(error):
        resume(path, Run(), offset, error)
    assert saved(path) == offset


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt()], ids=repr)
def test_where_reading_fails_everything_before_was_written(path: pathlib.Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        resume(path, Run(error))
    assert saved(path) == 9


def test_a_run_that_has_not_begun_saves_nothing(path: pathlib.Path) -> None:
    with pytest.raises(ValueError, match="no such topic"):
        resume(path, Refused())
    assert not path.exists()


@pytest.fixture
def unwritable(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    return path


def sentence(path: pathlib.Path) -> str:
    return f"The positions were not saved: can't write '{path}': No space left on device."


@pytest.mark.parametrize("ending", [None, BrokenPipeError, KeyboardInterrupt])
def test_positions_that_can_not_be_saved_are_an_error(
    unwritable: pathlib.Path, ending: type[BaseException] | None
) -> None:
    with pytest.raises(click.ClickException) as caught:
        resume(unwritable, Run(), 100 if ending is None else 7, ending or ValueError)
    assert caught.value.message == sentence(unwritable)


def test_they_are_a_note_beside_another_error(
    unwritable: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="the reason"):
        resume(unwritable, Run(ValueError("the reason")))
    assert capsys.readouterr().err == f"{sentence(unwritable)}\n"


def test_without_a_file_nothing_is_saved() -> None:
    given: list[int] = []
    run = cast("Iterator[Any]", Run())
    write_and_save(None, run, lambda messages: given.extend(each.offset for each in messages))
    assert given == [5, 7, 8]


def test_the_newest_first_can_not_be_resumed(path: pathlib.Path) -> None:
    with pytest.raises(click.UsageError) as caught:
        open_positions(path, "newest", is_read_only=False)
    assert caught.value.message == (
        "--resume and --order newest exclude each other: a position can't say which older messages were left "
        "out. Use --order time, or leave --order out."
    )


def test_a_plan_only_reads_the_file(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "missing" / "positions.json"
    assert open_positions(path, None, is_read_only=True) is not None
    assert open_positions(None, "newest", is_read_only=True) is None
    with pytest.raises(click.BadParameter):
        open_positions(path, "time", is_read_only=False)
