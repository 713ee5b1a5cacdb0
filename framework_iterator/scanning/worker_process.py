"""The worker's side of a process of ours: run one part, send reports meanwhile and its outcome at the end."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import multiprocessing.connection
import os
import pickle
import signal
import threading
from typing import Any, Final

from framework.discovery import load_app
from framework_iterator.iterator import Iterator
from framework_iterator.scanning.failure import Failure
from framework_iterator.scanning.packing import pack
from framework_iterator.scanning.task import Outcome, run, sendable

STARTED: Final = b"started"
"""Sent when the worker has imported what it needs."""
_REPORT_INTERVAL: Final = 0.25
"""Seconds between two reports of a running part."""


def work(writer: multiprocessing.connection.Connection, sent: bytes) -> None:
    """Run the task and send STARTED, reports and the outcome, all but the first one pickled."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the caller, which ends its workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    writer.send_bytes(STARTED)
    lock, ended = threading.Lock(), threading.Event()

    def report(iterator: Iterator[Any]) -> None:
        while not ended.wait(_REPORT_INTERVAL):
            if (found := iterator.report) is not None:
                with lock, contextlib.suppress(OSError):
                    if not ended.is_set():
                        writer.send_bytes(pickle.dumps(sendable(found)))

    def start_reports(iterator: Iterator[Any]) -> None:
        threading.Thread(target=report, args=[iterator], daemon=True).start()

    try:
        outcome = run(pickle.loads(sent), load_app, start_reports)
    except BaseException as error:  # the task can't be read: its function is missing here
        outcome = Outcome(failure=Failure.of(error))
    ended.set()
    with lock, contextlib.suppress(BrokenPipeError):
        writer.send_bytes(pack(outcome))
    writer.close()
    # The process ends now. Python would look through all that it has imported for garbage: 40 ms.
    gc.freeze()


def _end_with_parent() -> None:
    """End this process when its parent has ended, however that happened."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
