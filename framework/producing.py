"""Open a producer for a block, and deliver all its messages. I/O."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import functools
import time
from typing import Final

from framework import callbacks, errors, kafka_errors
from framework.client_errors import ClientErrors
from framework.clients import Producer, open_producer
from framework.deliveries import Deliveries, DeliveringProducer, first_culprit, missing_topic
from framework.types import KafkaSettings
from framework.worker import Outcome, Worker


@contextlib.contextmanager
def delivering_producer(settings: KafkaSettings, timeout: float) -> cabc.Generator[Producer]:
    """Open a producer; the end of the block delivers all messages, or raises what was refused."""
    callbacks.check(settings)
    deliveries = Deliveries(settings.get("on_delivery"))
    # As Java's producer: without it, a batch that is retried may land behind a later one.
    ours = {} if _ABOUT_IDEMPOTENCE & settings.keys() else {"enable.idempotence": True}
    worker = Worker("framework-producer")
    make = functools.partial(DeliveringProducer, deliveries)
    producer, reported = open_producer({**ours, **settings, "on_delivery": deliveries.record}, timeout, make)
    missing = None
    try:
        with _closing(producer, reported, deliveries, worker, timeout):
            yield producer
            waiting = _flush(producer, timeout, deliveries, worker)
            refused = deliveries.refused.copy()
            about = f"Messages not delivered: {waiting}. "
            if waiting and not refused:
                missing = missing_topic(producer, _undelivered(producer, deliveries, worker, timeout), about)
    except BaseException as error:
        deliveries.failures.add_note(error)
        reported.failures.add_note(error)
        raise
    if (failure := deliveries.failures.take()) is not None:
        reported.failures.add_note(failure)
        raise failure
    reported.raise_failure()
    if refused:
        culprit = first_culprit(refused)
        first = f"Messages refused: {len(refused)}, the first to {culprit.target}"
        raise kafka_errors.as_refusal(culprit.error, first)
    if waiting:
        raise missing or reported.unavailable(timeout, about)


@contextlib.contextmanager
def _closing(
    producer: Producer, reported: ClientErrors, deliveries: Deliveries, worker: Worker, timeout: float
) -> cabc.Generator[None]:
    """Close the producer at the end of the block; messages that wait are not sent."""
    try:
        yield
    finally:
        # Messages that are purged are reported as refused as well.
        reported.begin_close()
        producer.purge()
        if deliveries.are_called:
            worker.close(producer.close, timeout)
        else:
            producer.close()


def _flush(producer: Producer, timeout: float, deliveries: Deliveries, worker: Worker) -> int:
    """Flush, and return how many messages wait; don't wait for an `on_delivery` that never returns.

    The time that it takes for all messages doesn't count: it may be called for a hundred thousand of them.
    """
    if not deliveries.are_called:
        return producer.flush(timeout)
    left = timeout
    while True:
        began, spent = time.monotonic(), deliveries.spent
        waiting = _flush_beside(producer, max(left, _LEAST), deliveries, worker, timeout)
        called = deliveries.spent - spent
        left -= time.monotonic() - began - called
        # What was delivered in time still waits for its call.
        if not waiting or (left < _LEAST and not called):
            return waiting


def _flush_beside(
    producer: Producer, seconds: float, deliveries: Deliveries, worker: Worker, timeout: float
) -> int:
    """Flush in another thread, and look whether a call takes too long."""
    outcome = Outcome[int]()
    worker.submit(lambda: outcome.record(lambda: producer.flush(seconds)))
    while not worker.wait(_LOOK_INTERVAL):
        if deliveries.running > timeout:
            sentence = f"on_delivery did not return within {timeout:g} s."
            raise errors.CallbackError(sentence, callback="on_delivery") from TimeoutError(sentence)
    return outcome.get()


def _undelivered(
    producer: Producer, deliveries: Deliveries, worker: Worker, timeout: float
) -> cabc.Sequence[str]:
    """Return the topics of the messages that wait: purging reports which messages they are."""
    reported = len(deliveries.refused)
    producer.purge()
    _flush(producer, timeout, deliveries, worker)
    return sorted({each.topic for each in deliveries.refused[reported:]})


_LOOK_INTERVAL: Final = 0.1
"""Seconds between two looks whether a callback doesn't return."""
_LEAST: Final = 0.01
"""Seconds that each flush has at least."""
_ABOUT_IDEMPOTENCE: Final = frozenset(
    {"enable.idempotence", "acks", "max.in.flight.requests.per.connection", "retries", "queuing.strategy"}
)
