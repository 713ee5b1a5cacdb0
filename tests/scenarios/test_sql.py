"""SQL over topics reads only those that a query names, each once, and ends its runs."""

from __future__ import annotations

import collections.abc as cabc
import gc
import json
from typing import Any

import duckdb
import pytest
from pydantic import BaseModel

import framework_iterator
from framework import App, DeserializationError, Topic
from framework.testing import run_command
from framework_iterator import InvalidOptionError, open_sessions
from framework_iterator.querying.entry import open_query
from framework_iterator.recipe import Recipe
from tests import support
from tests.support import Record


class Flight(BaseModel):
    carrier: str
    tailnum: str
    delay: int | None = None


class Plane(BaseModel):
    tailnum: str
    seats: int


FLIGHTS = [
    '{"carrier":"UA","tailnum":"N1","delay":2}',
    '{"carrier":"AA","tailnum":"N2"}',
    '{"carrier":"UA","tailnum":"N2","delay":4}',
]


@pytest.fixture
def sessions() -> cabc.Callable[[], int]:
    """How many sessions are open that the test has opened."""
    before = set(open_sessions._open)
    return lambda: len(set(open_sessions._open) - before)


@pytest.fixture
def flights(app: App, topic: support.TopicFactory) -> str:
    return app.topic(topic(1, FLIGHTS), payload=Flight).name.replace("-", "_")


@pytest.fixture
def planes(app: App, topic: support.TopicFactory) -> str:
    messages = [Record('{"tailnum":"N1","seats":50}', key="N1"), Record(None, key="N2")]
    return app.topic(topic(1, messages), payload=Plane, key=str, tombstones=True).name.replace("-", "_")


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The topics that are read, as often as they are."""
    found: list[str] = []
    connect = Recipe.connect

    def counted(recipe: Recipe) -> Any:
        found.append(recipe.names.replace("-", "_"))
        return connect(recipe)

    monkeypatch.setattr(Recipe, "connect", counted)
    return found


def test_a_join_reads_each_topic_once(flights: str, planes: str, runs: list[str]) -> None:
    relation = framework_iterator.sql(
        f"select carrier, seats from {flights} join {planes} using (tailnum) order by all"
    )
    assert runs == []
    assert relation.fetchall() == [("UA", 50)]
    assert sorted(runs) == sorted([flights, planes])


def test_topics_that_are_not_named_are_not_read(
    app: App, topic: support.TopicFactory, flights: str, planes: str, runs: list[str]
) -> None:
    undeclared = topic(1, ['{"a":1}'])
    query = f"select count(*) from {flights} -- not {planes}"
    assert framework_iterator.sql(query, topics=[undeclared]).fetchall() == [(3,)]
    assert runs == [flights]


@pytest.mark.parametrize(
    "query",
    [
        "select count(*) from {t} a join {t} b using (carrier)",
        "select 5 where (select max(delay) from {t}) = (select 2 * min(delay) from {t})",
        "with f as not materialized (from {t}) select count(*) from f a join f b using (carrier)",
    ],
)
def test_a_topic_that_is_scanned_twice_is_read_once(flights: str, runs: list[str], query: str) -> None:
    assert framework_iterator.sql(query.format(t=flights)).fetchall() == [(5,)]
    assert runs == [flights]


def test_a_recursive_query_reads_once(flights: str, runs: list[str]) -> None:
    query = f"with recursive r as (select 2 n union select n + delay from r, {flights} where n < 6) from r"
    found = framework_iterator.sql(query).filter("n is not null").order("n").fetchall()
    assert found == [(2,), (4,), (6,), (8,)]
    assert runs == [flights]


def test_a_tombstone_is_a_row_of_nulls(planes: str) -> None:
    relation = framework_iterator.sql(f"select key, tailnum, seats from {planes}")
    assert relation.fetchall() == [("N1", "N1", 50), ("N2", None, None)]


def test_names_are_quoted_or_written_with_underscores(app: App, topic: support.TopicFactory) -> None:
    name = app.topic(topic(1, ["a"])).name
    plain = name.replace("-", "_")
    assert name != plain
    for written in (plain, plain.upper(), f'"{name}"'):
        assert framework_iterator.sql(f"select payload from {written}").fetchall() == [("a",)]


def test_starts_and_until(app: App, flights: str) -> None:
    [declared] = app.routes
    relation = framework_iterator.sql(f'select "offset" from {flights}', starts={declared: -2}, until=2)
    assert relation.fetchall() == [(1,)]


def test_an_undeclared_topic_is_read_once(app: App, topic: support.TopicFactory, runs: list[str]) -> None:
    name = topic(1, ['{"a":1,"b":[1.5]}', '{"a":2}'])
    relation = framework_iterator.sql(f'select a, b from "{name}"', topics=[Topic(name, payload=json.loads)])
    assert relation.fetchall() == [(1, [1.5]), (2, None)]
    assert len(runs) == 1


@pytest.mark.parametrize("messages", [[], [None]], ids=["empty", "tombstones"])
def test_a_topic_without_payloads_says_why_it_has_so_few_columns(
    app: App, topic: support.TopicFactory, messages: list[None]
) -> None:
    name = topic(1, messages)
    with pytest.raises(InvalidOptionError) as caught:
        framework_iterator.sql(f'select a from "{name}"', topics=[Topic(name, payload=json.loads)])
    assert str(caught.value).endswith(
        f". No message of '{name}' has a payload to take columns from: declare the type of the payloads."
    )
    rows = framework_iterator.sql(f'select key from "{name}"', topics=[Topic(name, payload=json.loads)])
    assert len(rows.fetchall()) == len(messages)


def test_a_relation_that_is_dropped_unread_ends_its_run(
    app: App, topic: support.TopicFactory, sessions: cabc.Callable[[], int]
) -> None:
    name = topic(1, ['{"a":1}'] * 5000)
    relation = framework_iterator.sql(f'from "{name}"', topics=[Topic(name, payload=json.loads)])
    assert sessions() == 1
    del relation
    gc.collect()
    assert sessions() == 0


def test_a_query_that_needs_few_rows_ends_its_run(
    app: App, topic: support.TopicFactory, sessions: cabc.Callable[[], int]
) -> None:
    name = topic(1, ['{"a":1}'] * 50_000)
    reader = framework_iterator.sql(f'from "{name}"', topics=[Topic(name, payload=json.loads)])
    assert len(reader.limit(1).fetchall()) == 1
    # duckdb may read in threads of its own, which have to notice that it is enough.
    support.wait_until(lambda: sessions() == 0, "the end of a run")


def test_an_error_of_a_run_is_told_with_its_type(app: App, topic: support.TopicFactory) -> None:
    name = app.topic(topic(1, ['{"carrier":"UA","tailnum":"N1"}', "{"]), payload=Flight).name
    with pytest.raises(duckdb.Error, match=f"DeserializationError: Can't read the payload of {name}-0@1"):
        framework_iterator.sql(f'select carrier from "{name}"').fetchall()
    skipped = framework_iterator.sql(f'select carrier from "{name}"', errors="skip")
    assert skipped.fetchall() == [("UA",)]
    query = open_query(f'select carrier from "{name}"', app=app, errors="raise")
    with query, pytest.raises(DeserializationError):
        list(query.rows())
    result = run_command("sql", query.text, app=app)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: Can't read the payload of {name}-0@1")


def test_a_query_that_is_wrong_says_where_and_reads_nothing(app: App, flights: str, runs: list[str]) -> None:
    with pytest.raises(InvalidOptionError, match="column 8: 'carier from"):
        framework_iterator.sql(f"select carier from {flights}")
    result = run_command("sql", f"select carier from {flights}", app=app)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(
        'Error: Referenced column "carier" not found in FROM clause at column 8: \'carier from'
    )
    assert runs == []


def test_the_command_prints_a_table_json_and_csv(app: App, flights: str) -> None:
    query = f"select carrier, sum(delay) as delay from {flights} group by 1 order by 1"
    assert run_command("sql", query, app=app).stdout == "carrier  delay\nAA           -\nUA           6\n"
    assert run_command("sql", query, "--json", app=app).stdout == (
        '{"carrier": "AA", "delay": null}\n{"carrier": "UA", "delay": 6}\n'
    )
    assert run_command("sql", query, "--csv", app=app).stdout == '"carrier","delay"\n"AA",\n"UA",6\n'


def test_the_command_with_starts_and_an_undeclared_topic(
    app: App, topic: support.TopicFactory, flights: str
) -> None:
    name, declared = topic(1, ["a", "b"]), next(iter(app.routes)).name
    query = f'select carrier, payload from {flights}, "{name}" order by all'
    result = run_command("sql", query, "-t", name, "--start", f"{declared}=-1", app=app)
    assert (result.stdout, result.stderr) == ("carrier  payload\nUA       a\nUA       b\n", "")


def test_the_command_reads_the_keys_of_an_undeclared_topic_as_it_is_told(
    app: App, topic: support.TopicFactory
) -> None:
    # Without an application, nothing else says what they are: most int64 are no text.
    name = topic(1, [Record(b"1", key=(200).to_bytes(8, "big"))])
    result = run_command("sql", f'select key from "{name}"', "-t", name, app=app)
    assert "Declare another type for it (--payload-as, --key-as), or" in result.stderr
    result = run_command("sql", f'select key from "{name}"', "-t", name, "--key-as", "int64", app=app)
    assert (result.stdout, result.stderr) == ("key\n200\n", "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--key-as", "int64"], "--payload-as and --key-as are about the topics of -t: name one"),
        (["--start", "-10"], "'-10' names no topic. Write TOPIC=START, as flights=-1000."),
        (["--start", "a=soon"], "'soon' isn't a start."),
        (["--start", "a=1", "--start", "a=2"], "Topic 'a' has two starts. Give it one."),
        (["--start", "a=1"], "starts has 'a', which is no declared topic."),
        (["--json", "--csv"], "--json and --csv exclude each other: choose one of them."),
        (["-t", "a b"], "a b"),
    ],
)
def test_options_that_are_wrong(app: App, arguments: list[str], sentence: str) -> None:
    result = run_command("sql", "select 1", *arguments, app=app)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_what_fails_while_rows_are_made_is_one_line(app: App, flights: str) -> None:
    result = run_command("sql", f"select cast(carrier as int) from {flights}", app=app)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: Could not convert string 'UA' to INT32")
    assert result.stderr.count("\n") == 1


def test_two_topics_with_one_name_as_tables(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a"])
    app.topic(name)
    app.topic(name.replace("-", ".", 1))
    table = name.replace("-", "_")
    result = run_command("sql", f"select payload from {table}", app=app)
    assert result.stdout == "payload\na\n"
    assert result.stderr == (
        f"Topic '{name.replace('-', '.', 1)}' is the table {table}_2, as {table} is the topic '{name}'.\n"
    )
