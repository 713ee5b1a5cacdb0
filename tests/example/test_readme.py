from __future__ import annotations

import pathlib
import re

import pytest
from confluent_kafka.admin import AdminClient

import example_app
from example_app import app as example
from example_app import records
from example_app.seed import TOPICS
from framework import App
from framework.testing import reset_current_app
from tests import support
from tests.example.conftest import Programs, Seeded

README = pathlib.Path(example_app.__path__[0], "README.md").read_text()


def test_every_file_is_told_of() -> None:
    folder = pathlib.Path(example_app.__path__[0])
    files = {str(file.relative_to(folder)) for file in folder.rglob("*.py") if file.name != "__init__.py"}
    assert files <= set(re.findall(r"`([\w/]+\.py)`", README))


def test_every_topic_is_told_of() -> None:
    for topic in TOPICS:
        assert f"| `{topic}`" in README


def run_block(number: int, seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example, "flights", seeded.flights)
    reset_current_app()  # those of other tests in this process
    App(kafka=seeded.app.kafka)
    try:
        exec(re.findall(r"```python\n(.*?)```", README, re.DOTALL)[number], {})
    finally:
        reset_current_app()


def test_its_loop_prints_the_cancelled_flights_of_the_last_day(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_block(0, seeded, monkeypatch)
    printed = [line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines()]
    assert "UA443 to LAX" in printed
    assert sorted(printed) == sorted(
        f"{row['carrier']}{row['flight']} to {row['dest']}"
        for row in records.rows("flights")
        if row["dep_time"] == "NA" and row["time_hour"] >= "2013-12-31"
    )


def test_its_loop_with_marks_goes_on_where_it_left_off(
    seeded: Seeded, admin: AdminClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_block(1, seeded, monkeypatch)
    assert capsys.readouterr().out.count("is cancelled\n") == 61
    run_block(1, seeded, monkeypatch)
    assert capsys.readouterr().out == ""
    admin.delete_consumer_groups(["cancelled-flights"])["cancelled-flights"].result(support.LIMIT)


@pytest.mark.parametrize("program", ["maintenance", "scripts.tail", "scripts.sizes"])
def test_a_program_prints_what_it_shows(
    program: str, seeded: Seeded, programs: Programs, tmp_path: pathlib.Path
) -> None:
    [(module, written, output)] = re.findall(
        rf"^\$ \S+ -m (example_app\.{program})(.*)\n((?:[^`].*\n)+)```", README, re.MULTILINE
    )
    places = {"flights": seeded.flights.name, "delays.db": str(tmp_path / "delays.db")}
    arguments = [places.get(word, word) for word in written.split()]
    code, out, error = programs.run(seeded.flights.name, module, *arguments)
    assert (code, error) == (0, "")
    # Partitions come in no order, and names here are longer.
    assert words(out.replace(seeded.prefix, "")) == words(output)


def words(text: str) -> list[list[str]]:
    return sorted(line.split() for line in text.splitlines())
