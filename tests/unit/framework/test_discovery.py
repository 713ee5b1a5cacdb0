from __future__ import annotations

import collections.abc as cabc
import itertools
import pathlib
import sys
import textwrap
import traceback
from typing import Protocol

import pytest

from framework import App, AppNotFoundError, ConfigError, current
from framework.discovery import find_app, load_app

NUMBERS = itertools.count()


class Write(Protocol):
    """Writes a module of a fresh name, or of the name given, into the current folder; gives its name."""

    def __call__(self, source: str, name: str | None = None) -> str: ...


@pytest.fixture
def write(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> cabc.Iterator[Write]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)

    def write(source: str, name: str | None = None) -> str:
        name = name or f"discovered_{next(NUMBERS)}"
        path = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source))
        return name

    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]


def refusal(where: str) -> str:
    with pytest.raises(AppNotFoundError) as caught:
        load_app(where)
    return str(caught.value)


# Which app?


def test_the_only_app_made_is_found() -> None:
    app = App()

    assert find_app() is app


def test_a_chosen_app_beats_everything(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMEWORK_APP", write("from framework import App\napp = App()"))
    chosen = App()
    App()
    current.choose(chosen)

    assert find_app() is chosen


def test_the_only_app_made_beats_the_environment(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMEWORK_APP", write("from framework import App\napp = App()"))
    app = App()

    assert find_app() is app


def test_the_environment_decides_where_two_were_made(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMEWORK_APP", write("from framework import App\napp = App(client_id='third')"))
    App()
    App()

    assert find_app().client_id == "third"


def test_two_apps_without_a_choice_are_an_error() -> None:
    App(client_id="first")
    App(client_id="second")

    with pytest.raises(
        AppNotFoundError, match=r"There are 2 applications and none was chosen: .*first.*second"
    ):
        find_app()


def test_the_environment_names_an_app(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMEWORK_APP", write("from framework import App\napp = App(client_id='named')"))

    assert find_app().client_id == "named"


def test_the_environment_beats_app_py(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("raise RuntimeError('not me')", "app")
    monkeypatch.setenv("FRAMEWORK_APP", write("from framework import App\napp = App(client_id='named')"))

    assert find_app().client_id == "named"


def test_an_empty_variable_is_none(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("from framework import App\napp = App(client_id='here')", "app")
    monkeypatch.setenv("FRAMEWORK_APP", "")

    assert find_app().client_id == "here"


def test_app_py_of_the_current_folder_is_found(write: Write) -> None:
    write("from framework import App\napp = App(client_id='here')", "app")

    assert find_app().client_id == "here"


@pytest.mark.usefixtures("write")
def test_without_any_app_the_ways_are_listed() -> None:
    with pytest.raises(AppNotFoundError) as caught:
        find_app()

    assert str(caught.value) == (
        "No application found. Pass one (app=...), make one (framework.App()), "
        "set FRAMEWORK_APP=module:name, or start where there is an app.py."
    )


def test_a_loaded_app_is_the_current_one_from_then_on(write: Write) -> None:
    app = load_app(write("from framework import App\napp = App()\nother = App()"))
    App()

    assert find_app() is app


# How an app is named


@pytest.mark.parametrize(
    ("suffix", "source", "client_id"),
    [
        pytest.param("", "app = App(client_id='a')\nother = App(client_id='b')", "a", id="module: app"),
        pytest.param("", "shop = App(client_id='a')", "a", id="module: the only App"),
        pytest.param(
            "", "shop = App(client_id='a')\nsame = shop", "a", id="module: the only App, under two names"
        ),
        pytest.param(
            "", "app = 'a web app'\nshop = App(client_id='a')", "a", id="module: app is something else"
        ),
        pytest.param("", "def create_app():\n    return App(client_id='a')", "a", id="module: create_app"),
        pytest.param(
            "",
            "shop = App(client_id='a')\ndef create_app():\n    raise RuntimeError",
            "a",
            id="module: App first",
        ),
        pytest.param(":other", "app = App(client_id='a')\nother = App(client_id='b')", "b", id="module:name"),
        pytest.param(":make()", "def make():\n    return App(client_id='a')", "a", id="module:factory()"),
        pytest.param(":make", "def make():\n    return App(client_id='a')", "a", id="module:factory"),
    ],
)
def test_an_app_is_named(suffix: str, source: str, client_id: str, write: Write) -> None:
    module = write(f"from framework import App\n{source}")

    assert load_app(module + suffix).client_id == client_id


def test_an_app_in_a_package(write: Write) -> None:
    write("", "shop_1.__init__")
    write("from framework import App\napp = App(client_id='a')", "shop_1.kafka.app")

    assert load_app("shop_1.kafka.app:app").client_id == "a"


def test_the_current_folder_is_searched_first(write: Write, tmp_path: pathlib.Path) -> None:
    name = write("from framework import App\napp = App()")
    load_app(name)

    assert sys.path[0] == str(tmp_path)


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("app.py", id="file"),
        pytest.param("app.py:app", id="file and name"),
        pytest.param("shop/app", id="path"),
        pytest.param("", id="nothing"),
        pytest.param(":app", id="no module"),
        pytest.param("app:", id="no name"),
        pytest.param("app:make(1)", id="factory with an argument"),
        pytest.param("app()", id="module called"),
        pytest.param(".app", id="relative"),
        pytest.param("shop..app", id="two dots"),
        pytest.param("shop.app:sub.app", id="dotted name"),
        pytest.param("shop app", id="two words"),
    ],
)
def test_what_names_no_app_is_refused(where: str) -> None:
    assert refusal(where) == (
        f"{where!r} doesn't name an app. Write module, module:name or module:factory(), without '.py'."
    )


def test_a_module_that_is_not_there(write: Write, tmp_path: pathlib.Path) -> None:
    write("", "shop_2.__init__")

    assert (
        refusal("nowhere:app") == f"No module 'nowhere' for the app 'nowhere:app'; searched from {tmp_path}."
    )
    assert (
        refusal("nowhere.app") == f"No module 'nowhere' for the app 'nowhere.app'; searched from {tmp_path}."
    )
    assert (
        refusal("shop_2.app") == f"No module 'shop_2.app' for the app 'shop_2.app'; searched from {tmp_path}."
    )


@pytest.mark.parametrize(
    ("source", "suffix", "sentence"),
    [
        pytest.param(
            "shop = App()",
            ":shpo",
            "Module '{}' has no 'shpo'. Did you mean 'shop'?",
            id="a wrong name, close",
        ),
        pytest.param(
            "shop = App()",
            ":x",
            "Module '{}' has no 'x'. Name an App of it, or a function that makes one.",
            id="a wrong name",
        ),
        pytest.param(
            "settings = {'sasl.password': 's3cret'}",
            ":settings",
            "'{}:settings' gives a dict, not an App. Name an App, or a function that makes one.",
            id="something else, without its secrets",
        ),
        pytest.param(
            "def make():\n    pass",
            ":make()",
            "'{}:make' gives a NoneType, not an App. Name an App, or a function that makes one.",
            id="a factory that forgets to return",
        ),
        pytest.param(
            "async def make():\n    return App()",
            ":make()",
            "'{}:make' gives a coroutine, not an App. Name an App, or a function that makes one.",
            id="a factory with async, which Python doesn't warn about",
        ),
        pytest.param(
            "first = App()\nsecond = App()",
            "",
            "Module '{0}' has several apps. Name one: {0}:first or {0}:second.",
            id="several apps",
        ),
        pytest.param(
            "",
            "",
            "Module '{}' has no App: neither 'app' nor 'create_app()'. Write into it: app = framework.App().",
            id="no app",
        ),
    ],
)
def test_a_module_without_that_app(source: str, suffix: str, sentence: str, write: Write) -> None:
    module = write(f"from framework import App\n{source}")

    assert refusal(module + suffix) == sentence.format(module)


# An error inside the application's own module


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        pytest.param(
            "import no_such_library", ModuleNotFoundError, "No module named 'no_such_library'", id="import"
        ),
        pytest.param("from framework import Ap", ImportError, "cannot import name 'Ap'", id="name"),
        pytest.param("1 / 0", ZeroDivisionError, "division by zero", id="any error"),
        pytest.param(
            "from framework import App\napp = App(broker_timeout=0)",
            ConfigError,
            "broker_timeout=0",
            id="one of ours",
        ),
        pytest.param("app = App(", SyntaxError, "'(' was never closed", id="syntax"),
    ],
)
def test_an_error_inside_the_app_reaches_the_caller_with_its_traceback(
    source: str, kind: type[Exception], words: str, write: Write
) -> None:
    write(source, "app")

    with pytest.raises(kind) as caught:
        find_app()
    assert words in str(caught.value)
    assert "app.py" in "".join(traceback.format_exception(caught.value))


def test_an_error_inside_a_factory_reaches_the_caller(write: Write) -> None:
    module = write("def create_app():\n    raise LookupError('no settings')")

    with pytest.raises(LookupError, match="no settings"):
        load_app(module)


def test_a_missing_module_of_the_same_beginning_is_the_apps_own_error(write: Write) -> None:
    write("", "shop_3.__init__")
    write("import shop_3.settings", "shop_3.app")

    with pytest.raises(ModuleNotFoundError, match=r"shop_3\.settings"):
        load_app("shop_3.app")
