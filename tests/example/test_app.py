from __future__ import annotations

from example_app.app import app, flights, planes, weather


def test_declares_three_topics_and_consumes_two() -> None:
    assert list(app.routes) == [flights, weather, planes]
    assert [topic.name for topic in app.routes.active] == ["flights", "planes"]


def test_leaves_airlines_undeclared() -> None:
    assert "airlines" not in app.routes


def test_calls_itself_example() -> None:
    assert app.client_id == "example"
