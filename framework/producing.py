"""Open a producer for a block, and deliver all its messages. I/O."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
from typing import Any, Final

from confluent_kafka import KafkaError

from framework import callbacks, errors, kafka_errors
from framework.clients import Producer, open_producer
from framework.types import KafkaSettings
from framework.worker import Worker


@contextlib.contextmanager
def delivering_producer(settings: KafkaSettings, timeout: float) -> cabc.Generator[Producer]:
    """Open a producer; the end of the block delivers all messages, or raises what was refused."""
    callbacks.check(settings)
    deliveries = _Deliveries(settings.get("on_delivery"))
    # As Java's producer: without it, a batch that is retried may land behind a later one.
    ours = {} if _ABOUT_IDEMPOTENCE & settings.keys() else {"enable.idempotence": True}
    worker = Worker("framework-producer")
    producer, reported = open_producer({**ours, **settings, "on_delivery": deliveries.record}, timeout)
    # An `on_delivery` of the user may never return, neither while it flushes nor while it closes.
    is_limited = deliveries.callback is not None
    try:
        yield producer
        waiting = _flush_limited(producer, timeout, worker) if is_limited else producer.flush(timeout)
        refused = deliveries.refused.copy()
    finally:
        # Messages that are purged are reported as refused as well.
        reported.begin_close()
        producer.purge()
        if is_limited:
            worker.close(producer.close, timeout)
        else:
            producer.close()
    for failure in deliveries.raised:
        raise failure
    reported.raise_failure()
    if refused:
        raise kafka_errors.as_error(refused[0], f"Messages refused: {len(refused)}, the first")
    if waiting:
        raise reported.unavailable(timeout, f"Messages not delivered: {waiting}. ")


class _Deliveries:
    """What became of messages: why some were refused, and what the user's own `on_delivery` raised."""

    def __init__(self, on_delivery: cabc.Callable[..., Any] | None) -> None:
        self.refused: list[KafkaError] = []
        self.raised: list[BaseException] = []
        # In the thread that polls, without a limit: it is called once per message.
        self.callback = on_delivery and callbacks.Callback(
            "on_delivery", on_delivery, None, self.raised.append
        )

    def record(self, error: KafkaError | None, message: object) -> None:
        """Keep an error, and hand both on."""
        if error is not None:
            self.refused.append(error)
        if self.callback is not None:
            self.callback(error, message)


def _flush_limited(producer: Producer, timeout: float, worker: Worker) -> int:
    """Flush, but don't wait for an `on_delivery` that never returns."""
    try:
        return worker.call(lambda: producer.flush(timeout), timeout + _FLUSH_MARGIN)
    except TimeoutError as error:
        sentence = f"on_delivery did not return within {timeout:g} s."
        raise errors.CallbackError(sentence, callback="on_delivery") from error


_FLUSH_MARGIN: Final = 0.5
"""Seconds that flushing may take beyond its own timeout: longer, and a callback doesn't return."""
_ABOUT_IDEMPOTENCE: Final = frozenset(
    {"enable.idempotence", "acks", "max.in.flight.requests.per.connection", "retries", "queuing.strategy"}
)
