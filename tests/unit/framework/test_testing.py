from __future__ import annotations

import datetime
import pathlib
from typing import Any

import pytest

from framework import App, AppNotFoundError, ConfigError, Deserializers, current
from framework.testing import build_message, mock_cluster, reset_current_app

SERIALIZE = "Serialize it as the producer does, such as json.dumps(...).encode()."


def test_a_message_is_built_with_a_topics_deserializers(app: App) -> None:
    flights = app.topic("flights", payload=str, key=len)
    message = build_message(flights, b"{}", key=b"abc", headers=[("a", b"1")], partition=3, offset=17)

    assert repr(message) == "<Message flights-3@17>"
    assert (message.payload, message.key, message.headers) == ("{}", 3, {"a": "1"})


def test_a_message_is_built_by_a_topics_name(app: App) -> None:
    app.topic("flights", payload=str)

    assert build_message("flights", b"{}").payload == "{}"
    assert build_message("weather", b"{}").payload == {}
    assert "weather" not in app.routes


def test_a_message_is_built_by_another_app_than_the_current_one(app: App) -> None:
    other = App(defaults=Deserializers(payload=str))
    current.choose(app)

    assert build_message("flights", b"{}", app=other).payload == "{}"


@pytest.mark.usefixtures("app")
def test_a_built_message_has_little_by_default() -> None:
    message = build_message("flights", None)

    assert repr(message) == "<Message flights-0@0>"
    assert (message.payload, message.key, message.headers, message.timestamp) == (None, None, {}, None)
    assert message.is_tombstone


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(datetime.datetime(2013, 12, 25, 10, tzinfo=datetime.UTC), id="UTC"),
        pytest.param(
            datetime.datetime(2013, 12, 25, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=-5))),
            id="another zone",
        ),
        pytest.param(
            datetime.datetime(2013, 12, 25, 10, 0, 0, 999, tzinfo=datetime.UTC), id="microseconds are cut off"
        ),
    ],
)
def test_a_built_messages_timestamp_is_in_utc(moment: datetime.datetime) -> None:
    timestamp = build_message("flights", b"1", timestamp=moment).timestamp

    assert timestamp == datetime.datetime(2013, 12, 25, 10, tzinfo=datetime.UTC)


@pytest.mark.usefixtures("app")
def test_a_naive_timestamp_is_local_time() -> None:
    local = datetime.datetime(2013, 12, 25, 10, tzinfo=datetime.UTC).astimezone()
    message = build_message("flights", b"1", timestamp=local.replace(tzinfo=None))

    assert message.timestamp == local


def test_a_message_needs_an_app(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(AppNotFoundError, match="No application found"):
        build_message("flights", b"1")


def test_reset_forgets_the_current_app(app: App) -> None:
    current.choose(app)
    reset_current_app()

    assert current.find() is None


def test_a_mock_cluster_takes_messages_and_makes_topics_with_four_partitions() -> None:
    with mock_cluster() as servers:
        app = App(kafka={"bootstrap.servers": servers})
        with app.producer() as producer:
            producer.produce("flights", b"1", partition=3)

        assert app.admin().topics() == {"flights": 4}


def test_a_mock_cluster_has_as_many_brokers_as_asked_for() -> None:
    with mock_cluster(brokers=3) as servers:
        assert len(set(servers.split(","))) == 3


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("headers", [{"a": b"1", "b": None}, [("a", b"1"), ("b", None)]])
def test_a_built_message_takes_headers_as_producers_do(headers: Any) -> None:
    assert build_message("flights", b"{}", headers=headers).raw_headers == [("a", b"1"), ("b", None)]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"key": "k"}, "key='k' is invalid: expected bytes or None. Pass 'k'.encode()."),
        (
            {"key": 7},
            f"key=7 is invalid: expected bytes or None, not int. {SERIALIZE}",
        ),
        (
            {"payload": {}},
            f"payload={{}} is invalid: expected bytes or None, not dict. {SERIALIZE}",
        ),
        ({"headers": ["a"]}, "headers=['a'] is invalid: expected a dict, or pairs of a str and bytes."),
        ({"headers": b"a"}, "headers=b'a' is invalid: expected a dict, or pairs of a str and bytes."),
        ({"headers": 7}, "headers=7 is invalid: expected a dict, or pairs of a str and bytes."),
        ({"headers": {"a": "1"}}, "headers['a']='1' is invalid: expected bytes or None. Pass '1'.encode()."),
    ],
)
def test_what_no_message_has_is_refused(parts: Any, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build_message("flights", **{"payload": b"{}"} | parts)
    assert str(caught.value) == sentence
