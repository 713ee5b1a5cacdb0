"""A scan on Dask, in a program as its users write it: workers find the application by its path."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from tests import support
from tests.scenarios.scanning import ROOT

# Many processes are started: half a minute is usual on a busy machine.
LIMIT = 200
pytestmark = pytest.mark.timeout(LIMIT + 40)

# In a process of its own: Dask leaves threads behind, and changes how exceptions pickle.
PROGRAM = """
import json, operator, os, signal, sys
from dask.distributed import Client, LocalCluster
from framework_iterator import ScanError, scan
from tests.scenarios import scanning

kafka, topic, once = sys.argv[1:]

def tell(**told):
    print(json.dumps(told), flush=True)

def die_once(messages):
    if not os.path.exists(once):
        with open(once, "w"):
            os.kill(os.getpid(), signal.SIGKILL)
    return sum(1 for _ in messages)

class Named:  # of this program: sent by value
    def __init__(self, name):
        self.name = name

def name_it(_):
    return [Named("part")]

if __name__ == "__main__":
    local = dict(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None)
    with LocalCluster(**local) as cluster, Client(cluster) as client:
        given = dict(
            app=scanning.APP, settings={"bootstrap.servers": kafka}, executor=client.get_executor(), workers=2
        )
        result = scan(topic, scanning.numbers, scanning.added, **{**given, "workers": 4})
        tell(value=result.value, parts=len(result.reports), positions=result.report.positions)
        pids = scan(topic, lambda _: {os.getpid()}, operator.or_, **given).value
        tell(pids=sorted(pids), own=os.getpid(), workers=sorted(client.run(os.getpid).values()))
        for function in (
            scanning.fail_locked, scanning.fail_on_one, scanning.unwritable_value, scanning.unreadable_value
        ):
            try:
                scan(topic, function, operator.add, **given)
            except ScanError as error:
                tell(error=str(error), cause=type(error.__cause__).__name__)
        tell(names=sorted(each.name for each in scan(topic, name_it, operator.add, **given).value))
        tell(again=scan(topic, die_once, operator.add, **given).value)
        client.wait_for_workers(2)
        tell(default=len(scan(topic, scanning.numbers, scanning.added, **{**given, "workers": None}).reports))
"""


@pytest.fixture(scope="module")
def told(
    kafka: str, admin: AdminClient, producer: Producer, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    if importlib.util.find_spec("distributed") is None:
        missing = "Dask isn't installed: it is in the group dev, and in the extra dask."
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    name = support.topic_name("scan-on-dask")
    support.create_topic(admin, name, 2)
    support.fill(producer, name, {0: list(map(str, range(300))), 1: list(map(str, range(60)))})
    folder = tmp_path_factory.mktemp("dask")
    (folder / "report.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "report.py", kafka, name, str(folder / "once")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    support.delete_topics(admin, [name])
    return [json.loads(line) for line in done.stdout.replace(name, "flights").splitlines()]


def test_a_count_and_a_sum_over_parts_that_cut_a_partition(told: list[dict[str, Any]]) -> None:
    positions = {"flights": {"0": 300, "1": 60}}
    assert told[0] == {"value": [360, sum(range(300)) + sum(range(60))], "parts": 4, "positions": positions}


def test_a_lambda_runs_in_the_workers(told: list[dict[str, Any]]) -> None:
    assert told[1]["own"] not in told[1]["pids"]
    assert set(told[1]["pids"]) <= set(told[1]["workers"])


def test_errors_name_their_part_and_arrive_as_they_are_or_as_text(told: list[dict[str, Any]]) -> None:
    assert told[2]["cause"] == "UnpicklableError"
    assert told[2]["error"].endswith(
        " failed: UnpicklableError: tests.scenarios.scanning.LockedError: a door"
    )
    assert told[3] == {
        "error": "Part 2 of 2 (flights-0 180..300, flights-1 0..60) failed: LookupError: not this one",
        "cause": "LookupError",
    }


def test_a_value_that_can_not_be_sent_or_read_is_an_error_of_its_part(told: list[dict[str, Any]]) -> None:
    assert "the value of the function, a generator, can't be sent back: cannot pickle" in told[4]["error"]
    assert told[5]["cause"] == "ValueError"
    assert told[5]["error"].endswith("invalid literal for int() with base 10: 'not a number'")


def test_a_value_whose_class_is_of_the_program(told: list[dict[str, Any]]) -> None:
    assert told[6] == {"names": ["part", "part"]}


def test_a_part_whose_worker_is_killed_is_done_by_another_worker(told: list[dict[str, Any]]) -> None:
    assert told[7] == {"again": 360}


def test_a_small_topic_is_one_part(told: list[dict[str, Any]]) -> None:
    assert told[8] == {"default": 1}
