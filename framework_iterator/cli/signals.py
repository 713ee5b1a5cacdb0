"""End a command by a signal without losing what it has to save."""

from __future__ import annotations

import signal
import threading
import types
from typing import Any, Final, Self

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class EndingSignals:
    """Ctrl-C, SIGTERM and SIGHUP within a `with` block: the first is an exception, and none is after `hold`.

    At the end of the block, a signal that was held is sent again, and so is SIGTERM or SIGHUP: the process
    ends by the signal, as it would have without this class. Signals that are ignored, as by nohup, stay so,
    and the handlers of an application stay, too.
    """

    def __init__(self) -> None:
        """Nothing was received."""
        self._before: dict[int, Any] = {}
        self._received: int | None = None
        self._is_holding = False
        self._is_raised = False

    def hold(self) -> None:
        """Raise no further exception."""
        self._is_holding = True

    def __enter__(self) -> Self:
        """Install the handlers, unless it is another than the main thread, which receives no signals."""
        is_main = threading.current_thread() is threading.main_thread()
        for number in _ENDING if is_main else ():
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: types.TracebackType | None,
    ) -> None:
        """Restore the handlers, and send what was received again."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._received is not None and not (self._is_raised and self._received == signal.SIGINT):
            signal.raise_signal(self._received)

    def _handle(self, number: int, _frame: types.FrameType | None) -> None:
        if self._received is not None:
            return  # the first one is ending the command
        self._received = number
        if self._is_holding:
            return
        self._is_raised = True
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)
