from __future__ import annotations

import pathlib
import re

import pytest

import example_app
from example_app import app as example
from example_app import records
from example_app.seed import TOPICS
from framework import App
from framework.testing import reset_current_app
from tests.example.conftest import Seeded

README = pathlib.Path(example_app.__path__[0], "README.md").read_text()


def test_every_file_is_told_of() -> None:
    files = {file.name for file in pathlib.Path(example_app.__path__[0]).glob("*.py")} - {"__init__.py"}
    assert files <= set(re.findall(r"`(\w+\.py)`", README))


def test_every_topic_is_told_of() -> None:
    for topic in TOPICS:
        assert f"| `{topic}`" in README


def test_its_loop_prints_the_cancelled_flights_of_the_last_day(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.setattr(example, "flights", seeded.flights)
    App(kafka=seeded.app.kafka)
    try:
        exec(code, {})
    finally:
        reset_current_app()
    printed = [line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines()]
    assert "UA443 to LAX" in printed
    assert sorted(printed) == sorted(
        f"{row['carrier']}{row['flight']} to {row['dest']}"
        for row in records.rows("flights")
        if row["dep_time"] == "NA" and row["time_hour"] >= "2013-12-31"
    )
