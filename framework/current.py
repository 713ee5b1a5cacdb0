"""The current application of the process."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
from typing import Any, Never

from framework.errors import AppNotFoundError


class Unpickled:
    """An application can be neither pickled nor copied: its settings may have secrets, in clear."""

    def __reduce__(self) -> Never:
        """Raise a TypeError that says what to pickle instead."""
        raise TypeError(
            f"{self!r} can't be pickled or copied, since its settings may have secrets. Pickle its import "
            "path, 'module:name', and call framework.discovery.load_app('module:name') there."
        )


_made: list[Any] = []
_chosen: list[Any] = []
_named_by_host: list[cabc.Callable[[], Any]] = []


def register(app: Any) -> None:
    """Record an application that was made."""
    _made.append(app)


def choose(app: Any) -> None:
    """Make an application the current one, even if there are others."""
    _chosen[:] = [app]


def named_by_host(find: cabc.Callable[[], Any]) -> None:
    """Have the settings of the program around this one, such as Django's, name the application.

    Args:
        find: Returns the application; called when one is needed and none was chosen.
    """
    _named_by_host[:] = [find]


def find() -> Any | None:
    """Return the chosen application, else the host's, else the only one; an error if there are several."""
    if (app := chosen()) is not None:
        return app
    if _named_by_host:
        return _named_by_host[0]()
    if len(_made) > 1:
        raise AppNotFoundError(
            f"There are {len(_made)} applications and none was chosen: {', '.join(map(repr, _made))}. "
            "Pass one: app=..., or set FRAMEWORK_APP."
        )
    return _made[0] if _made else None


def is_there() -> bool:
    """Whether any application was made or chosen in this process, or is named by its host."""
    return bool(_made or _chosen or _named_by_host)


def chosen() -> Any | None:
    """Return the application that was chosen, or None."""
    return _chosen[0] if _chosen else None


def reset() -> None:
    """Forget all applications, as between two tests; the host's settings still name theirs."""
    _made.clear()
    _chosen.clear()


@contextlib.contextmanager
def preserved() -> cabc.Generator[None]:
    """Forget, after the block, the applications that were made and chosen in it."""
    made, was_chosen = list(_made), list(_chosen)
    try:
        yield
    finally:
        _made[:], _chosen[:] = made, was_chosen
