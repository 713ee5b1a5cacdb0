"""Ask the cluster for the ids of topics: one that is deleted and recreated has another id. I/O."""

from __future__ import annotations

import collections.abc as cabc
import concurrent.futures
import logging
from typing import TYPE_CHECKING, Final

from confluent_kafka import KafkaException

from framework import FrameworkError
from framework.clients import open_admin
from framework.config import without
from framework.types import KafkaSettings
from framework.worker import Worker
from framework_iterator.planning.queries import IN_MID_RUN

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

logger = logging.getLogger(__name__)

_CALLBACKS: Final = frozenset({"error_cb", "stats_cb", "throttle_cb", "debug"})
"""The client that reads calls these, and logs: what is wrong would be reported twice."""
_NO_ID: Final = "A" * 22
"""What brokers answer that have no ids, before Kafka 2.8: zeros."""


class IdLookup:
    """A look-up of ids that runs in the background; `found` is None until it has ended.

    A topic whose id is unknown is missing in `found`.
    """

    __slots__ = ("found",)

    def __init__(self) -> None:
        """It is running."""
        self.found: dict[str, str] | None = None


class TopicIds:
    """Looks up the ids of topics, with a client of its own: a consumer can't ask for them.

    The client is opened in the background, with the first look-up. A look-up that fails finds nothing.

    Args:
        settings: librdkafka's settings.
        broker_timeout: Seconds that a request may take at most, if that is less than two.
    """

    def __init__(self, settings: KafkaSettings, broker_timeout: float) -> None:
        """Nothing is opened yet."""
        self._settings = without(settings, _CALLBACKS) | {"log_level": 0}
        self._timeout = min(broker_timeout, IN_MID_RUN)
        self._worker = Worker("framework-iterator-ids")
        self._was_used = False
        self.client: AdminClient | None = None
        """The client, which a forked child must never free."""

    def find(self, topics: cabc.Collection[str]) -> IdLookup:
        """Look up ids in the background, in one request."""
        lookup = IdLookup()
        self._was_used = True

        def find() -> None:
            found: dict[str, str] = {}
            try:
                found = self._ask(topics)
            finally:
                lookup.found = found

        if not self._worker.submit(find):
            lookup.found = {}
        return lookup

    def ask(self, topics: cabc.Collection[str]) -> dict[str, str]:
        """Return ids, within two seconds."""
        self._was_used = True
        try:
            return self._worker.call(lambda: self._ask(topics), self._timeout)
        except TimeoutError as error:
            logger.debug("The ids of topics are unknown: %s", error)
            return {}

    def close(self, timeout: float) -> None:
        """Close the client, within `timeout` seconds; a look-up that is running ends in the background."""
        if self._was_used:
            self._worker.close(self._free, timeout)

    def _ask(self, topics: cabc.Collection[str]) -> dict[str, str]:
        from confluent_kafka import TopicCollection  # late, as the admin client: 40 ms

        found: dict[str, str] = {}
        try:
            if self.client is None:
                self.client, _ = open_admin(self._settings, self._timeout)
            self.client.poll(0)  # renews a token that has expired
            asked = self.client.describe_topics(TopicCollection(list(topics)), request_timeout=self._timeout)
            concurrent.futures.wait(asked.values(), self._timeout)
            for topic, answer in asked.items():
                if answer.done() and answer.exception() is None:
                    found[topic] = str(answer.result().topic_id)
        # The client that reads reports what is wrong. The last two are from an `oauth_cb`.
        except (KafkaException, FrameworkError, KeyboardInterrupt, SystemExit) as error:
            logger.debug("The ids of topics are unknown: %s", error)
        return {topic: each for topic, each in found.items() if each != _NO_ID}

    def _free(self) -> None:
        # Confluent's admin client has no close(): it is closed with the last reference.
        self.client = None
