"""What is decided when an Iterator is made: no broker is there, and none is asked."""

from __future__ import annotations

import collections.abc as cabc
import inspect
import pathlib
import re
import sys
from typing import Any

import pytest

from framework import App, AppNotFoundError, ConfigError, Topic
from framework.testing import build_message, reset_current_app
from framework_iterator import InvalidOptionError, InvalidStartError, Iterator
from framework_iterator.reading.source import Source

FLIGHTS: Topic[Any] = Topic("flights")


@pytest.fixture(autouse=True)
def _nobody_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(_source: Source, *_given: object) -> None:
        raise AssertionError("A broker was asked.")

    monkeypatch.setattr(Source, "__init__", connect)


@pytest.fixture(autouse=True)
def app() -> cabc.Iterator[App]:
    """The only application, and so the current one."""
    reset_current_app()
    yield App(kafka={"bootstrap.servers": "127.0.0.1:1"}, client_id="example")
    reset_current_app()


def make(topics: Any = "flights", **options: Any) -> Iterator[Any]:
    return Iterator(topics, **options)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"topics": FLIGHTS},
        {"topics": ["flights", "weather"]},
        {"topics": {FLIGHTS: -10, "weather": {0: "latest", 1: True}}},
        {"until": -1, "limit": 0},
        {"until": {"flights": {0: 5}}, "limit": 2**70},
        {"settings": {"isolation.level": "read_uncommitted"}, "group_id": "nightly"},
        {"follow": True, "yield_none": True, "max_wait": 1},
    ],
    ids=repr,
)
def test_making_it_asks_no_broker(options: dict[str, Any]) -> None:
    assert make(**options).report is None


@pytest.mark.parametrize(
    ("topics", "named"),
    [
        (None, "None isn't a topic."),
        ("", "Topic name '' is invalid:"),
        (b"flights", "b'flights' isn't a topic."),
        ([], "[] names no topic: name at least one."),
        ({}, "{} names no topic: name at least one."),
        (["flights", FLIGHTS], "Topic 'flights' is named twice:"),
        ({"flights": False}, "False isn't a start."),
        ({"flights": 0.5}, "0.5 isn't a start."),
        ({"flights": "latst"}, "'latst' isn't a start."),
        ({"flights": {-1: 0}}, "-1 isn't a partition of 'flights':"),
        ({"flights": []}, "[] names no partition of 'flights'."),
    ],
)
def test_wrong_topics_and_starts_raise_at_once(topics: object, named: str) -> None:
    with pytest.raises(InvalidStartError) as caught:
        make(topics)
    assert str(caught.value).startswith(named)


@pytest.mark.parametrize(
    ("until", "named"),
    [
        (True, "until=True isn't an end."),
        ("committed", "until='committed' isn't an end."),
        (0.5, "until=0.5 isn't an end."),
        ({"weather": 5}, "until names topic 'weather', which isn't read here: only flights."),
    ],
)
def test_a_wrong_end_raises_at_once(until: object, named: str) -> None:
    with pytest.raises(InvalidStartError) as caught:
        make(until=until)
    assert str(caught.value).startswith(named)


@pytest.mark.parametrize("limit", [-1, True, False, 0.5, 1.0, "10", b"1", []], ids=repr)
def test_a_wrong_limit_raises_at_once(limit: object) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        make(limit=limit)
    assert str(caught.value) == (f"limit={limit!r} is invalid: expected an int >= 0 or None.")


@pytest.mark.parametrize("max_wait", [0, -1, True, None, "1", float("inf"), float("nan")], ids=repr)
def test_a_wrong_wait_raises_at_once(max_wait: object) -> None:
    with pytest.raises(ConfigError) as caught:
        make(max_wait=max_wait)
    assert str(caught.value) == f"max_wait={max_wait!r} is invalid: expected a positive number of seconds."


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"settings": {"enable.auto.commit": True}}, "settings={'enable.auto.commit': True} is refused:"),
        ({"settings": ["check.crcs"]}, "Kafka settings of type list are invalid"),
        ({"settings": {"auto.offset.reset": "latst"}}, "auto.offset.reset='latst' is invalid:"),
        ({"group_id": ""}, "group_id='' is invalid:"),
    ],
    ids=repr,
)
def test_wrong_settings_raise_at_once(options: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make(**options)
    assert str(caught.value).startswith(named)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param(
            {"where": "total > 5"},
            "where='total > 5' is invalid: expected a function of the message, such as "
            "lambda message: message.payload.total > 1000.",
            id="where",
        ),
        pytest.param(
            {"containing": 5},
            "containing=5 is invalid: expected text, bytes, or a compiled pattern of bytes.",
            id="containing",
        ),
        pytest.param(
            {"containing": ""},
            "containing='' is invalid: every payload contains it. Leave it out to read all.",
            id="containing-nothing",
        ),
        pytest.param(
            {"order": "oldest"},
            "order='oldest' is invalid: expected 'time', 'newest' or None, which is the order of arrival.",
            id="order",
        ),
        pytest.param(
            {"order": "time", "follow": True},
            "order='time' can't follow, with or without until: leave follow out.",
            id="time-and-follow",
        ),
        pytest.param(
            {"order": "newest", "settings": {"enable.partition.eof": False}},
            "order='newest' can't follow, with or without until: leave follow out.",
            id="newest-and-a-setting-that-follows",
        ),
        pytest.param(
            {"errors": "ignore"}, "errors='ignore' is invalid: expected 'raise' or 'skip'.", id="errors"
        ),
    ],
)
def test_wrong_options_raise_at_once(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        make(**options)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "options",
    [
        {"where": bool},
        {"key": None},
        {"key": 5},  # what keys are is known when the run starts
        {"containing": b"timeout", "follow": True},
        {"containing": re.compile(b"time-?out")},
        {"order": "time"},
        {"order": "newest", "limit": 10, "where": bool, "yield_none": True},
        {"key": "C-42", "follow": True, "errors": "skip"},
    ],
    ids=repr,
)
def test_a_search_and_an_order_ask_no_broker(options: dict[str, Any]) -> None:
    assert make(**options).report is None


def test_marks_of_the_newest_first_are_refused() -> None:
    with pytest.raises(InvalidOptionError) as caught:
        make(order="newest").mark_as_consumed(build_message("flights", b"1"))
    assert str(caught.value) == (
        'Marks are refused with order="newest": they would skip the older messages, which come later.'
    )


# Snapshots


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"where": bool},
            "snapshot() with where is refused: it is of all messages. Filter or sort the dictionary.",
        ),
        (
            {"containing": "5"},
            "snapshot() with containing is refused: it is of all messages. Filter or sort the dictionary.",
        ),
        (
            {"follow": True},
            "snapshot() with follow is refused: it is of all messages. Filter or sort the dictionary.",
        ),
        (
            {"limit": 0},
            "snapshot() with limit is refused: it is of all messages. Filter or sort the dictionary.",
        ),
        (
            {"order": "time"},
            "snapshot() with order is refused: it is of all messages. Filter or sort the dictionary.",
        ),
        (
            {"errors": "skip"},
            'snapshot() with errors="skip" is refused: it is of all messages. Filter or sort the dictionary.',
        ),
        (
            {"topics": ["flights", "weather"]},
            "snapshot() is of one topic, and flights, weather are several: take one.",
        ),
        (
            {"where": bool, "limit": 5, "key": "C-42"},
            "snapshot() with where is refused: it is of all messages. Filter or sort the dictionary.",
        ),
    ],
    ids=repr,
)
def test_a_snapshot_is_of_one_whole_topic(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        make(**options).snapshot()
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "options",
    [{}, {"key": "C-42"}, {"topics": {"flights": -100}}, {"until": 5}, {"yield_none": True}],
    ids=repr,
)
def test_a_snapshot_of_one_topic_asks_the_broker(options: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="A broker was asked"):
        make(**options).snapshot()


def test_an_option_there_is_not_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="offset"):
        make(offset=5)


def test_all_options_are_given_by_name() -> None:
    [_self, topics, *options] = inspect.signature(Iterator.__init__).parameters.values()
    assert topics.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert {option.kind for option in options} == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("app", None),
        ("settings", None),
        ("until", None),
        ("where", None),
        ("containing", None),
        ("order", None),
        ("limit", None),
        ("follow", False),
        ("errors", "raise"),
        ("yield_none", False),
        ("max_wait", 0.2),
        ("group_id", None),
    ],
)
def test_every_option_has_a_default(name: str, default: object) -> None:
    assert inspect.signature(Iterator.__init__).parameters[name].default == default


@pytest.mark.parametrize(
    ("topics", "text"),
    [
        ("flights", "<Iterator flights>"),
        (FLIGHTS, "<Iterator flights>"),
        (["weather", "flights"], "<Iterator weather, flights>"),
        ({"flights": {3: -10}}, "<Iterator flights>"),
    ],
    ids=repr,
)
def test_it_says_what_it_reads(topics: object, text: str) -> None:
    assert repr(make(topics)) == text


def test_it_is_an_iterable_and_not_its_own_iterator() -> None:
    iterator = make()
    assert isinstance(iterator, cabc.Iterable)
    assert not isinstance(iterator, cabc.Iterator)
    assert iter(iterator) is not iter(iterator)


def test_iter_and_first_take_no_arguments() -> None:
    assert list(inspect.signature(make().__iter__).parameters) == []
    assert list(inspect.signature(make().first).parameters) == []


def test_a_run_begins_with_its_first_message_and_not_before() -> None:
    messages = iter(make())
    with pytest.raises(AssertionError, match="A broker was asked"):
        next(messages)


@pytest.mark.parametrize("ask", [Iterator.first, Iterator.plan, list], ids=["first", "plan", "list"])
def test_only_what_reads_asks_a_broker(ask: cabc.Callable[[Any], object]) -> None:
    with pytest.raises(AssertionError, match="A broker was asked"):
        ask(make())


def test_what_failed_before_it_began_was_no_run() -> None:
    iterator = make()
    for _ in range(2):
        with pytest.raises(AssertionError, match="A broker was asked"):
            iterator.first()
    assert iterator.report is None


def test_with_gives_the_iterator_and_closing_without_a_run_does_nothing() -> None:
    iterator = make()
    with iterator as given:
        assert given is iterator
    iterator.close()
    iterator.close()


def test_an_iterator_that_was_never_run_may_be_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    # What fails there can't be raised; Python says it here.
    failed: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", failed.append)
    iterator = make()
    messages = iter(iterator)
    del messages
    assert failed == []
    assert iterator.report is None


def test_the_app_that_is_passed_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def connect(_source: Source, settings: dict[str, object], within: float, _stall: object) -> None:
        asked.append((settings["bootstrap.servers"], within))
        raise AssertionError("A broker was asked.")

    monkeypatch.setattr(Source, "__init__", connect)
    other = App(kafka={"bootstrap.servers": "127.0.0.1:2"}, broker_timeout=3.0)
    with pytest.raises(AssertionError):
        make(app=other).plan()
    assert asked == [("127.0.0.1:2", 3.0)]


def test_without_any_app_the_ways_to_one_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    reset_current_app()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AppNotFoundError, match=r"^No application found. Pass one \(app=...\)"):
        make()


def test_with_two_apps_one_has_to_be_chosen(app: App) -> None:
    other = App(client_id="other")
    with pytest.raises(AppNotFoundError, match="There are 2 applications and none was chosen"):
        make()
    for each in (app, other):
        make(app=each)
