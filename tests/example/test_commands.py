from __future__ import annotations

import collections.abc as cabc
from typing import TypeAlias

import click
import click.testing
import pytest

from example_app import commands
from framework import App, FrameworkError
from framework.testing import reset_current_app
from tests.example.conftest import Seeded

Run: TypeAlias = cabc.Callable[..., click.testing.Result]


@pytest.fixture
def run(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> cabc.Iterator[Run]:
    """Runs a command of the example on the tests' topics."""
    monkeypatch.setattr(commands, "flights", seeded.flights)
    monkeypatch.setattr(commands, "planes", seeded.planes)
    reset_current_app()
    App(kafka=seeded.app.kafka)

    def run(command: click.Command, *arguments: str) -> click.testing.Result:
        return click.testing.CliRunner().invoke(command, arguments)

    yield run
    reset_current_app()


def test_the_worst_carriers_come_first(run: Run) -> None:
    result = run(commands.delays, "--top", "2")
    assert (result.exit_code, result.output.splitlines()[0]) == (0, "carrier   flights  mean delay")
    means = [float(row.split()[2]) for row in result.output.splitlines()[1:]]
    assert len(means) == 2
    assert means == sorted(means, reverse=True)


def test_a_plane_is_found(run: Run, seeded: Seeded) -> None:
    result = run(commands.find_plane, "N14228")
    assert result.exit_code == 0
    assert result.output.startswith(seeded.planes.name)
    assert "N14228: BOEING 737-824, 149 seats\n" in result.output


def test_a_plane_that_is_not_there_is_an_error(run: Run) -> None:
    result = run(commands.find_plane, "N1")
    assert isinstance(result.exception, FrameworkError)
    assert str(result.exception) == "There is no plane 'N1'."
