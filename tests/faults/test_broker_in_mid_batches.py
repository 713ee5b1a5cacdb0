"""A broker that stops between two batches is waited for; where it stays away, the rest can be resumed."""

from __future__ import annotations

import collections.abc as cabc

import pytest

from framework import BrokerTimeoutError
from framework_iterator import Iterator
from tests import support
from tests.faults.brokers import Broker, app_of, assert_reads_on, bounded
from tests.faults.haste import Haste
from tests.kafka_server import KafkaServer
from tests.scenarios.batching import flat, places, sizes
from tests.scenarios.reading import report_of
from tests.scenarios.waiting import beside
from tests.support import SMALL

WAYS = pytest.mark.parametrize("end", [KafkaServer.kill, KafkaServer.pause], ids=["killed", "frozen"])


@WAYS
def test_one_that_comes_back_costs_no_message(
    broker: Broker, end: cabc.Callable[[KafkaServer], None]
) -> None:
    name = broker.large(40, 2)
    iterator = Iterator(name, app=app_of(broker.straight), settings=SMALL)
    run = iterator.batches(size=8)
    given = [next(run), next(run)]
    end(broker.server)

    def come_back() -> None:
        broker.server.resume() if broker.server.is_running else broker.server.start()

    with beside(come_back):
        given += run
    assert places(flat(given)) == {(name, 0): list(range(40)), (name, 1): list(range(40))}
    # One that waits for the broker is given when it has waited for max_wait: so not all are full.
    assert max(sizes(given)) == 8
    assert (report_of(iterator).ended, report_of(iterator).lost) == ("end", 0)
    assert_reads_on(broker)


@WAYS
def test_where_it_stays_away_all_that_was_fetched_is_given_and_the_rest_can_be_resumed(
    broker: Broker, end: cabc.Callable[[KafkaServer], None], haste: Haste
) -> None:
    name = broker.large(40)
    iterator = Iterator(name, app=app_of(broker.straight), settings=SMALL)
    given: list[int] = []
    with bounded(), pytest.raises(BrokerTimeoutError) as caught:
        for batch in iterator.batches(size=3):
            if not given:
                end(broker.server)
                haste.begin()
            given += batch.offsets
    assert 0 < len(given) < 40
    report = report_of(iterator)
    assert (report.ended, report.error, report.messages) == ("error", caught.value, len(given))
    assert report.positions == {name: {0: len(given)}}
    haste.end()
    broker.recover()
    rest = Iterator(name, app=app_of(broker.straight), resume=report.positions)
    assert given + [message.offset for message in rest] == list(range(40))


def test_following_goes_on_in_batches_after_a_restart(broker: Broker) -> None:
    name = broker.topic(1, ["a", "b"])
    iterator = Iterator(name, app=app_of(broker.straight), follow=True, limit=4, max_wait=0.1)
    offsets = []
    with bounded(60.0):
        for batch in iterator.batches():
            offsets += batch.offsets
            if offsets == [0, 1]:
                broker.server.restart()
                support.produce(broker.producer, name, ["c", "d"])
    assert offsets == [0, 1, 2, 3]
    assert (report_of(iterator).ended, report_of(iterator).lost) == ("limit", 0)
    assert_reads_on(broker)
