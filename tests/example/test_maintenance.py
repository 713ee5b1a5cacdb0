"""The summary of delays is right, whatever happens to the task that keeps it."""

from __future__ import annotations

import collections
import collections.abc as cabc
import contextlib
import csv
import fcntl
import pathlib
import random
import signal
import sqlite3

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewPartitions

from example_app import console, maintenance
from example_app.models import Flight
from framework import App, Topic
from framework_iterator import Iterator
from tests import support
from tests.example.conftest import Process, Programs, Seeded, flight
from tests.support import TopicFactory

MODULE = "example_app.maintenance"

Summary = dict[str, tuple[int, ...]]
"""By carrier: flights, cancelled, late, minutes, worst."""

TWELVE = {
    0: [flight("UA1", 5), flight("UA2", -3), flight("AA1", 20), flight("UA3", None), flight("B61", 0)],
    1: [flight("AA2", 7), flight("UA4", 45), flight("DL1", 60), flight("AA3", None)],
    2: [flight("B62", 1), flight("UA5", 12), flight("DL2", -9)],
}
SUMMARY_OF_TWELVE = {
    "UA": (5, 1, 3, 62, 45),
    "AA": (3, 1, 2, 27, 20),
    "B6": (2, 0, 1, 1, 1),
    "DL": (2, 0, 1, 60, 60),
}


@pytest.fixture
def path(tmp_path: pathlib.Path) -> str:
    return str(tmp_path / "delays.db")


@pytest.fixture
def twelve(topic: TopicFactory, admin: AdminClient) -> cabc.Iterator[Topic[Flight]]:
    """Twelve flights in three partitions; what the task leaves on the broker goes at the end."""
    flights = Topic(topic(3, TWELVE), payload=Flight)
    yield flights
    forget_group(admin, flights)


def forget_group(admin: AdminClient, flights: Topic[Flight]) -> None:
    for done in admin.delete_consumer_groups([f"{flights.name}-delays"]).values():
        with contextlib.suppress(Exception):  # there is none where nothing was marked
            done.result(support.LIMIT)


def content(path: str, table: str) -> list[tuple[int | str, ...]]:
    """What a summary has, also while a task writes to it."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        return sorted(file.execute(f"SELECT * FROM {table}"))


def summary(path: str) -> Summary:
    return {str(carrier): tuple(map(int, numbers)) for carrier, *numbers in content(path, "delays")}


def counted(path: str) -> int:
    try:
        return sum(int(offset) for _, offset in content(path, "positions"))
    except sqlite3.OperationalError:  # not there yet
        return 0


def kill_when_counted(task: Process, path: str, goal: int) -> None:
    support.wait_until(lambda: counted(path) >= goal or task.poll() is not None, f"{goal} flights")
    task.kill()


def truth() -> Summary:
    """The summary of all flights in the file of the example, worked out with nothing of the project."""
    file = pathlib.Path(maintenance.__file__).parent / "data" / "flights.csv"
    delays: dict[str, list[str]] = collections.defaultdict(list)
    for row in csv.DictReader(file.read_text().splitlines()):
        delays[row["carrier"]].append(row["dep_delay"])
    found: Summary = {}
    for carrier, written in delays.items():
        late = [int(delay) for delay in written if delay != "NA" and int(delay) > 0]
        cancelled = written.count("NA")
        found[carrier] = (len(written), cancelled, len(late), sum(late), max(late, default=0))
    return found


def test_a_summary_is_what_the_records_say(seeded: Seeded, path: str) -> None:
    assert maintenance.update(path, seeded.flights, app=seeded.app) == 6064
    assert summary(path) == truth()
    assert summary(path)["AA"] == (591, 4, 205, 6345, 420)


def test_a_time_with_nothing_new_changes_nothing(app: App, twelve: Topic[Flight], path: str) -> None:
    assert maintenance.update(path, twelve, app=app) == 12
    before = content(path, "delays"), content(path, "positions")
    assert maintenance.update(path, twelve, app=app) == 0
    assert (content(path, "delays"), content(path, "positions")) == before
    assert summary(path) == SUMMARY_OF_TWELVE


def test_new_flights_are_added(app: App, twelve: Topic[Flight], path: str, producer: Producer) -> None:
    maintenance.update(path, twelve, app=app)
    support.produce(producer, twelve.name, [flight("UA6", 100), flight("HA1", None)], partition=1)
    assert maintenance.update(path, twelve, app=app) == 2
    assert summary(path) == SUMMARY_OF_TWELVE | {"UA": (6, 1, 4, 162, 100), "HA": (1, 1, 0, 0, 0)}


def test_killed_at_any_moment_it_goes_on_where_it_was(seeded: Seeded, programs: Programs, path: str) -> None:
    codes = set()
    for goal in sorted(random.sample(range(1, 4000), 6)):
        with programs.start(seeded.flights.name, MODULE, path) as task:
            kill_when_counted(task, path, goal)
        codes.add(task.returncode)
    # On a busy machine, one may have done its work before it was killed.
    assert -signal.SIGKILL in codes
    assert codes <= {-signal.SIGKILL, 0}
    at_last = programs.run(seeded.flights.name, MODULE, path)
    assert (at_last[0], at_last[2]) == (0, "")
    assert summary(path) == truth()


def test_killed_between_any_two_instructions_it_goes_on_where_it_was(
    twelve: Topic[Flight], programs: Programs, path: str
) -> None:
    for instructions in random.sample(range(450), 12):
        code, _, error = programs.run(twelve.name, MODULE, path, DIE_AFTER=str(instructions))
        # Where little is left to be counted, it may have done its work in less.
        assert (code, error) in [(-signal.SIGKILL, ""), (0, "")]
    assert programs.run(twelve.name, MODULE, path)[0] == 0
    assert summary(path) == SUMMARY_OF_TWELVE


def test_it_can_be_killed_before_anything_was_counted(
    twelve: Topic[Flight], programs: Programs, path: str
) -> None:
    assert programs.run(twelve.name, MODULE, path, DIE_AFTER="40") == (-signal.SIGKILL, "", "")
    assert counted(path) == 0
    assert programs.run(twelve.name, MODULE, path)[0] == 0
    assert summary(path) == SUMMARY_OF_TWELVE


def test_while_one_is_at_it_a_second_leaves_with_a_sentence(
    twelve: Topic[Flight], programs: Programs, path: str
) -> None:
    with open(f"{path}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sentence = f"{path} is being updated by another process.\n"
        assert programs.run(twelve.name, MODULE, path) == (75, "", sentence)
    assert programs.run(twelve.name, MODULE, path)[0] == 0
    assert summary(path) == SUMMARY_OF_TWELVE


def test_of_those_started_together_each_flight_is_counted_once(
    seeded: Seeded, programs: Programs, path: str
) -> None:
    with contextlib.ExitStack() as stack:
        tasks = [stack.enter_context(programs.start(seeded.flights.name, MODULE, path)) for _ in range(3)]
        codes = [task.wait(60) for task in tasks]
    assert 0 in codes
    assert set(codes) <= {0, 75}
    assert summary(path) == truth()


def test_a_summary_that_was_lost_is_made_anew_in_full(app: App, twelve: Topic[Flight], path: str) -> None:
    maintenance.update(path, twelve, app=app)
    pathlib.Path(path).unlink()
    assert maintenance.update(path, twelve, app=app) == 12
    assert summary(path) == SUMMARY_OF_TWELVE


def test_the_group_shows_how_far_it_came(app: App, twelve: Topic[Flight], path: str) -> None:
    waiting = Iterator({twelve: True}, app=app, group_id=f"{twelve.name}-delays")
    assert waiting.plan().count == 12
    maintenance.update(path, twelve, app=app)
    assert waiting.plan().count == 0


def test_a_partition_that_was_added_is_counted_from_its_beginning(
    app: App, admin: AdminClient, kafka: str, twelve: Topic[Flight], path: str
) -> None:
    maintenance.update(path, twelve, app=app)
    admin.create_partitions([NewPartitions(twelve.name, 4)])[twelve.name].result(support.LIMIT)
    support.wait_until(lambda: app.admin().topics()[twelve.name] == 4, "the new partition")
    support.produce(support.make_producer(kafka), twelve.name, [flight("HA1", 3)], partition=3)
    assert maintenance.update(path, twelve, app=app) == 1
    assert summary(path) == SUMMARY_OF_TWELVE | {"HA": (1, 0, 1, 3, 3)}


def test_a_topic_that_was_made_anew_is_not_mixed_with_the_old_one(
    app: App, admin: AdminClient, twelve: Topic[Flight], path: str, producer: Producer
) -> None:
    maintenance.update(path, twelve, app=app)
    app.admin().delete(twelve.name)
    support.create_topic(admin, twelve.name, 3)
    support.produce(producer, twelve.name, [flight("HA1", 3)])
    with pytest.raises(console.Failure, match=r"-0 ends at 1, but was counted up to 5: the topic was"):
        maintenance.update(path, twelve, app=app)
    assert summary(path) == SUMMARY_OF_TWELVE


def test_what_was_removed_before_it_was_read_is_told(
    app: App, admin: AdminClient, twelve: Topic[Flight], path: str, producer: Producer,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    maintenance.update(path, twelve, app=app)
    support.produce(producer, twelve.name, [flight("UA7", 30), flight("UA8", 40)])
    support.delete_records(admin, twelve.name, {0: 6})
    assert maintenance.update(path, twelve, app=app) == 1
    assert summary(path) == SUMMARY_OF_TWELVE | {"UA": (6, 1, 4, 102, 45)}
    assert capsys.readouterr().err == f"{twelve.name}-0: 1 offsets were removed before they were read.\n"


def test_what_is_no_flight_is_told_and_passed_by(
    app: App, twelve: Topic[Flight], path: str, producer: Producer, capsys: pytest.CaptureFixture[str]
) -> None:
    support.produce(producer, twelve.name, ["a bird", None, flight("HA1", 3)])
    assert maintenance.update(path, twelve, app=app) == 13
    assert summary(path) == SUMMARY_OF_TWELVE | {"HA": (1, 0, 1, 3, 3)}
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"Can't read the payload of {twelve.name}-0@5 with Flight: ")
    assert maintenance.update(path, twelve, app=app) == 0
    assert capsys.readouterr().err == ""


def test_the_program_shows_the_summary(twelve: Topic[Flight], programs: Programs, path: str) -> None:
    shown = (
        "12 flights added\n"
        "carrier   flights cancelled      late   minutes     worst\n"
        "UA              5         1         3        62        45\n"
        "DL              2         0         1        60        60\n"
        "AA              3         1         2        27        20\n"
        "B6              2         0         1         1         1\n"
    )
    assert programs.run(twelve.name, MODULE, path) == (0, shown, "")


def test_a_file_that_is_something_else_is_left_alone(
    twelve: Topic[Flight], programs: Programs, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir, dear Madam")
    sentence = f"{path} is unusable: file is not a database.\n"
    assert programs.run(twelve.name, MODULE, path) == (1, "", sentence)
    assert path.read_text() == "Dear Sir, dear Madam"
