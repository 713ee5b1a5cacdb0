"""The client that commits for a group, apart from the one that reads. I/O."""

from __future__ import annotations

import collections
import collections.abc as cabc
import time
from typing import Final, NamedTuple

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.cimpl import Consumer

from framework import ConfigError
from framework.config import without
from framework.clients import ClientErrors, as_commit_error, is_worth_asking_again, open_consumer
from framework.worker import Worker
from framework.types import KafkaSettings, Partition
from framework_iterator.planning.queries import IN_MID_RUN, checked, places

_OURS: Final = {
    # For so long a commit waits for its coordinator, 45 s by default. Who joins no group needs no session.
    "session.timeout.ms": 2000,
    "max.poll.interval.ms": 300_000,  # must not be shorter
    "group.protocol": "classic",  # the other has no session.timeout.ms
}
# The reader hears the same, in the loop's thread.
_THE_READERS: Final = frozenset({"error_cb", "stats_cb"})


class Committed(NamedTuple):
    """What came of a commit in the background."""

    confirmed: cabc.Mapping[Partition, int]
    refused: list[Partition]


class Committer:
    """Commits offsets for a group that it doesn't join; opens its client with the first of them.

    Confluent's client lets one call in at a time, and a commit may wait for the group's coordinator,
    which would hold a reader up. One that is sent to a coordinator that is gone or frozen is even sent
    again without end, and closing waits for it. So the coordinator is asked first, with a time limit,
    for what the group has.
    """

    def __init__(self, settings: KafkaSettings, reader: Consumer, trouble: ClientErrors, timeout: float) -> None:
        """Nothing is opened yet. `trouble` is that of the reader, `timeout` in seconds."""
        self._settings = without(settings, _THE_READERS) | _OURS
        self._reader = reader
        self._trouble = trouble
        self._timeout = timeout
        self._group = str(settings["group.id"])
        self._client: Consumer | None = None
        self._errands = Worker("framework-iterator-commits")
        self._answers: collections.deque[Committed] = collections.deque()
        self._began = False

    def send(self, offsets: cabc.Mapping[Partition, int]) -> None:
        """Send these for the group, in the background: see `take` for what came of it.

        One commit at a time: while another is away, these count as refused.
        """
        # Not librdkafka's asynchronous commit: a signal that meets its callback ends poll() with a
        # SystemError, and the KeyboardInterrupt is lost. A thread of our own meets no signals.
        self._began = True

        def call() -> None:
            is_refused = self._commit_now(offsets, IN_MID_RUN) is not None
            self._answers.append(Committed({}, list(offsets)) if is_refused else Committed(offsets, []))

        if not self._errands.send(call):
            self._answers.append(Committed({}, list(offsets)))

    def take(self) -> list[Committed]:
        """What came of commits in the background since this was last asked."""
        return [self._answers.popleft() for _ in range(len(self._answers))]

    def commit(self, offsets: cabc.Mapping[Partition, int], within: float | None = None) -> None:
        """Return when the broker has these for the group, or raise CommitError with the reason.

        After `within` seconds at the latest, and never after more than the timeout.
        """
        within = self._timeout if within is None else min(within, self._timeout)
        if self._trouble.denied is not None:
            # It would wait for a coordinator that it is not told, unless the right was granted meanwhile.
            within = min(within, IN_MID_RUN)
        deadline = time.monotonic() + within
        while True:
            error = self._try_commit(offsets, deadline - time.monotonic())
            if error is None:
                return
            if self._trouble.denied is not None and is_worth_asking_again(error):
                error = self._trouble.denied
            if not is_worth_asking_again(error) or time.monotonic() > deadline:
                raise as_commit_error(error, self._group, self._trouble, within)
            time.sleep(0.05)

    def close(self, within: float) -> None:
        """Leave, after so many seconds at most; a commit that is still away is waited for by nobody."""
        if self._began:
            self._errands.finish(self._close_client, within)

    @property
    def client(self) -> Consumer | None:
        """What a forked child must never free."""
        return self._client

    def _try_commit(self, offsets: cabc.Mapping[Partition, int], within: float) -> KafkaError | None:
        self._began = True
        try:
            patience = max(0.0, min(within, IN_MID_RUN))
            return self._errands.run(lambda: self._commit_now(offsets, patience), max(0.0, within))
        except TimeoutError:
            return self._trouble.last or KafkaError(KafkaError._TIMED_OUT, "no answer")
        except RuntimeError:
            # The interpreter is going down and starts no more threads (Python 3.12 does so early): then
            # closing, which follows, brings away what was sent without waiting.
            self._reader.commit(offsets=places(offsets), asynchronous=True)
            return None

    def _commit_now(self, offsets: cabc.Mapping[Partition, int], patience: float) -> KafkaError | None:
        asked = places(offsets)
        try:
            if self._client is None:
                self._client, _ = open_consumer(self._settings)
            try:
                _await_sign_of_life(self._client, asked[:1], patience)
                checked(self._client.commit(offsets=asked, asynchronous=False) or [])
            finally:
                # Its log lines come out, and nothing piles up; it reads nothing, so no message is lost.
                self._client.consume(100, 0)
        except ConfigError as error:  # the file of a certificate that is gone by now, say
            return KafkaError(KafkaError._FAIL, str(error))
        except KafkaException as error:
            reason: KafkaError = error.args[0]
            return reason
        # Whatever was refused before, was granted since.
        self._trouble.denied = None
        return None

    def _close_client(self) -> None:
        if self._client is not None:
            self._client.close()


def _await_sign_of_life(client: Consumer, asked: list[TopicPartition], patience: float) -> None:
    """Return when the group's coordinator has answered; the first of a cluster is only being made."""
    deadline = time.monotonic() + patience
    while True:
        try:
            checked(client.committed(asked, max(0.01, deadline - time.monotonic())))
            return
        except KafkaException as error:
            if not is_worth_asking_again(error.args[0]) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
