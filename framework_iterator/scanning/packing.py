"""Outcomes as bytes: a value that can't be sent, or not be read, is the failure of its part.

Left to an executor it would be anything: Dask waits for ever, and a pool of processes breaks.
"""

from __future__ import annotations

import collections.abc as cabc
import pickle
import sys
from typing import Any, Final

from framework_iterator.scanning.failure import Failure
from framework_iterator.scanning.task import Outcome, Task, run

_BY_VALUE: Final = ("cloudpickle", "joblib.externals.cloudpickle")
"""How Dask and loky send what is of no module, as the classes of a notebook; workers have it imported."""


def run_packed(task: Task) -> bytes:
    """Run a part in this process, and return its packed outcome."""
    return pack(run(task))


def pack(outcome: Outcome) -> bytes:
    """Return the bytes of an outcome, or of a failure where its value can't be pickled."""
    try:
        return _dumps(outcome)
    except Exception as error:  # a class may refuse in any way
        value = f"the value of the function, a {type(outcome.value).__name__}, can't be sent back: {error}"
        failure = Failure.of(TypeError(value), with_traceback=False)
        return pickle.dumps(Outcome(report=outcome.report, failure=failure))


def unpack(data: bytes) -> Any:
    """Return what was packed, or the failure to read it."""
    try:
        return pickle.loads(data)
    except Exception as error:  # its class may be missing here, or fail in any way
        return Outcome(failure=Failure.of(error))


def _dumps(outcome: Outcome) -> bytes:
    try:
        return pickle.dumps(outcome, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception:
        loaded = [module for name in _BY_VALUE if (module := sys.modules.get(name)) is not None]
        if not loaded:
            raise
        dumps: cabc.Callable[[object], bytes] = loaded[0].dumps
        return dumps(outcome)
