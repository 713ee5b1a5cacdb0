"""Where no broker is to be had, BrokerUnavailableError names the address and the reason, in time."""

from __future__ import annotations

import pytest

from framework import BrokerUnavailableError
from framework_iterator import Iterator
from tests.faults.brokers import Broker, app_of, assert_reads_on, bounded

# A part of a name has 63 letters at most: no resolver is asked for this one.
NOWHERE = f"{'x' * 64}.invalid:9092"


def test_a_name_that_does_not_resolve(broker: Broker) -> None:
    app = app_of(NOWHERE, broker_timeout=1.0)
    with bounded(), pytest.raises(BrokerUnavailableError) as caught:
        list(Iterator("flights", app=app))
    assert f"No broker answered at {NOWHERE} within 1 s: {NOWHERE}/bootstrap: Failed to resolve" in str(
        caught.value
    )
    assert_reads_on(broker)


def test_of_several_addresses_one_that_works_is_enough(broker: Broker) -> None:
    with bounded():
        assert_reads_on(broker, app_of(f"{NOWHERE},127.0.0.1:1,{broker.straight}"))


def test_a_broker_whose_advertised_address_is_dead(broker: Broker) -> None:
    name = broker.topic(1, ["a"])
    broker.proxy.stop()
    inner = f"127.0.0.1:{broker.inner_port}"
    with bounded(), pytest.raises(BrokerUnavailableError) as caught:
        list(Iterator(name, app=app_of(inner, broker_timeout=3.0)))
    assert inner in str(caught.value)
    assert broker.proxied in str(caught.value)
    assert_reads_on(broker)


def test_a_broker_that_froze_before_the_first_message(broker: Broker) -> None:
    app = app_of(broker.straight, broker_timeout=1.0)
    name = broker.topic(1, ["a"])
    iterator = Iterator(name, app=app)
    broker.server.pause()
    with bounded(), pytest.raises(BrokerUnavailableError, match=f"No broker answered at {broker.straight}"):
        iterator.plan()
    with bounded(), pytest.raises(BrokerUnavailableError, match="within 1 s"):
        list(iterator)
    assert iterator.report is None
    broker.recover()
    # With more patience: a second is short for a broker that has just woken up on a busy machine.
    assert [message.payload for message in Iterator(name, app=app_of(broker.straight))] == ["a"]
