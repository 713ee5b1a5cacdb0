"""The plot of the README is drawn from the flights."""

from __future__ import annotations

import collections.abc as cabc
import pathlib
import statistics

import pytest

from example_app import records
from example_app.app import app
from example_app.scripts import delays
from example_app.seed import seed
from framework.testing import mock_cluster, mock_registry

ROOT = pathlib.Path(__file__).parents[2]
PNG = b"\x89PNG"


@pytest.fixture(scope="module", autouse=True)
def _seeded() -> cabc.Iterator[None]:
    with (
        mock_cluster() as servers,
        mock_registry() as registry,
        app.override({"bootstrap.servers": servers}, schema_registry=registry),
    ):
        seed(app, create=False)
        yield


def test_each_hour_has_its_mean_delay() -> None:
    hours = {hour: round(mean, 6) for hour, mean, _ in delays.hours()}
    nine = [
        int(row["dep_delay"])
        for row in records.rows("flights")
        if row["dep_delay"] != "NA" and int(row["sched_dep_time"]) // 100 == 9
    ]
    assert list(hours) == list(range(5, 24))
    assert hours[9] == round(statistics.mean(nine), 6)


def test_a_file_is_drawn(tmp_path: pathlib.Path) -> None:
    delays.draw(tmp_path / "delays.png")
    assert (tmp_path / "delays.png").read_bytes()[:4] == PNG
    assert (ROOT / "docs" / "delays.png").read_bytes()[:4] == PNG
