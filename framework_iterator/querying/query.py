"""A query that is bound: a connection of its own, with a table for each topic that it names."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import dataclasses
import logging
from typing import Any, Final, Self

import duckdb

from framework import App, FrameworkError, Topic
from framework_iterator import notes
from framework_iterator.columns.table import Table
from framework_iterator.errors import InvalidOptionError, IteratorError
from framework_iterator.iterator import Iterator
from framework_iterator.querying.names import quoted_names, renamed, table_names
from framework_iterator.querying.parsing import named_tables, scans, sentence_of
from framework_iterator.querying.table import TopicTable

Make = cabc.Callable[[Topic[Any]], Iterator[Any]]

_SETTINGS: Final = "set python_enable_replacements=false; set TimeZone='UTC'; set errors_as_json=true"
"""Names in a query are tables, not Python's variables, and its times are those of UTC on any machine."""


@dataclasses.dataclass(frozen=True)
class Query:
    """A query that is bound, and has read nothing but what its columns need.

    Args:
        text: The query.
        connection: duckdb's, with the tables.
        tables: The topics that the query names.
    """

    text: str
    connection: duckdb.DuckDBPyConnection
    tables: cabc.Sequence[TopicTable]

    def relation(self) -> duckdb.DuckDBPyRelation:
        """Return the relation, which holds the connection and the tables."""
        self.connection.execute("set errors_as_json=false")
        return self.connection.sql(self.text)

    def rows(self) -> cabc.Generator[tuple[Any, ...]]:
        """Yield the names of the columns, and then the rows, as duckdb makes them.

        The error of a run is raised as it is, another one as an IteratorError.
        """
        try:
            result = self.connection.execute(self.text)
            yield tuple(each[0] for each in result.description or ())
            while rows := result.fetchmany(1000):
                yield from rows
        except duckdb.Error as error:
            if self.error is not None:
                raise self.error from error
            raise IteratorError(sentence_of(error, self.text)) from error

    def interrupt(self) -> None:
        """End the query and its runs; from any thread."""
        for table in self.tables:
            table.stop()
        self.connection.interrupt()

    def __enter__(self) -> Self:
        """Return itself; the end of the block closes the connection, and so ends the runs."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.connection.close()
        for table in self.tables:
            table.close()

    @property
    def error(self) -> BaseException | None:
        """Why a run failed, if one did."""
        return next((each.error for each in self.tables if each.error is not None), None)


def bind(query: str, app: App, topics: cabc.Mapping[str, Topic[Any]], make: Make) -> Query:
    """Return a query over topics; what is wrong with it is an InvalidOptionError that says where.

    Args:
        query: The query.
        app: Says how topics are deserialized.
        topics: Those that are tables, by name.
        make: Makes the Iterator of a topic.
    """
    connection = duckdb.connect()
    connection.execute(_SETTINGS)
    named = named_tables(connection, query)
    names = table_names(topics)
    notes.log(logging.INFO, renamed(names, named.keys()))
    tables: dict[TopicTable, int] = {}
    try:
        for topic, own in _own_names(topics, names):
            if times := sum(named.get(each.casefold(), 0) for each in own):
                table = _table(app, topic, make)
                tables[table] = times
                table.open()
                for each in own:
                    connection.register(each, table)
        if not tables:
            _show_all(connection, app, topics, names, make)
        count = _scans(connection, query, names.values(), tables)
    except BaseException:
        for table in tables:
            table.close()
        raise
    for table, times in tables.items():
        # duckdb may scan a table more often than the query names it: one of a WITH clause, for example.
        table.is_kept = times > 1 or count > sum(tables.values())
    return Query(query, connection, tuple(tables))


def _scans(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    names: cabc.Collection[str],
    tables: cabc.Iterable[TopicTable],
) -> float:
    """Return how many scans of these names a query makes, or raise an InvalidOptionError."""
    try:
        return scans(connection, query, names)
    except InvalidOptionError as error:
        if not (without := [f"'{each.name}'" for each in tables if each.has_no_payload]):
            raise
        raise InvalidOptionError(
            f"{error} No message of {' and '.join(without)} has a payload to take columns from: "
            "declare the type of the payloads."
        ) from error


def _own_names(
    topics: cabc.Mapping[str, Topic[Any]], names: cabc.Mapping[str, str]
) -> list[tuple[Topic[Any], list[str]]]:
    """Return each topic with the names of its table: the free one, and its own name in quotes."""
    quoted = quoted_names(names)
    return [
        (topic, list(dict.fromkeys([names[name], quoted.get(name, names[name])])))
        for name, topic in topics.items()
    ]


def _table(app: App, topic: Topic[Any], make: Make) -> TopicTable:
    columns = Table({topic.name: app.compile_deserializers(topic)})
    return TopicTable(topic.name, lambda: make(topic), columns.schema if columns.is_complete else None)


def _show_all(
    connection: duckdb.DuckDBPyConnection,
    app: App,
    topics: cabc.Mapping[str, Topic[Any]],
    names: cabc.Mapping[str, str],
    make: Make,
) -> None:
    """Register all topics whose columns are known, for a query that names none, such as `show tables`."""
    for topic in topics.values():
        with contextlib.suppress(FrameworkError):  # it needs a registry, say, and isn't what is asked for
            table = _table(app, topic, make)
            if table.is_known:
                connection.register(names[topic.name], table)
