"""Check ints that users write; the other checks of options are in `options`. Pure."""

from __future__ import annotations

import operator


def natural(written: object) -> int | None:
    """Return an int from 0, or None for anything else: to Python, True is the int 1, but not to us."""
    if isinstance(written, bool):
        return None
    try:
        number = operator.index(written)  # type: ignore[arg-type]
    except TypeError:
        return None
    return number if number >= 0 else None
