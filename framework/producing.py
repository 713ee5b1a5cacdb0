"""Open a producer for a block, and deliver all its messages. I/O."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
from typing import Final

from confluent_kafka import KafkaError

from framework import callbacks, errors, kafka_errors
from framework.clients import Producer, open_producer
from framework.types import KafkaSettings
from framework.worker import Worker


@contextlib.contextmanager
def delivering_producer(settings: KafkaSettings, timeout: float) -> cabc.Generator[Producer]:
    """Open a producer; the end of the block delivers all messages, or raises what was refused."""
    refused: list[KafkaError] = []
    callbacks.check(settings)
    on_delivery = settings.get("on_delivery")
    raised: list[BaseException] = []
    # In the thread that polls, without a limit: it is called once per message.
    callback = on_delivery and callbacks.Callback("on_delivery", on_delivery, None, raised.append)

    def record(error: KafkaError | None, message: object) -> None:
        if error is not None:
            refused.append(error)
        if callback is not None:
            callback(error, message)

    # As Java's producer: without it, a batch that is retried may land behind a later one.
    ours = {} if _ABOUT_IDEMPOTENCE & settings.keys() else {"enable.idempotence": True}
    worker = Worker("framework-producer")
    producer, reported = open_producer({**ours, **settings, "on_delivery": record}, timeout)
    try:
        yield producer
        waiting = producer.flush(timeout) if callback is None else _flush_limited(producer, timeout, worker)
        failures = refused.copy()
    finally:
        # Messages that are purged are reported as refused as well.
        reported.begin_close()
        producer.purge()
        if callback is None:
            producer.close()
        else:  # closing serves it, too
            worker.close(producer.close, timeout)
    for failure in raised:
        raise failure
    reported.raise_failure()
    if failures:
        raise kafka_errors.as_error(failures[0], f"Messages refused: {len(failures)}, the first")
    if waiting:
        raise reported.unavailable(timeout, f"Messages not delivered: {waiting}. ")


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
