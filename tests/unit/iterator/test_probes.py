from __future__ import annotations

import collections.abc as cabc
import threading
import types
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.cimpl import Consumer

from framework import BrokerError
from framework.client_errors import ClientErrors
from framework.types import TopicPartition
from framework.worker import Worker
from framework_iterator.planning.probes import Lookup, Probes
from tests import support
from tests.unit.iterator.fakes import F0, F1, W0


class Cluster:
    """A consumer whose topics have these partitions, each with its leader."""

    def __init__(self, **leaders: cabc.Sequence[int]) -> None:
        self.leaders = leaders
        self.asked: list[str | None] = []
        self.missing: list[TopicPartition] = []
        self.error: KafkaError | None = None
        self.answers = threading.Event()
        self.answers.set()
        self.probes = Probes(cast("Consumer", self), ClientErrors("127.0.0.1:1"), Worker("a-probe"), 0.05)

    def list_topics(self, topic: str | None = None, *, timeout: float) -> Any:  # noqa: ARG002
        self.asked.append(topic)
        assert self.answers.wait(support.LIMIT)
        if self.error is not None:
            raise KafkaException(self.error)
        wanted = self.leaders if topic is None else {topic: self.leaders.get(topic, ())}
        return types.SimpleNamespace(topics={name: _topic(leaders) for name, leaders in wanted.items()})

    def take_missing(self) -> list[TopicPartition]:
        self.missing += self.probes.take_missing()
        return self.missing

    def find(self, *topics: str) -> Lookup:
        return done(self.probes.find_partitions(topics))


def _topic(leaders: cabc.Sequence[int]) -> Any:
    each = [types.SimpleNamespace(leader=leader) for leader in leaders]
    return types.SimpleNamespace(partitions=dict(enumerate(each)))


def done(lookup: Lookup) -> Lookup:
    support.wait_until(lambda: lookup.found is not None, "an answer")
    return lookup


def test_one_topic_is_asked_for_by_its_name() -> None:
    cluster = Cluster(flights=[1, 1, 1], weather=[1])
    assert cluster.find("flights").found == {"flights": [0, 1, 2]}
    assert cluster.asked == ["flights"]


def test_several_topics_are_one_request() -> None:
    cluster = Cluster(flights=[1, 1], weather=[1], others=[1])
    assert cluster.find("flights", "weather").found == {"flights": [0, 1], "weather": [0]}
    assert cluster.asked == [None]


def test_a_topic_that_is_not_known_at_the_moment_is_left_out() -> None:
    cluster = Cluster(flights=[1])
    assert cluster.find("flights", "weather").found == {"flights": [0]}
    assert cluster.find("weather").found == {"weather": []}


def test_a_partition_without_a_leader_is_left_out_until_it_has_one() -> None:
    cluster = Cluster(flights=[1, -1, 1])
    assert cluster.find("flights").found == {"flights": [0, 2]}
    cluster.leaders = {"flights": [1, 1, 1]}
    assert cluster.find("flights").found == {"flights": [0, 1, 2]}


def test_a_request_that_fails_finds_nothing_and_keeps_the_error() -> None:
    cluster = Cluster(flights=[1])
    cluster.error = KafkaError(KafkaError._TRANSPORT)
    failed = cluster.find("flights")
    assert (failed.found, isinstance(failed.error, BrokerError)) == ({}, True)
    cluster.error = None
    assert (cluster.find("flights").found, cluster.find("flights").error) == ({"flights": [0]}, None)


def test_nobody_waits_for_an_answer() -> None:
    cluster = Cluster(flights=[1])
    cluster.answers.clear()
    lookup = cluster.probes.find_partitions(["flights"])
    assert lookup.found is None
    cluster.answers.set()
    assert done(lookup).found == {"flights": [0]}


def test_partitions_that_do_not_exist_any_more_are_missing() -> None:
    cluster = Cluster(flights=[1], weather=[])
    cluster.probes.check_exists([F0, F1, W0])
    support.wait_until(lambda: cluster.take_missing(), "an answer")
    assert (cluster.missing, cluster.probes.take_missing()) == ([F1, W0], [])


def test_a_check_that_fails_is_logged_and_finds_nothing_missing(caplog: pytest.LogCaptureFixture) -> None:
    cluster = Cluster(flights=[])
    cluster.error = KafkaError(KafkaError._TRANSPORT)
    cluster.probes.check_exists([F0])
    support.wait_until(lambda: caplog.messages, "a warning")
    assert caplog.messages[0].endswith("Retrying.")
    assert cluster.probes.take_missing() == []


def test_partitions_whose_check_is_overdue_are_given_once_so_that_the_loop_asks_for_them() -> None:
    cluster = Cluster(flights=[1, 1])
    cluster.answers.clear()
    cluster.probes.check_exists([F0, F1])
    assert cluster.probes.take_missing() == []
    support.wait_until(lambda: cluster.take_missing(), "an overdue check")
    assert (cluster.missing, cluster.probes.take_missing()) == ([F0, F1], [])
    cluster.answers.set()


def test_the_loop_waits_for_an_overdue_request_which_returns_when_nothing_polls_the_client(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster = Cluster(flights=[1, 1], weather=[])
    cluster.answers.clear()
    wait = Worker.wait

    def wait_and_answer(worker: Worker, _timeout: float) -> bool:
        cluster.answers.set()
        return wait(worker, support.LIMIT)

    monkeypatch.setattr(Worker, "wait", wait_and_answer)
    cluster.probes.check_exists([F0, W0])
    support.wait_until(lambda: cluster.take_missing(), "an overdue check")
    assert cluster.missing == [W0]


@pytest.mark.parametrize("first", ["check", "look"])
def test_a_request_waits_for_the_one_before_and_is_not_lost(first: str) -> None:
    cluster = Cluster(flights=[1], weather=[])
    cluster.answers.clear()
    if first == "check":
        cluster.probes.check_exists([W0])
        lookup = cluster.probes.find_partitions(["flights"])
    else:
        lookup = cluster.probes.find_partitions(["flights"])
        cluster.probes.check_exists([W0])
    support.wait_until(lambda: cluster.asked, "the first request")
    assert cluster.probes.take_missing() == []
    assert len(cluster.asked) == 1
    cluster.answers.set()
    support.wait_until(lambda: cluster.take_missing() and lookup.found, "both answers")
    assert (cluster.missing, lookup.found) == ([W0], {"flights": [0]})
