"""The import path by which workers find the application, and which topics it must declare."""

from __future__ import annotations

import os
import sys
import types

from framework import App
from framework_iterator.errors import InvalidOptionError
from framework_iterator.planning.plan import Plan
from framework_iterator.planning.subscription import Subscription

_UNIMPORTED = frozenset({"__main__", "__mp_main__", "builtins"})  # `builtins._` is the last value of a shell


def import_path(app: App, *, main: str | None) -> str:
    """Return `module:name` of a module that holds the application; an InvalidOptionError where none does.

    Args:
        app: The application.
        main: The name by which workers import the module `__main__`; None where they can't.
    """
    for name, module in list(sys.modules.items()):
        is_importable = name not in _UNIMPORTED and getattr(module, "__spec__", None) is not None
        if is_importable and (found := _attribute(module, app)):
            return f"{name}:{found}"
    found = _attribute(sys.modules["__main__"], app)
    if found and main is not None:
        return f"{main}:{found}"
    where = "in __main__, which the workers can't import" if found else "in no module under a name of its own"
    raise InvalidOptionError(
        f"{app!r} is {where}. An app isn't sent, since its settings may have secrets: workers import it. "
        "Make it at the top of a module, such as app = App() in shop.py, and pass app='shop:app'."
    )


def main_of_processes() -> str | None:
    """Return the name by which spawned processes import `__main__`, or None: in a notebook or a shell."""
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    can_import = getattr(main, "__spec__", None) is not None or (file is not None and os.path.isfile(file))
    return "__main__" if can_import else None


def main_of_others() -> str | None:
    """Return the name by which any process imports `__main__`: known only of `python -m name`."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return None if spec is None or spec.name == "__main__" else str(spec.name)


def check_declared(app: App, topics: Subscription | Plan) -> tuple[str, ...]:
    """Return the topics that workers must find declared; InvalidOptionError for one that isn't the app's."""
    for each in topics.selections if isinstance(topics, Subscription) else ():
        if each.declared is not None and each.declared not in app.routes:
            raise InvalidOptionError(
                f"{each.declared!r} isn't a topic of {app!r}, where workers look it up by its name. "
                f"Declare it there: app.topic({each.topic!r}, ...)."
            )
    return tuple(name for name in topics.topics if name in app.routes)


def _attribute(module: types.ModuleType, app: App) -> str | None:
    values = list(getattr(module, "__dict__", {}).items())
    return next((name for name, value in values if value is app and name.isidentifier()), None)
