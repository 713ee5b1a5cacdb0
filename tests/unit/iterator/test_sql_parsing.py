"""A query is parsed by duckdb before anything is read, and what is wrong with it is one line."""

from __future__ import annotations

import collections.abc as cabc

import duckdb
import pytest

from framework_iterator import InvalidOptionError
from framework_iterator.querying.parsing import named_tables, scans, sentence_of


@pytest.fixture
def connection() -> cabc.Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create table flights (carrier text, delay int); set errors_as_json=true")
        yield connection


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("select 1", {}),
        ("from flights", {"flights": 1}),
        ("select * from Flights, main.planes", {"flights": 1, "planes": 1}),
        ("select * from flights a join flights b using (carrier)", {"flights": 2}),
        ("select (select max(x) from planes) from flights where x in (select x from t)",
         {"planes": 1, "flights": 1, "t": 1}),
        ("with f as (from flights) from f union all from f", {"flights": 1, "f": 2}),
        ('select * from "a""b-c" -- from planes', {'a"b-c': 1}),
        ("select 'from planes' as from_planes", {}),
        ("describe flights", {"flights": 1}),
        ("summarize flights;", {"flights": 1}),
    ],
)  # fmt: skip
def test_the_tables_that_a_query_names(
    connection: duckdb.DuckDBPyConnection, query: str, names: dict[str, int]
) -> None:
    assert named_tables(connection, query) == names


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (1, "query=1 is invalid: expected SQL as a str."),
        ("", "The query '' is invalid: expected one SELECT."),
        ("select 1; select 2", "The query 'select 1; select 2' is invalid: expected one SELECT."),
        ("drop table flights", "The query 'drop table flights' is invalid: expected one SELECT."),
        ("copy (select 1) to 'somewhere.parquet'",
         "The query \"copy (select 1) to 'somewhe...\" is invalid: expected one SELECT."),
        ("selec 1", "syntax error at or near \"selec\" at column 1: 'selec 1'."),
        ("select 'é',\n  'é' , from", "syntax error at or near \"from\" at line 2, column 9: 'from'."),
    ],
)  # fmt: skip
def test_what_is_no_query(connection: duckdb.DuckDBPyConnection, query: object, sentence: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        named_tables(connection, query)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("select * from flihts",
         "Table with name flihts does not exist at column 15: 'flihts'. Did you mean 'flights'?"),
        ("select *\nfrom xyz as x",
         ("Table with name xyz does not exist at line 2, column 6: 'xyz as x'. The tables are flights. "
         "Topics that aren't declared are named in topics= (-t on the command line).")),
        ("select 'é', carier from flights",
         ("Referenced column \"carier\" not found in FROM clause at column 13: 'carier from flights'. "
         'Candidate bindings: "carrier".')),
        ("select nope(carrier) from flights where delay > 10",
         ("Scalar Function with name nope does not exist at column 8: 'nope(carrier) from flights ...'. "
         'Did you mean "now"?')),
    ],
)  # fmt: skip
def test_what_does_not_bind(connection: duckdb.DuckDBPyConnection, query: str, sentence: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        scans(connection, query, ["flights"])
    assert str(caught.value) == sentence
    assert isinstance(caught.value.__cause__, duckdb.Error)


def test_an_error_of_types_is_one_line_without_all_functions(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        scans(connection, "select carrier + delay from flights", ["flights"])
    assert str(caught.value) == (
        "No function matches the given name and argument types '+(VARCHAR, INTEGER)'. You might need to add "
        "explicit type casts at column 16: '+ delay from flights'."
    )


def test_an_error_that_is_no_json() -> None:
    assert sentence_of(duckdb.Error("IO Error: No files found\nDid you mean 'x'?"), "select 1") == (
        "No files found. Did you mean 'x'?"
    )


def test_a_value_of_several_lines_is_shown_whole_in_one_line(connection: duckdb.DuckDBPyConnection) -> None:
    query = "select cast('a\nb' || repeat('c', 2) as int)"
    with pytest.raises(duckdb.Error) as caught:
        connection.execute(query)
    assert sentence_of(caught.value, query) == (
        r"Could not convert string 'a\nbcc' to INT32 at line 1, column 8: " + '"cast(\'a".'
    )
