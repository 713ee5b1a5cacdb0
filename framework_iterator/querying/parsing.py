"""What a query names, as duckdb parses it, and its errors as sentences."""

from __future__ import annotations

import collections
import collections.abc as cabc
import json
from typing import TYPE_CHECKING, Any, Final

from framework.suggest import did_you_mean
from framework_iterator.errors import InvalidOptionError

if TYPE_CHECKING:
    import duckdb

_EXPLAIN: Final = "explain (format json) "
_SHOWN: Final = 30
"""How many characters of a query an error quotes."""


def named_tables(connection: duckdb.DuckDBPyConnection, query: object) -> collections.Counter[str]:
    """Return how often a query names each table, in small letters; it binds nothing.

    A query with a syntax error, and anything but one SELECT, is an InvalidOptionError.
    """
    if not isinstance(query, str):
        raise InvalidOptionError(f"query={query!r} is invalid: expected SQL as a str.")
    [(found,)] = connection.execute("select json_serialize_sql(?)", [query]).fetchall()
    parsed = json.loads(found)
    if parsed.get("error_type") == "parser":
        raise InvalidOptionError(_sentence(query, parsed["error_message"], parsed.get("position")))
    statements = parsed.get("statements", ())
    if parsed.get("error") or len(statements) != 1:
        raise InvalidOptionError(f"The query {_cut(query)!r} is invalid: expected one SELECT.")
    return collections.Counter(_tables_in(statements))


def _tables_in(node: Any) -> cabc.Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _tables_in(each)
    elif isinstance(node, dict):
        if node.get("type") == "BASE_TABLE":
            yield node["table_name"].casefold()
        for each in node.values():
            yield from _tables_in(each)


def scans(connection: duckdb.DuckDBPyConnection, query: str, tables: cabc.Collection[str]) -> float:
    """Return how often the plan of a query scans registered tables; infinite where it can't be known.

    What doesn't bind is an InvalidOptionError that says where.

    Args:
        connection: Has `errors_as_json` set.
        query: The query.
        tables: The names of tables, for suggestions.
    """
    import duckdb

    try:
        [(_, plan), *_] = connection.execute(_EXPLAIN + query).fetchall()
    except duckdb.Error as error:
        raise InvalidOptionError(sentence_of(error, query, tables, offset=len(_EXPLAIN))) from error
    operators = [each for root in json.loads(plan) for each in _operators(root)]
    if "REC_CTE" in operators:  # scans what it names again and again
        return float("inf")
    return sum(each.endswith("ARROW_SCAN") for each in operators)


def _operators(node: cabc.Mapping[str, Any]) -> cabc.Iterator[str]:
    yield node["name"].strip()
    for each in node["children"]:
        yield from _operators(each)


def sentence_of(
    error: duckdb.Error, query: str, tables: cabc.Collection[str] = (), *, offset: int = 0
) -> str:
    """Return an error of duckdb's in one line that shows where in the query it is.

    Args:
        error: The error, as JSON if the connection has `errors_as_json` set.
        query: The query.
        tables: The names of tables, for suggestions.
        offset: How many bytes of the statement come before the query.
    """
    kind, _, rest = str(error).partition(": ")
    try:
        facts = json.loads(rest)
    except ValueError:
        return _sentence(query, rest or kind, None)
    hint = None
    if facts.get("type") == "Table" and "name" in facts:
        hint = did_you_mean(facts["name"], tables) or _way_out(tables)
    position = facts.get("position")
    return _sentence(
        query, facts["exception_message"], None if position is None else int(position) - offset, hint
    )


def _way_out(tables: cabc.Collection[str]) -> str:
    shown = f" The tables are {', '.join(sorted(tables))}." if 0 < len(tables) <= 10 else ""
    return f"{shown} Topics that aren't declared are named in topics= (-t on the command line)."


def _sentence(query: str, message: str, position: int | str | None, hint: str | None = None) -> str:
    first, others = _first_line(message)
    if hint is None:
        hints = (each for each in others if each.startswith(("Did you mean", "Candidate bindings")))
        hint = "".join(f" {each}" for each in hints)
        hint += "." if hint and hint[-1] not in ".?" else ""
    return f"{first.rstrip('!. ')}{_where(query, position)}.{hint}"


def _first_line(message: str) -> tuple[str, list[str]]:
    """Return the first line, with all of a value that it quotes, and the other lines."""
    lines = message.split("\n")
    for count in range(1, len(lines) + 1):
        first = "\\n".join(lines[:count])
        if first.count("'") % 2 == 0:
            return first, lines[count:]
    return lines[0], lines[1:]


def _where(query: str, position: int | str | None) -> str:
    """Return a place in a query as a reader counts: lines and characters, not bytes."""
    if position is None:
        return ""
    data = query.encode(errors="surrogateescape")
    before = data[: int(position)].decode(errors="replace")
    rest = data[int(position) :].decode(errors="replace").split("\n")[0]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    where = f" at line {line}, column {column}" if "\n" in query else f" at column {column}"
    return f"{where}: {_cut(rest)!r}" if rest else where


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
