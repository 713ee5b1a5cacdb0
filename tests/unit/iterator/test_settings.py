from __future__ import annotations

from typing import Any

import pytest

from framework import App, ConfigError
from framework_iterator.reading.settings import ReadSettings, read_settings

SERVERS = "10.0.0.1:9092"


def read(
    app: dict[str, Any] | None = None, settings: dict[str, Any] | None = None, **options: Any
) -> ReadSettings:
    return read_settings(
        {"bootstrap.servers": SERVERS, "client.id": "example"} | (app or {}), settings, **options
    )


def refusal(app: dict[str, Any] | None = None, settings: Any = None, **options: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        read(app, settings, **options)
    return str(caught.value)


def test_a_finite_run_reads_with_these() -> None:
    assert read().kafka == {
        "bootstrap.servers": "10.0.0.1:9092",
        "client.id": "example",
        "group.id": "example-iterator",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "allow.auto.create.topics": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "error",
        "check.crcs": True,
        "reconnect.backoff.ms": 10,
        "fetch.queue.backoff.ms": 5,
        "queued.min.messages": 30_000,
        "fetch.wait.max.ms": 10,
    }


def test_following_leaves_the_broker_in_peace_and_is_told_of_ends_all_the_same() -> None:
    kafka = read(follow=True).kafka
    assert "fetch.wait.max.ms" not in kafka
    assert kafka["enable.partition.eof"] is True


def test_the_app_is_above_ours_and_the_callers_above_the_apps() -> None:
    key = "fetch.queue.backoff.ms"
    assert read().kafka[key] == 5
    assert read({key: 50}).kafka[key] == 50
    assert read({key: 50}, {key: 100}).kafka[key] == 100
    assert read({}, {key: 100}).kafka[key] == 100


def test_layers_are_merged_key_by_key() -> None:
    kafka = read({"isolation.level": "read_uncommitted"}, {"check.crcs": False}).kafka
    assert (kafka["isolation.level"], kafka["check.crcs"]) == ("read_uncommitted", False)
    assert kafka["bootstrap.servers"] == "10.0.0.1:9092"


def test_an_alias_counts_as_the_setting_itself() -> None:
    kafka = read({"metadata.broker.list": "10.0.0.2:9092"}, {"fetch.message.max.bytes": 1000}).kafka
    assert kafka["bootstrap.servers"] == "10.0.0.2:9092"
    assert kafka["max.partition.fetch.bytes"] == 1000
    assert "metadata.broker.list" not in kafka
    assert "fetch.message.max.bytes" not in kafka


def test_nothing_is_written_into_the_dictionaries_that_were_given() -> None:
    app, settings = {"client.id": "example"}, {"check.crcs": False}
    read_settings(app, settings)
    assert (app, settings) == ({"client.id": "example"}, {"check.crcs": False})


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("enable.auto.commit", True, False),
        ("auto.commit.enable", True, False),
        ("enable.auto.offset.store", True, False),
        ("allow.auto.create.topics", True, False),
        ("auto.offset.reset", "latest", "error"),
        ("enable.partition.eof", False, True),
        ("group.id", "shop", "example-iterator"),
    ],
)
def test_what_belongs_to_the_apps_consumers_is_left_out(key: str, value: object, expected: object) -> None:
    kafka = read({key: value}).kafka
    assert kafka[key if key in kafka else "enable.auto.commit"] == expected
    assert "auto.commit.enable" not in kafka


def test_the_apps_group_instance_is_left_out() -> None:
    assert "group.instance.id" not in read({"group.instance.id": "shop-1"}).kafka


@pytest.mark.parametrize("value", [True, "true", "True", "TRUE", "t", "1", 1], ids=repr)
@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("enable.auto.commit", "marks are committed, nothing else; use mark_as_consumed()"),
        ("enable.auto.offset.store", "only marks are stored; use mark_as_consumed()"),
        ("allow.auto.create.topics", "reading creates no topics"),
    ],
)
def test_what_would_break_a_promise_is_refused(key: str, why: str, value: object) -> None:
    assert refusal(settings={key: value}) == f"settings={{'{key}': {value!r}}} is refused: {why}."


def test_what_would_break_a_promise_is_refused_by_its_other_name_too() -> None:
    assert refusal(settings={"auto.commit.enable": True}) == (
        "settings={'enable.auto.commit': True} is refused: "
        "marks are committed, nothing else; use mark_as_consumed()."
    )


@pytest.mark.parametrize("value", [False, "false", "f", "0", 0], ids=repr)
@pytest.mark.parametrize(
    "key", ["enable.auto.commit", "enable.auto.offset.store", "allow.auto.create.topics"]
)
def test_to_turn_off_what_is_off_is_no_error(key: str, value: object) -> None:
    assert read(settings={key: value}).kafka[key] == value


@pytest.mark.parametrize("value", [False, "false", "False", "FALSE", "f", "0", 0], ids=repr)
def test_no_end_of_partition_means_follow(value: object) -> None:
    found = read(settings={"enable.partition.eof": value})
    assert found.follow is True
    assert found.kafka["enable.partition.eof"] is True
    assert "fetch.wait.max.ms" not in found.kafka


@pytest.mark.parametrize("value", [True, "true", "t", "1", 1], ids=repr)
def test_an_end_of_partition_is_what_a_finite_run_wants_anyway(value: object) -> None:
    found = read(settings={"enable.partition.eof": value})
    assert found.follow is False
    assert found.kafka["enable.partition.eof"] is True


def test_the_app_does_not_make_a_run_follow() -> None:
    assert read({"enable.partition.eof": False}).follow is False


def test_follow_is_follow_whatever_the_settings_say() -> None:
    assert read(settings={"enable.partition.eof": True}, follow=True).follow is True


@pytest.mark.parametrize(
    ("settings", "group_id", "expected"),
    [
        (None, None, "example-iterator"),
        ({}, None, "example-iterator"),
        ({"group.id": "nightly"}, None, "nightly"),
        (None, "mine", "mine"),
        ({"group.id": "nightly"}, "mine", "mine"),
        ({"client.id": "other"}, None, "other-iterator"),
    ],
)
def test_the_group_is_the_argument_else_the_setting_else_named_after_the_client(
    settings: dict[str, Any] | None, group_id: str | None, expected: str
) -> None:
    found = read({"group.id": "the-apps-own"}, settings, group_id=group_id)
    assert found.group_id == found.kafka["group.id"] == expected


@pytest.mark.parametrize("group", ["", " ", 7, True, False, b"nightly"], ids=repr)
def test_a_group_without_a_name_is_refused(group: Any) -> None:
    sentence = f"group_id={group!r} is invalid: expected the name of a group, or None."
    assert refusal(group_id=group) == sentence
    assert refusal(settings={"group.id": group}) == (
        f"group.id={group!r} is invalid: expected a non-empty str, or leave it out."
    )


@pytest.mark.parametrize(
    ("app", "settings", "expected"),
    [
        ({}, {}, "earliest"),
        ({"auto.offset.reset": "latest"}, {}, "latest"),
        ({"auto.offset.reset": "latest"}, {"auto.offset.reset": "earliest"}, "earliest"),
        ({}, {"auto.offset.reset": "error"}, "error"),
        ({}, {"auto.offset.reset": "LARGEST"}, "largest"),
    ],
)
def test_the_offset_reset_says_where_true_begins_and_never_where_a_run_jumps(
    app: dict[str, Any], settings: dict[str, Any], expected: str
) -> None:
    found = read(app, settings)
    assert found.reset == expected
    assert found.kafka["auto.offset.reset"] == "error"


@pytest.mark.parametrize("value", ["latst", "", None, -1, True], ids=repr)
def test_an_offset_reset_that_is_none_is_refused(value: object) -> None:
    assert refusal(settings={"auto.offset.reset": value}).startswith(
        f"auto.offset.reset={value!r} is invalid: expected 'earliest', 'latest' or 'error'"
    )


def test_a_stats_cb_without_an_interval_is_refused_as_it_is_never_called() -> None:
    sentence = "stats_cb is never called without statistics.interval.ms: pass the milliseconds."
    assert refusal(settings={"stats_cb": print}) == refusal({"stats_cb": print}) == sentence
    assert read({"stats_cb": print}, {"statistics.interval.ms": 5000}).kafka["stats_cb"] is print


@pytest.mark.parametrize("settings", ["check.crcs", [("check.crcs", True)], 5], ids=repr)
def test_settings_that_are_no_dictionary_are_refused(settings: object) -> None:
    assert refusal(settings=settings) == (
        f"Kafka settings of type {type(settings).__name__} are invalid: "
        "expected a dict of librdkafka's keys, such as {'bootstrap.servers': 'localhost:9092'}."
    )


def test_a_key_that_is_no_text_is_refused() -> None:
    assert (
        refusal(settings={5: True})
        == "Kafka setting 5 is invalid: expected a str, such as 'bootstrap.servers'."
    )


def test_no_secret_is_in_the_repr() -> None:
    found = read({"sasl.password": "hunter2"})
    assert found.kafka["sasl.password"] == "hunter2"
    assert "hunter2" not in repr(found)


def test_an_apps_settings_are_taken_as_they_are() -> None:
    app = App(
        kafka={"bootstrap.servers": SERVERS, "linger.ms": 5, "enable.auto.commit": True}, client_id="shop"
    )
    found = read_settings(app.kafka, None)
    assert found.group_id == "shop-iterator"
    assert found.kafka["enable.auto.commit"] is False
