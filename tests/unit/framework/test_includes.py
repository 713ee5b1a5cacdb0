from __future__ import annotations

import collections.abc as cabc
import pathlib
import sys
import threading
import traceback
from typing import Any

import pytest

from framework import App, ConfigError, UnknownTopicError
from framework.discovery import load_app

APP = """
from framework import App
app = App(include=["shop.commands", "shop.more"])
flights = app.topic("flights")
"""
COMMANDS = """
from shop.app import app, flights

app.topic("weather")

@app.command()
def report(): ...

@app.shell_names
def names():
    return {"answer": 42}
"""

Write = cabc.Callable[..., None]


@pytest.fixture
def write(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> cabc.Iterator[Write]:
    """Writes modules of a package `shop`, which is forgotten with the test."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(**modules: str) -> None:
        (tmp_path / "shop").mkdir(exist_ok=True)
        for name, source in {"__init__": "", **modules}.items():
            (tmp_path / "shop" / f"{name}.py").write_text(source, encoding="utf-8")

    yield write
    for name in [name for name in sys.modules if name.split(".")[0] == "shop"]:
        del sys.modules[name]


@pytest.fixture
def shop(write: Write) -> App:
    write(app=APP, commands=COMMANDS, more="from shop.app import app\napp.topic('more')")
    return load_app("shop.app:app")


def is_imported() -> bool:
    return "shop.commands" in sys.modules


def test_making_and_declaring_import_nothing(shop: App) -> None:
    shop.topic("planes")
    shop.command("other")(lambda: None)

    assert repr(shop.routes) == "<Routes flights, planes>"
    assert shop.routes.deserializers(shop.topic("others")) is not None
    assert not is_imported()


@pytest.mark.parametrize(
    "look_up",
    [
        pytest.param(lambda app: app.routes["weather"], id="a topic"),
        pytest.param(lambda app: app.routes.find("nothing"), id="find"),
        pytest.param(lambda app: app.routes.find_or_default("nothing"), id="find_or_default"),
        pytest.param(lambda app: "nothing" in app.routes, id="in"),
        pytest.param(lambda app: len(app.routes), id="len"),
        pytest.param(lambda app: list(app.routes), id="iteration"),
        pytest.param(lambda app: app.routes.active, id="active"),
        pytest.param(lambda app: app.commands, id="commands"),
        pytest.param(lambda app: app.namespace(), id="namespace"),
    ],
)
def test_a_lookup_imports_the_modules(look_up: Any, shop: App) -> None:
    look_up(shop)

    assert is_imported()
    assert [topic.name for topic in shop.routes] == ["flights", "weather", "more"]
    assert list(shop.commands) == ["report"]
    assert shop.namespace()["answer"] == 42


def test_a_module_that_looks_a_topic_up_starts_no_second_import(write: Write) -> None:
    write(
        app=APP,
        commands="from shop.app import app\nfound = list(app.routes)",
        more="from shop.app import app\napp.topic('more')",
    )
    app = load_app("shop.app:app")

    assert len(app.routes) == 2
    assert len(sys.modules["shop.commands"].found) == 1


def test_a_module_that_is_imported_first_imports_the_application(write: Write) -> None:
    write(app=APP, commands=COMMANDS, more="")
    commands = __import__("shop.commands").commands

    assert list(commands.app.commands) == ["report"]


def test_an_import_error_inside_is_raised_with_its_own_traceback_by_each_lookup(write: Write) -> None:
    write(app=APP, commands=COMMANDS + "\nimport no_such_module\n", more="")
    app = load_app("shop.app:app")

    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_module'") as caught:
            app.commands  # noqa: B018
        lines = [frame.line for frame in traceback.extract_tb(caught.value.__traceback__)]
        assert lines.count("import no_such_module") == 1


def test_a_module_that_does_not_exist_is_named_with_the_way_out(write: Write) -> None:
    write(app=APP.replace("shop.more", "shop.mroe"), commands="")
    app = load_app("shop.app:app")

    with pytest.raises(ConfigError) as caught:
        app.routes.find("flights")
    assert str(caught.value) == (
        "include=['shop.commands', 'shop.mroe'] is invalid: no module 'shop.mroe'. Correct the name, or "
        "start where the module can be imported."
    )


@pytest.mark.parametrize(
    ("include", "sentence"),
    [
        ("shop.commands", "include='shop.commands' is invalid: expected a list of module names."),
        (5, "include=5 is invalid: expected a list of module names."),
        (
            [".commands"],
            "include=['.commands'] is invalid: '.commands' is not the full name of a module, "  # noqa: ISC004
            "such as 'shop.commands'.",
        ),
        ([5], "include=[5] is invalid: 5 is not the full name of a module, such as 'shop.commands'."),
    ],
)
def test_what_names_no_module_is_refused_at_once(include: Any, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        App(include=include)

    assert str(caught.value) == sentence


def test_threads_that_look_up_at_the_same_time_all_find_what_is_declared(write: Write) -> None:
    write(app=APP, commands="import time\ntime.sleep(0.2)\n" + COMMANDS, more="")
    app = load_app("shop.app:app")
    found: list[object] = []

    def look_up() -> None:
        try:
            found.append(app.routes["weather"].name)
        except UnknownTopicError as error:
            found.append(error)

    threads = [threading.Thread(target=look_up) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert found == ["weather"] * 5


def test_a_thread_that_imports_the_module_itself_meanwhile_is_no_deadlock(write: Write) -> None:
    write(
        app=APP,
        commands="import time\nfrom shop.app import app\ntime.sleep(0.2)\nfound = app.routes.find('flights')",
        more="",
    )
    app = load_app("shop.app:app")
    threads = [
        threading.Thread(target=__import__, args=["shop.commands"], daemon=True),
        threading.Thread(target=app.routes.find, args=["flights"], daemon=True),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert not any(thread.is_alive() for thread in threads)
    assert sys.modules["shop.commands"].found is app.routes["flights"]
