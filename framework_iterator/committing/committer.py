"""The client that commits for a group, apart from the one that reads. I/O."""

from __future__ import annotations

import collections
import collections.abc as cabc
from typing import Final, NamedTuple

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import TopicPartition as NativeTopicPartition
from confluent_kafka.cimpl import Consumer

from framework import AuthenticationError, CallbackError, CommitError, ConfigError
from framework.client_errors import ClientErrors
from framework.clients import open_consumer
from framework.config import without
from framework.kafka_errors import as_commit_error, is_retriable
from framework.retry import Deadline, retry
from framework.types import KafkaSettings, TopicPartition
from framework.worker import Worker
from framework_iterator.confluent_types import check_answers, with_offsets

BACKGROUND_TIMEOUT: Final = 2.0
"""Seconds that a commit in the background may take, and any commit for a group that was denied."""
_OURS: Final = {
    # How long a commit waits for its coordinator, 45 s by default. Outside a group there is no session.
    "session.timeout.ms": 2000,
    "max.poll.interval.ms": 300_000,  # must not be shorter
    "group.protocol": "classic",  # the other has no session.timeout.ms
}
# The reader's client calls these, in the loop's thread.
_CALLBACKS: Final = frozenset({"error_cb", "stats_cb", "throttle_cb"})


_OF_CALLBACKS: Final = (AuthenticationError, CallbackError)
"""What an `oauth_cb` or `logger` of the user may end a commit with."""


class Committed(NamedTuple):
    """The result of a commit in the background."""

    confirmed: cabc.Mapping[TopicPartition, int]
    refused: list[TopicPartition]


class Committer:
    """Commits offsets for a group that it doesn't join; its client is opened with the first commit.

    It has a client and a worker of its own: Confluent's client makes one call at a time, and a commit
    that waits for the group's coordinator would delay the reader. librdkafka retries a commit to a
    coordinator that is dead or frozen without end, and closing waits for it. So the coordinator is first
    asked, with a timeout, for the offsets that the group has.

    Args:
        settings: librdkafka's settings, with a `group.id`.
        reader: The consumer that reads, for the last commit of a process that starts no more threads.
        reported: The errors of the reader's client.
        timeout: Seconds that a blocking commit may take.
    """

    def __init__(
        self, settings: KafkaSettings, reader: Consumer, reported: ClientErrors, timeout: float
    ) -> None:
        """Nothing is opened yet."""
        self._settings = without(settings, _CALLBACKS) | _OURS
        self._reader = reader
        self._reported = reported
        self._timeout = timeout
        self._group = str(settings["group.id"])
        self._client: Consumer | None = None
        self._client_reported: ClientErrors | None = None
        self._worker = Worker("framework-iterator-commits")
        self._results: collections.deque[Committed] = collections.deque()
        self._was_used = False

    def send(self, offsets: cabc.Mapping[TopicPartition, int]) -> None:
        """Commit in the background; `take_results` gives the result.

        One commit at a time: while another is running, these offsets count as refused.
        """
        # Not librdkafka's asynchronous commit: a signal during its callback ends poll() with a
        # SystemError, and the KeyboardInterrupt is lost. Our thread gets no signals.
        self._was_used = True

        def commit() -> None:
            try:
                is_refused = self._commit_now(offsets, BACKGROUND_TIMEOUT) is not None
            except (*_OF_CALLBACKS, KeyboardInterrupt, SystemExit):
                is_refused = True  # the commit at the end of the run raises it
            self._results.append(Committed({}, list(offsets)) if is_refused else Committed(offsets, []))

        if not self._worker.submit(commit):
            self._results.append(Committed({}, list(offsets)))

    def take_results(self) -> list[Committed]:
        """Return the results of commits in the background since the last call."""
        return [self._results.popleft() for _ in range(len(self._results))]

    def commit(self, offsets: cabc.Mapping[TopicPartition, int], timeout: float | None = None) -> None:
        """Return when the broker has committed these, or raise CommitError with the reason.

        Args:
            offsets: What to commit for the group.
            timeout: Seconds, at most the committer's own timeout, which is the default.
        """
        seconds = self._timeout if timeout is None else min(timeout, self._timeout)
        if self._reported.group_denial is not None:
            # It would wait for a coordinator that is not named, unless the right was granted meanwhile.
            seconds = min(seconds, BACKGROUND_TIMEOUT)
        deadline = Deadline(seconds)

        def attempt() -> None:
            error = self._try_commit(offsets, deadline.remaining)
            if error is not None:
                raise KafkaException(error)

        try:
            retry(attempt, deadline, on=self._is_worth_a_retry)
        except _OF_CALLBACKS as failed:
            text = f"The marks were not committed for group '{self._group}': {failed}"
            raise CommitError(text) from failed
        except KafkaException as failed:
            error = self._reason(failed)
            raise as_commit_error(error, self._group, lambda: self._reported.unavailable(seconds)) from failed

    def raise_failure(self) -> None:
        """Raise what a callback of the client raised, if any did: once."""
        if self._client_reported is not None and (failure := self._client_reported.failures.take()):
            raise failure

    def close(self, timeout: float) -> None:
        """Close the client, within `timeout` seconds; a commit that is running ends in the background."""
        if self._was_used:
            self._worker.close(self._close_client, timeout)

    @property
    def client(self) -> Consumer | None:
        """The client, which a forked child must never free."""
        return self._client

    def _reason(self, failed: KafkaException) -> KafkaError:
        """Return the error of a commit; behind a coordinator that doesn't answer may be a denial."""
        error: KafkaError = failed.args[0]
        denial = self._reported.group_denial
        return denial if denial is not None and is_retriable(error) else error

    def _is_worth_a_retry(self, error: Exception) -> bool:
        return isinstance(error, KafkaException) and is_retriable(self._reason(error))

    def _try_commit(self, offsets: cabc.Mapping[TopicPartition, int], timeout: float) -> KafkaError | None:
        self._was_used = True
        try:
            probe_timeout = min(timeout, BACKGROUND_TIMEOUT)
            return self._worker.call(lambda: self._commit_now(offsets, probe_timeout), timeout)
        except TimeoutError:
            return self._reported.last or KafkaError(KafkaError._TIMED_OUT, "no answer")
        except RuntimeError:
            # The interpreter is shutting down and starts no more threads (Python 3.12 does so early):
            # closing the reader, which follows, delivers what was sent without waiting.
            self._reader.commit(offsets=with_offsets(offsets), asynchronous=True)
            return None

    def _commit_now(
        self, offsets: cabc.Mapping[TopicPartition, int], probe_timeout: float
    ) -> KafkaError | None:
        asked = with_offsets(offsets)
        try:
            if self._client is None:
                self._client, self._client_reported = open_consumer(self._settings, self._timeout)
            try:
                _probe_coordinator(self._client, asked[:1], probe_timeout)
                check_answers(self._client.commit(offsets=asked, asynchronous=False) or [])
            finally:
                # Delivers its log lines, so that they don't pile up; it reads nothing, so no message is lost.
                self._client.consume(100, 0)
        except ConfigError as error:  # such as the file of a certificate that was removed
            return KafkaError(KafkaError._FAIL, str(error))
        except KafkaException as error:
            if self._client_reported is not None:
                self._client_reported.raise_failure(keep=True)  # the end of the run raises it again
            reason: KafkaError = error.args[0]
            return reason
        self._reported.clear_group_denial()
        return None

    def _close_client(self) -> None:
        if self._client is not None:
            if self._client_reported is not None:
                self._client_reported.begin_close()
            self._client.close()


def _probe_coordinator(client: Consumer, asked: list[NativeTopicPartition], timeout: float) -> None:
    """Return when the group's coordinator has answered; a cluster creates the first one on demand."""
    deadline = Deadline(timeout)
    retry(
        lambda: check_answers(client.committed(asked, max(0.01, deadline.remaining))),
        deadline,
        on=lambda error: isinstance(error, KafkaException) and is_retriable(error.args[0]),
    )
