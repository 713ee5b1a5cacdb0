from __future__ import annotations

import subprocess
import sys

from example_app.app import airports, app, flights, planes, weather


def test_declares_four_topics_and_consumes_three() -> None:
    assert list(app.routes) == [flights, weather, planes, airports]
    assert [topic.name for topic in app.routes.active] == ["flights", "planes", "airports"]


def test_has_a_schema_registry_of_its_own_unless_the_environment_names_one() -> None:
    assert app.schema_registry is not None
    assert app.schema_registry.addresses == ("http://127.0.0.1:8081",)


def test_leaves_airlines_undeclared() -> None:
    assert "airlines" not in app.routes


def test_calls_itself_example() -> None:
    assert app.client_id == "example"


def test_its_commands_are_imported_when_one_is_needed() -> None:
    program = (
        "import sys; from example_app.app import app\n"
        "print('example_app.commands' in sys.modules, *app.commands)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )

    assert run.stdout == "False delays lost-hours export-days find-plane late-flights check-planes\n"
