"""Find the application: the current one, `--app`, FRAMEWORK_APP, or `app.py` in the current folder."""

from __future__ import annotations

import inspect
import os
import pathlib
import re
import sys
import types

from framework import current
from framework.app import App
from framework.errors import AppNotFoundError
from framework.importing import import_named
from framework.suggest import did_you_mean

VARIABLE = "FRAMEWORK_APP"


def find_app() -> App:
    """Return the current app, else that of FRAMEWORK_APP, else that of `app.py` in the current folder.

    An error inside the application's module is raised with its own traceback.
    """
    named = os.environ.get(VARIABLE)
    try:
        app = current.find()
    except AppNotFoundError:  # there are several: the variable chooses
        if not named:
            raise
        app = None
    if app is not None:
        return app  # type: ignore[no-any-return]
    if named:
        return load_app(named)
    if pathlib.Path("app.py").is_file():
        return load_app("app")
    raise AppNotFoundError(
        "No application found. Pass one (app=...), make one (framework.App()), "
        f"set {VARIABLE}=module:name, or start where there is an app.py."
    )


def load_app(where: str) -> App:
    """Import `module`, `module:name` or `module:factory()`, and make its app the current one."""
    app = import_app(where)
    current.choose(app)
    return app


def import_app(where: str) -> App:
    """Import `module`, `module:name` or `module:factory()`, and return its app.

    Without a name it is `app`, else the only App in the module, else what `create_app()` returns. Modules
    are searched in the current folder first, as by `python -m`.
    """
    found = re.fullmatch(r"(?P<module>\w+(\.\w+)*)(:(?P<name>\w+)(?P<call>\(\))?)?", where)
    if found is None or found["module"].endswith(".py"):
        raise AppNotFoundError(
            f"{where!r} doesn't name an app. Write module, module:name or module:factory(), without '.py'."
        )
    if (here := str(pathlib.Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    module = _import(found["module"], where)
    return _named(module, found["name"], bool(found["call"])) if found["name"] else _only(module)


def _import(name: str, where: str) -> types.ModuleType:
    module = import_named(name)
    if isinstance(module, str):
        raise AppNotFoundError(
            f"No module '{module}' for the app {where!r}; searched from {pathlib.Path.cwd()}."
        )
    return module


def _named(module: types.ModuleType, name: str, call: bool) -> App:
    if not hasattr(module, name):
        way_out = did_you_mean(name, vars(module)) or " Name an App of it, or a function that makes one."
        raise AppNotFoundError(f"Module '{module.__name__}' has no '{name}'.{way_out}")
    found = getattr(module, name)
    app = found() if call or (callable(found) and not isinstance(found, App)) else found
    if not isinstance(app, App):
        if inspect.iscoroutine(app):
            app.close()  # else Python would warn that it was never awaited
        # Its type only: what was named by mistake may contain secrets.
        raise AppNotFoundError(
            f"'{module.__name__}:{name}' gives a {type(app).__name__}, not an App. "
            "Name an App, or a function that makes one."
        )
    return app


def _only(module: types.ModuleType) -> App:
    if isinstance(app := getattr(module, "app", None), App):
        return app
    apps = {id(value): value for value in vars(module).values() if isinstance(value, App)}
    if len(apps) == 1:
        return apps.popitem()[1]
    if len(apps) > 1:
        names = [
            f"{module.__name__}:{name}" for name, value in vars(module).items() if isinstance(value, App)
        ]
        raise AppNotFoundError(
            f"Module '{module.__name__}' has several apps. Name one: {' or '.join(names)}."
        )
    if callable(getattr(module, "create_app", None)):
        return _named(module, "create_app", call=True)
    raise AppNotFoundError(
        f"Module '{module.__name__}' has no App: neither 'app' nor 'create_app()'. "
        "Write into it: app = framework.App()."
    )
