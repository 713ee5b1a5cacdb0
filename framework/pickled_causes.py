"""The causes of an error, in a form that can be pickled: exceptions don't pickle their causes."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
from typing import Any, NamedTuple


class UnpicklableError(Exception):
    """Replaces, in a pickled error, a cause that can't be pickled; its text names the cause's type."""


class PickledCause(NamedTuple):
    """A cause as bytes of its own, since reading them may fail where its class is missing."""

    pickled: bytes | None
    text: str


def pickled_causes(error: BaseException) -> list[PickledCause]:
    """Return the causes of an error: its own, the cause of that one, and so on."""
    return [PickledCause(_dumps(cause), _text_of(cause)) for cause in _chain(error)]


def chain_causes(error: BaseException, causes: cabc.Iterable[PickledCause]) -> None:
    """Set these as the causes of an error, each as the cause of the one before."""
    for each in causes:
        error.__cause__ = _loads(each)
        error = error.__cause__


def picklable_state(state: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of an error, the text of those that can't be pickled."""
    return {name: value if _pickles(value) else repr(value) for name, value in state.items()}


def _chain(error: BaseException) -> cabc.Iterator[BaseException]:
    seen = {id(error)}
    cause = error.__cause__
    while cause is not None and id(cause) not in seen:  # it may lead back to itself
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__


def _dumps(cause: BaseException) -> bytes | None:
    import pickle  # few programs pickle errors

    # An error of ours would pickle its causes as well, which follow in the chain anyway. So would any error
    # where tblib registers a reducer of its own, as in processes of Dask; `__reduce_ex__` ignores it.
    alone = getattr(cause, "_reduce_alone", None)
    with contextlib.suppress(Exception):  # its class may refuse in any way
        reduced = alone() if alone is not None else cause.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
        pickled = pickle.dumps(_Alone(*reduced))
        # One whose __init__ takes other arguments can be written, but not read.
        if isinstance(pickle.loads(pickled), type(cause)):
            return pickled
    return None


class _Alone:
    """An error of ours without its causes."""

    def __init__(self, *reduced: Any) -> None:
        self._reduced = reduced

    def __reduce__(self) -> Any:
        return self._reduced


def _loads(cause: PickledCause) -> BaseException:
    import pickle

    if cause.pickled is not None:
        with contextlib.suppress(Exception):  # its class may be missing here
            found = pickle.loads(cause.pickled)
            if isinstance(found, BaseException):
                return found
    return UnpicklableError(cause.text)


def _text_of(cause: BaseException) -> str:
    import traceback  # only for errors that are pickled

    return "".join(traceback.format_exception_only(cause)).strip()


def _pickles(value: object) -> bool:
    import pickle

    with contextlib.suppress(Exception):  # a class may refuse in any way
        pickle.loads(pickle.dumps(value))
        return True
    return False
