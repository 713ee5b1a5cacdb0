"""What is wrong with the arguments of a query is said before anything is read."""

from __future__ import annotations

import collections.abc as cabc
import importlib.util
from typing import Any

import pytest

from framework import App, ConfigError, FrameworkError, Topic
from framework.testing import reset_current_app
from framework_iterator import InvalidOptionError, InvalidStartError, sql


@pytest.fixture
def app() -> cabc.Iterator[App]:
    reset_current_app()
    app = App(kafka={"bootstrap.servers": "127.0.0.1:1"})
    app.topic("flights", payload=str)
    yield app
    reset_current_app()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"topics": "planes"}, "topics='planes' is invalid: expected a list, such as ['flights']."),
        ({"topics": [1]}, "topics has 1: expected the names of topics, or Topics."),
        ({"topics": ["a b"]}, "Topic name 'a b' is invalid"),
        ({"starts": -10}, "starts=-10 is invalid: expected a dict: {'flights': -1000}."),
        ({"starts": {"fligths": 1}},
         "starts has 'fligths', which is no declared topic. Did you mean 'flights'?"),
        ({"starts": {"xyz": 1}},
         "starts has 'xyz', which is no declared topic. Name it in topics= (-t on the command line)."),
        ({"starts": {"flights": "soon"}}, "'soon'"),
        ({"until": True}, "True"),
        ({"errors": "ignore"}, "errors='ignore' is invalid: expected 'raise' or 'skip'."),
        ({"settings": {"enable.partition.eof": False}}, "is refused: a query has an end."),
    ],
)  # fmt: skip
def test_wrong_options(app: App, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        sql("select 1", **options)
    assert sentence in str(caught.value)


def test_a_start_may_be_named_by_its_topic(app: App) -> None:
    with pytest.raises(InvalidStartError, match="'soon'"):
        sql("select 1", topics=[Topic("planes")], starts={Topic("planes"): "soon"})  # type: ignore[dict-item]


def test_what_is_no_app() -> None:
    with pytest.raises(ConfigError, match="isn't an App"):
        sql("select 1", app="shop")  # type: ignore[arg-type]


def test_a_query_that_names_no_topic_needs_no_broker_and_shows_the_tables(app: App) -> None:
    app.topic("a-b", payload=str)
    app.topic("undeclared.type")
    assert sql("show tables").fetchall() == [("a_b",), ("flights",)]
    assert sql("select 1 as one").fetchall() == [(1,)]


def test_the_columns_of_a_declared_topic_are_known_without_a_broker(app: App) -> None:
    relation = sql("select * from flights")
    assert relation.columns == ["topic", "partition", "offset", "timestamp", "key", "payload"]


def test_names_of_python_are_no_tables(app: App) -> None:
    with pytest.raises(InvalidOptionError, match="Table with name app does not exist"):
        sql("select * from app")


@pytest.mark.parametrize("missing", ["duckdb", "pyarrow"])
def test_what_to_install(app: App, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else name)
    with pytest.raises(FrameworkError) as caught:
        sql("select 1")
    assert str(caught.value) == f'sql() needs {missing}: pip install "framework-iterator[sql]"'
