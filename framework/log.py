"""The logger of librdkafka's own log lines: `framework.librdkafka`, at their level."""

from __future__ import annotations

import logging
import re


class _Repeats(logging.Filter):
    """Drops a line that was logged in the last ten seconds: a broker that is down causes 20 a second."""

    def __init__(self) -> None:
        super().__init__()
        self._logged: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is new; lines that differ only in how long a state lasted are equal."""
        line = re.sub(r"\d+ms", "", record.getMessage())
        if record.created - self._logged.get(line, 0.0) < _QUIET:
            return False
        # Bounded: only recent lines are kept.
        self._logged = {line: at for line, at in self._logged.items() if record.created - at < _QUIET}
        self._logged[line] = record.created
        return True


_QUIET = 10.0
logger = logging.getLogger("framework.librdkafka")
logger.addFilter(_Repeats())
# Errors that matter are raised. Without a handler, logging would print each line to stderr as well.
logger.addHandler(logging.NullHandler())
