"""The option `columns`, and the library that columns need."""

from __future__ import annotations

import importlib.util
from typing import Literal, get_args

from framework import FrameworkError
from framework_iterator.errors import InvalidOptionError

Columns = Literal["payload", "raw"]
"""Which columns there are: the fields of payloads, or bytes."""


def check_columns(what: str, columns: object) -> Columns:
    """Return which columns are wanted; anything else is an InvalidOptionError, a missing library an error.

    Args:
        what: What needs the library, for messages.
        columns: What was written.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise FrameworkError(f'{what} needs pyarrow: pip install "framework-iterator[arrow]"')
    for known in get_args(Columns):
        if columns == known:
            return known  # type: ignore[no-any-return]
    raise InvalidOptionError(f"columns={columns!r} is invalid: expected 'payload' or 'raw'.")
