"""A nightly export has each message in exactly one file, whenever it runs and however it was interrupted."""

from __future__ import annotations

import datetime
import pathlib
from typing import Any

import duckdb
import pyarrow.parquet
import pytest
from confluent_kafka import Producer

from example_app import app as example
from example_app import records
from example_app.nightly import export_days
from framework import App, DeserializationError, Topic
from framework.testing import run_command
from tests import support
from tests.example.conftest import Seeded
from tests.support import Record

TODAY = datetime.date(2014, 1, 1)


def written(folder: pathlib.Path) -> dict[str, int]:
    return {
        path.name[-18:-8]: pyarrow.parquet.read_metadata(path).num_rows for path in sorted(folder.iterdir())
    }


def run(topic: Topic[Any], folder: pathlib.Path, app: App, today: datetime.date = TODAY) -> list[str]:
    """The days that were written."""
    return [path.stem[-10:] for path, _ in export_days(topic, folder, today, app=app)]


def at(day: int, hour: int = 12) -> datetime.datetime:
    return datetime.datetime(2013, 12, day, hour, tzinfo=datetime.UTC)


def test_each_day_that_is_over_gets_a_file(seeded: Seeded, tmp_path: pathlib.Path) -> None:
    run(seeded.flights, tmp_path, seeded.app)
    assert written(tmp_path) == {
        "2013-12-25": 615, "2013-12-26": 890, "2013-12-27": 955, "2013-12-28": 845, "2013-12-29": 863,
        "2013-12-30": 964, "2013-12-31": 844,
    }  # fmt: skip
    found = duckdb.execute(
        'select count(*), count(distinct (partition, "offset")), sum(distance), bool_and(right(filename, 18) '
        "= strftime(timestamp at time zone 'UTC', '%Y-%m-%d.parquet')) "
        f"from read_parquet('{tmp_path}/*.parquet', filename = true)"
    ).fetchone()
    distance = sum(int(row["distance"]) for row in records.rows("flights") if row["time_hour"] < "2014")
    assert found == (5976, 5976, distance, True)


def test_a_second_run_writes_what_is_missing_and_nothing_else(seeded: Seeded, tmp_path: pathlib.Path) -> None:
    run(seeded.flights, tmp_path, seeded.app, datetime.date(2013, 12, 29))
    assert run(seeded.flights, tmp_path, seeded.app, datetime.date(2013, 12, 29)) == []
    assert run(seeded.flights, tmp_path, seeded.app) == ["2013-12-29", "2013-12-30", "2013-12-31"]
    last = max(tmp_path.iterdir())
    rows = pyarrow.parquet.read_table(last).to_pylist()
    last.unlink()
    assert run(seeded.flights, tmp_path, seeded.app) == ["2013-12-31"]
    again = pyarrow.parquet.read_table(last).to_pylist()
    assert sorted(again, key=str) == sorted(rows, key=str)


def test_a_message_that_comes_too_late_is_in_the_next_file(
    app: App, topic: support.TopicFactory, producer: Producer, tmp_path: pathlib.Path
) -> None:
    name = topic(2, {0: [Record("a", timestamp=at(25))], 1: [Record("b", timestamp=at(26))]}, retention_ms=-1)
    letters: Topic[str] = Topic(name, payload=str)
    assert run(letters, tmp_path, app, datetime.date(2013, 12, 27)) == ["2013-12-25", "2013-12-26"]
    support.produce(producer, name, [Record("late", timestamp=at(25)), Record("c", timestamp=at(28))])
    assert run(letters, tmp_path, app, datetime.date(2013, 12, 27)) == []  # its file is that of a later day
    assert run(letters, tmp_path, app) == ["2013-12-27", "2013-12-28"]
    payloads = [
        pyarrow.parquet.read_table(each)["payload"].to_pylist() for each in sorted(tmp_path.iterdir())
    ]
    assert payloads == [["a"], ["b"], ["late"], ["c"]]


def test_a_message_that_can_not_be_read_leaves_no_file_of_its_day(
    app: App, topic: support.TopicFactory, tmp_path: pathlib.Path
) -> None:
    messages = [Record("1", timestamp=at(25)), Record("x", timestamp=at(26))]
    numbers: Topic[int] = Topic(topic(1, messages, retention_ms=-1), payload=int)
    with pytest.raises(DeserializationError):
        run(numbers, tmp_path, app)
    assert written(tmp_path) == {"2013-12-25": 1}


def test_the_command_creates_the_folder_and_prints_its_files(
    seeded: Seeded, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("example_app.commands.flights", seeded.flights)
    folder = tmp_path / "days"
    with example.app.override({"bootstrap.servers": str(seeded.app.kafka["bootstrap.servers"])}):
        result = run_command("export-days", str(folder), app=example.app)
        again = run_command("export-days", str(folder), app=example.app)
    assert (result.exit_code, result.stderr) == (0, "")
    first, *_, last = result.stdout.splitlines()
    assert first == f"{folder}/{seeded.flights.name}-2013-12-25.parquet: 615 flights"
    assert last == f"{folder}/{seeded.flights.name}-2014-01-01.parquet: 88 flights"
    assert (again.exit_code, again.stdout) == (0, "")
