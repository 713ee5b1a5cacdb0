"""The ranges and words of settings are those of librdkafka."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.cimpl import Consumer, Producer

from framework.config_keys import ALIASES, BOOLEANS, CONSUMER_ONLY, FRACTIONS, INTEGERS, OTHER_WORDS, WORDS

ONLY_BOOL = {"delivery.report.only.error"}  # which Confluent's client reads itself
RANGES = {**INTEGERS, **FRACTIONS}


def refusal(key: str, value: object) -> str:
    """Return librdkafka's sentence; the last setting makes sure of one."""
    make = Consumer if key in CONSUMER_ONLY else Producer
    with pytest.raises(KafkaException) as caught:
        make({"bootstrap.servers": "127.0.0.1:1", "group.id": "g", key: value, "no.such.key": 1})
    return str(caught.value.args[0].str())


ACCEPTED = 'No such configuration property: "no.such.key"'


@pytest.mark.parametrize("key", sorted(RANGES))
def test_a_range_is_that_of_librdkafka(key: str) -> None:
    least, most = RANGES[key]
    assert [refusal(key, value) for value in (least, most)] == [ACCEPTED, ACCEPTED]
    assert f"allowed range {least}..{most}" in refusal(key, least - 1)


@pytest.mark.parametrize("key", sorted(BOOLEANS - ONLY_BOOL))
def test_a_boolean_is_one_for_librdkafka(key: str) -> None:
    assert {refusal(key, value) for value in (True, False, "t", "F", 1, "0")} == {ACCEPTED}
    assert refusal(key, "yes").startswith("Expected bool value for")


@pytest.mark.parametrize("key", sorted(WORDS))
def test_a_word_is_one_for_librdkafka(key: str) -> None:
    words = [*WORDS[key], *OTHER_WORDS.get(key, ())]
    assert {refusal(key, word) for word in [*words, *map(str.upper, words)]} == {ACCEPTED}
    assert "Invalid value" in refusal(key, "no-such-word")


@pytest.mark.parametrize("alias", sorted(ALIASES))
def test_an_alias_is_one_for_librdkafka(alias: str) -> None:
    values = {"bootstrap.servers": "h:1", "sasl.mechanism": "PLAIN", "compression.type": "lz4"}
    assert refusal(alias, values.get(ALIASES[alias], 1)) == ACCEPTED
