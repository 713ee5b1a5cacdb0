"""Where librdkafka's own log lines go: the logger `framework.librdkafka`, at their level."""

from __future__ import annotations

import logging
import re


class _Repeats(logging.Filter):
    """Lets one of equal lines through in ten seconds: a broker that is down gives 20 of them a second."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line says something new; the time that a state lasted is nothing new."""
        line = re.sub(r"\d+ms", "", record.getMessage())
        if record.created - self._said.get(line, 0.0) < _QUIET:
            return False
        # Bounded: it holds what was said lately.
        self._said = {said: at for said, at in self._said.items() if record.created - at < _QUIET}
        self._said[line] = record.created
        return True


_QUIET = 10.0
logger = logging.getLogger("framework.librdkafka")
logger.addFilter(_Repeats())
# What matters of its lines becomes an exception; without this, each would reach stderr as well.
logger.addHandler(logging.NullHandler())
