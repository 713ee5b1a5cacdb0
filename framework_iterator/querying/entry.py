"""The public function `sql`."""

from __future__ import annotations

import collections.abc as cabc
import importlib.util
from typing import TYPE_CHECKING, Any

from framework import App, FrameworkError, RoutingError, Topic
from framework.suggest import did_you_mean
from framework.types import KafkaSettings
from framework_iterator.arguments import choose_app
from framework_iterator.errors import InvalidOptionError, InvalidStartError
from framework_iterator.iterator import Iterator
from framework_iterator.options import Errors
from framework_iterator.planning.starts import Start
from framework_iterator.planning.subscription import Until

if TYPE_CHECKING:
    import duckdb

    from framework_iterator.querying.query import Query

Starts = cabc.Mapping[Any, Start | cabc.Mapping[int, Start | None] | None]
"""Topics, or their names, and where to start."""


def sql(
    query: str,
    *,
    topics: cabc.Iterable[str | Topic[Any]] = (),
    starts: Starts | None = None,
    until: Until = None,
    app: App | None = None,
    settings: KafkaSettings | None = None,
    errors: Errors = "raise",
    progress: bool = False,
) -> duckdb.DuckDBPyRelation:
    """Return a query over topics as a relation of duckdb's, which reads them when its rows are fetched.

        sql("select carrier, avg(dep_delay) from flights group by 1").fetchall()

    Each declared topic is a table, `a-b` and `a.b` as `a_b`, with the columns of `Iterator.to_arrow`. Only
    topics that the query names are read, each once per fetch; one that it scans more than once is read once,
    and kept in memory with the relation. Columns of undeclared types are those of the first messages, for
    which the run starts here. To drop the relation ends what it reads.

    Args:
        query: One SELECT. What is wrong with it is an InvalidOptionError that says where.
        topics: Further topics that are tables: names, or Topics, instead of those that the app declares.
        starts: Where to start, by topic: `{flights: -1000, "weather": timedelta(hours=1)}`; by default at
            the beginning.
        until: Where to end, for all topics that are read; at most the end when the run starts.
        app: The application; by default the current one.
        settings: librdkafka's settings; they override the app's.
        errors: With "skip", messages that don't fit are left out.
        progress: Show a bar on stderr while a topic is read.
    """
    opened = open_query(
        query,
        topics=topics,
        starts=starts,
        app=app,
        until=until,
        settings=settings,
        errors=errors,
        progress=progress,
    )
    return opened.relation()


def open_query(
    query: str,
    *,
    topics: cabc.Iterable[str | Topic[Any]] = (),
    starts: Starts | None = None,
    app: App | None = None,
    **options: Any,
) -> Query:
    """Check everything that can be checked, and return the query; see `sql`."""
    for name in ("duckdb", "pyarrow"):
        if importlib.util.find_spec(name) is None:
            raise FrameworkError(f'sql() needs {name}: pip install "framework-iterator[sql]"')
    from framework_iterator.querying.query import bind  # late: few programs need duckdb

    app = choose_app(app)
    found = _topics(app, topics)
    begin = _starts(starts, found)

    def make(topic: Topic[Any]) -> Iterator[Any]:
        iterator: Iterator[Any] = Iterator({topic: begin.get(topic.name)}, app=app, **options)
        if iterator._recipe.settings.follow:
            raise InvalidOptionError(
                "settings={'enable.partition.eof': False} is refused: a query has an end."
            )
        return iterator

    for name in [*begin, *list(found)[:1]]:
        make(found[name])  # wrong options raise here, also those of a topic that the query doesn't name
    return bind(query, app, found, make)


def _topics(app: App, topics: object) -> dict[str, Topic[Any]]:
    """Return the topics that are tables, by name."""
    if isinstance(topics, str | Topic) or not isinstance(topics, cabc.Iterable):
        raise InvalidOptionError(f"topics={topics!r} is invalid: expected a list, such as ['flights'].")
    found = {topic.name: topic for topic in app.routes}
    for each in topics:
        if not isinstance(each, str | Topic):
            raise InvalidOptionError(f"topics has {each!r}: expected the names of topics, or Topics.")
        try:
            topic = each if isinstance(each, Topic) else app.routes.find_or_default(each)
        except RoutingError as error:
            raise InvalidOptionError(str(error)) from error
        found[topic.name] = topic
    return found


def _starts(starts: object, topics: cabc.Mapping[str, Topic[Any]]) -> Starts:
    """Return the starts by name; one for a topic that is no table is an InvalidStartError."""
    if not isinstance(starts, cabc.Mapping | None):
        raise InvalidStartError(f"starts={starts!r} is invalid: expected a dict: {{'flights': -1000}}.")
    found = {each.name if isinstance(each, Topic) else each: start for each, start in (starts or {}).items()}
    for name in found:
        if name not in topics:
            way_out = did_you_mean(str(name), topics) or " Name it in topics= (-t on the command line)."
            raise InvalidStartError(f"starts has {name!r}, which is no declared topic.{way_out}")
    return found
