"""`--resume FILE`: the positions in it are the old ones or the new ones, and what isn't positions stays."""

from __future__ import annotations

import json
import os
import pathlib
import stat

import click
import pytest

from framework import Topic
from framework_iterator.cli.positions_file import PositionsFile


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "positions.json"


def test_without_a_file_there_are_no_positions(path: pathlib.Path) -> None:
    file = PositionsFile(path)
    file.check_writable()

    assert file.positions == {}
    assert not path.exists()


def test_what_was_saved_is_read_again(path: pathlib.Path) -> None:
    PositionsFile(path).save({"orders": {1: 7, 0: 17}})

    assert path.read_text() == '{"orders": {"0": 17, "1": 7}}\n'
    assert PositionsFile(path).positions == {"orders": {0: 17, 1: 7}}


def test_topics_and_partitions_that_were_not_read_stay(path: pathlib.Path) -> None:
    path.write_text('{"payments": {"3": 30}, "orders": {"0": 1, "11": 2}}')
    PositionsFile(path).save({"orders": {0: 17, 2: 5}})

    assert json.loads(path.read_text()) == {"orders": {"0": 17, "2": 5, "11": 2}, "payments": {"3": 30}}


def test_a_run_gets_the_positions_of_its_topics(path: pathlib.Path) -> None:
    path.write_text('{"payments": {"3": 30}, "orders": {"0": 1}}')
    file = PositionsFile(path)

    assert file.positions_of([Topic("orders"), Topic("trips")]) == {"orders": {0: 1}}
    assert file.positions_of([Topic("trips")]) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"nope", "Expecting value: line 1 column 1 (char 0)"),
        (b'{"orders": {"0": 17', "Expecting ',' delimiter: line 1 column 20 (char 19)"),
        (b"\xff\xfe\xff", "'utf-16-le' codec can't decode byte 0xff in position 2: truncated data"),
        (b"null", "it contains null"),
        (b"[1]", "it contains a list"),
        (b"17", "it contains a number"),
        (b"true", "it contains a boolean"),
        (
            b'{"orders": 17}',
            (
                "resume['orders']=17 is invalid: expected {topic: {partition: next offset}}, "
                "as report.positions gives it"
            ),
        ),
        (b'{"orders": {"0": -1}}', "resume['orders']['0']=-1 is invalid: expected an int >= 0"),
        (b'{"orders": {"0": "17"}}', "resume['orders']['0']='17' is invalid: expected an int >= 0"),
        (b'{"orders": {"x": 17}}', "resume['orders'] has the partition 'x': expected an int >= 0"),
        (
            b"[" * 100_000,
            "maximum recursion depth exceeded while decoding a JSON array from a unicode string",
        ),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else "",
)
def test_anything_else_is_wrong_use_and_stays(path: pathlib.Path, content: bytes, reason: str) -> None:
    path.write_bytes(content)
    with pytest.raises(click.BadParameter) as caught:
        PositionsFile(path)

    assert caught.value.format_message() == (
        f"Invalid value for '--resume': '{path}' has no positions: {reason}. Expected JSON such as "
        '{"orders": {"0": 17}}. Delete the file to start without positions.'
    )
    assert path.read_bytes() == content


def test_json_that_is_too_deep_is_wrong_use(path: pathlib.Path) -> None:
    path.write_bytes(b"[" * 100_000)
    with pytest.raises(click.BadParameter, match="maximum recursion depth exceeded"):
        PositionsFile(path)


def test_a_folder_and_a_device_are_no_file(tmp_path: pathlib.Path) -> None:
    for path in (tmp_path, pathlib.Path("/dev/null")):
        with pytest.raises(click.BadParameter, match=f"'{path}' isn't a regular file."):
            PositionsFile(path)


def test_a_folder_that_can_not_be_written_is_found_before_the_run(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "missing" / "positions.json"
    with pytest.raises(click.BadParameter) as caught:
        PositionsFile(path).check_writable()

    assert caught.value.message == f"Can't write positions to '{path}': No such file or directory."
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to what is read-only")
def test_a_file_that_is_read_only_is_not_replaced(path: pathlib.Path) -> None:
    path.write_text("{}")
    path.chmod(0o400)
    with pytest.raises(click.BadParameter, match="it is read-only"):
        PositionsFile(path).check_writable()


def test_the_mode_of_the_file_stays(path: pathlib.Path) -> None:
    path.write_text("{}")
    path.chmod(0o640)
    PositionsFile(path).save({"orders": {0: 1}})

    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_has_the_mode_of_the_umask(path: pathlib.Path) -> None:
    before = os.umask(0o027)
    try:
        PositionsFile(path).save({"orders": {0: 1}})
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("exists", [True, False])
def test_a_symbolic_link_stays_one(tmp_path: pathlib.Path, exists: bool) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    link, target = tmp_path / "positions.json", folder / "orders.json"
    link.symlink_to(target)
    if exists:
        target.write_text('{"orders": {"1": 2}}')
    PositionsFile(link).save({"orders": {0: 1}})

    assert link.is_symlink()
    assert json.loads(target.read_text())["orders"]["0"] == 1
    assert [each.name for each in folder.iterdir()] == ["orders.json"]


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    path.write_text('{"orders": {"0": 1}}')
    file = PositionsFile(path)

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, function, fail)
    with pytest.raises(click.ClickException) as caught:
        file.save({"orders": {0: 17}})

    assert caught.value.message == (
        f"The positions were not saved: can't write '{path}': No space left on device."
    )
    assert path.read_text() == '{"orders": {"0": 1}}'
    assert list(path.parent.iterdir()) == [path]


def test_a_long_name_can_be_replaced(tmp_path: pathlib.Path) -> None:
    path = tmp_path / ("p" * 250)
    file = PositionsFile(path)
    file.check_writable()
    file.save({"orders": {0: 1}})

    assert PositionsFile(path).positions == {"orders": {0: 1}}
