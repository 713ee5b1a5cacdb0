from __future__ import annotations

import subprocess
import sys

from example_app.app import app, flights, planes, weather


def test_declares_three_topics_and_consumes_two() -> None:
    assert list(app.routes) == [flights, weather, planes]
    assert [topic.name for topic in app.routes.active] == ["flights", "planes"]


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

    assert run.stdout == "False delays find-plane check-planes\n"
