"""Deserializers that travel with a pickled message."""

from __future__ import annotations

from typing import Any

from framework.deserializers import Deserializers, describe


class _Missing:
    """Stands in for a deserializer that could not travel."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def deserialize(self, _message: object) -> Any:
        """Say what to do instead."""
        raise TypeError(
            "the deserializer was a lambda or a local function, which can't be pickled; "
            "read the part before pickling, or declare a function of a module"
        )


def portable(declared: Deserializers) -> Deserializers:
    """The deserializers, with a stand-in for each that can't be pickled."""
    parts = {name: getattr(declared, name) for name in ("payload", "key", "headers")}
    return Deserializers(
        **{name: part if _pickles(part) else _Missing(describe(part)) for name, part in parts.items()}
    )


def _pickles(given: object) -> bool:
    import pickle  # few messages travel

    try:
        pickle.dumps(given)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True
