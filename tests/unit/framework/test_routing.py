from __future__ import annotations

import inspect
import pickle
from typing import Any

import pytest

from framework import App, Deserializers, Routes, RoutingError, Topic, UnknownTopicError
from framework.deserializers import int32


def routes_of(*names: str) -> Routes:
    routes = Routes()
    for name in names:
        routes.add(Topic(name))
    return routes


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("flights", id="word"),
        pytest.param("Flights_2013.v-1", id="all kinds of characters"),
        pytest.param("...", id="three dots"),
        pytest.param("-", id="dash"),
        pytest.param("__consumer_offsets", id="one of Kafka's own"),
        pytest.param("0", id="digit"),
        pytest.param("a" * 249, id="249 characters"),
    ],
)
def test_a_name_that_kafka_takes_is_taken(name: str) -> None:
    assert Topic(name).name == name


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param(".", id="dot"),
        pytest.param("..", id="two dots"),
        pytest.param("a" * 250, id="250 characters"),
        pytest.param("flights 2013", id="space"),
        pytest.param("flights\n", id="line end"),
        pytest.param("shop/flights", id="slash"),
        pytest.param("flüge", id="umlaut"),
        pytest.param("flights٣", id="a digit of another script"),
    ],
)
def test_a_name_that_kafka_refuses_is_refused(name: str) -> None:
    with pytest.raises(RoutingError) as caught:
        Topic(name)

    assert str(caught.value) == (
        f"Topic name {name!r} is invalid: Kafka takes 1 to 249 letters, digits, '.', '_' and '-', "
        "but neither '.' nor '..'."
    )


@pytest.mark.parametrize("name", [None, 5, b"flights", ["flights"]])
def test_a_name_is_text(name: Any) -> None:
    with pytest.raises(RoutingError) as caught:
        Topic(name)

    assert str(caught.value) == f"Topic name {name!r} is invalid: expected a str."


# A topic


@pytest.mark.parametrize(
    "attribute", ["name", "active", "tombstones", "deserializers", "declared_at", "other"]
)
def test_a_topic_is_frozen(attribute: str) -> None:
    with pytest.raises(AttributeError):
        setattr(Topic("flights"), attribute, "changed")


def test_topics_that_say_the_same_are_equal_and_hash_alike() -> None:
    first, second = Topic("flights", payload=str), Topic("flights", payload=str)

    assert first == second
    assert len({first, second}) == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Topic("weather", payload=str), id="name"),
        pytest.param(Topic("flights", payload=bytes), id="payload"),
        pytest.param(Topic("flights", payload=str, key=bytes), id="key"),
        pytest.param(Topic("flights", payload=str, headers=bytes), id="headers"),
        pytest.param(Topic("flights", payload=str, active=False), id="state"),
        pytest.param(Topic("flights", payload=str, tombstones=True), id="tombstones"),
        pytest.param("flights", id="its name alone"),
    ],
)
def test_topics_that_differ_are_not_equal(other: object) -> None:
    assert Topic("flights", payload=str) != other


def test_a_topic_hashes_also_with_a_deserializer_that_does_not() -> None:
    class Unhashable:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self, data: bytes) -> bytes:
            return data

    assert {Topic("flights", payload=Unhashable())} != set()


def test_a_topic_shows_its_name_and_whether_it_is_inactive() -> None:
    assert repr(Topic("flights")) == "<Topic flights>"
    assert repr(Topic("weather", active=False)) == "<Topic weather inactive>"


def test_a_topic_knows_where_it_was_declared() -> None:
    frame = inspect.currentframe()
    assert frame is not None
    topic = Topic("flights")

    assert topic.declared_at == f"{__file__}:{frame.f_lineno - 2}"


def test_a_topic_keeps_what_was_declared_without_any_defaults() -> None:
    topic = Topic("flights", payload=int32)

    assert topic.active
    assert topic.deserializers == Deserializers(payload=int32)


def test_a_topic_may_be_written_with_its_type() -> None:
    assert Topic[int]("flights", payload=int32) == Topic("flights", payload=int32)


def test_a_topic_says_whether_tombstones_are_expected() -> None:
    assert [Topic("flights").tombstones, Topic("planes", tombstones=True).tombstones] == [False, True]


def test_a_topic_may_be_written_with_the_type_of_its_key() -> None:
    assert Topic[int, str]("flights", payload=int32, key=str) == Topic("flights", payload=int32, key=str)


def test_a_topic_pickles() -> None:
    topic = Topic("flights", payload=int32, active=False, tombstones=True)

    assert pickle.loads(pickle.dumps(topic)) == topic


# Routes


def test_a_name_is_declared_once_and_the_error_says_where() -> None:
    app = App()
    frame = inspect.currentframe()
    assert frame is not None
    app.topic("flights")
    line = frame.f_lineno - 1

    with pytest.raises(RoutingError) as caught:
        app.topic("flights", payload=str)
    assert str(caught.value) == f"Topic 'flights' is declared already, at {__file__}:{line}."


def test_a_topic_given_twice_is_declared_twice() -> None:
    flights = Topic("flights")

    with pytest.raises(RoutingError, match="Topic 'flights' is declared already, at "):
        App(topics=[flights, flights])


def test_a_declaration_that_is_refused_changes_nothing() -> None:
    app = App()
    first = app.topic("flights")

    with pytest.raises(RoutingError):
        app.topic("flights", payload=str)
    assert list(app.routes) == [first]


def test_what_is_no_topic_can_not_be_declared() -> None:
    names: Any = ["flights"]

    with pytest.raises(RoutingError) as caught:
        App(topics=names)
    assert (
        str(caught.value) == "'flights' is not a topic: pass framework.Topic('flights', payload=...) instead."
    )


def test_defaults_are_deserializers() -> None:
    defaults: Any = {"payload": str}

    with pytest.raises(RoutingError) as caught:
        App(defaults=defaults)
    assert str(caught.value) == (
        "defaults={'payload': <class 'str'>} is invalid: "
        "expected framework.Deserializers(payload=..., key=...)."
    )


@pytest.mark.parametrize(
    ("declared", "name", "sentence"),
    [
        pytest.param(
            ["flights", "weather"],
            "fligths",
            "Topic 'fligths' isn't declared. Did you mean 'flights'?",
            id="one close match",
        ),
        pytest.param(
            ["flights-eu", "flights-us", "weather"],
            "flights-as",
            "Topic 'flights-as' isn't declared. Did you mean 'flights-us' or 'flights-eu'?",
            id="two close matches",
        ),
        pytest.param(
            ["flights"],
            "weather",
            "Topic 'weather' isn't declared. Declare it: app.topic('weather').",
            id="no match",
        ),
        pytest.param(
            [], "flights", "Topic 'flights' isn't declared. Declare it: app.topic('flights').", id="no topic"
        ),
    ],
)
def test_an_unknown_topic_is_an_error_with_the_way_out(declared: list[str], name: str, sentence: str) -> None:
    with pytest.raises(UnknownTopicError) as caught:
        routes_of(*declared)[name]

    assert str(caught.value) == sentence


@pytest.mark.parametrize("kind", [UnknownTopicError, RoutingError, KeyError])
def test_an_unknown_topic_can_be_caught_as(kind: type[Exception]) -> None:
    with pytest.raises(kind):
        routes_of("flights")["weather"]


@pytest.mark.parametrize("name", [5, None])
def test_what_is_no_name_is_unknown(name: Any) -> None:
    with pytest.raises(UnknownTopicError, match=f"Topic '{name}' isn't declared"):
        routes_of("flights")[name]


def test_look_ups_see_inactive_topics() -> None:
    app = App()
    weather = app.topic("weather", active=False)

    assert app.routes["weather"] is weather
    assert app.routes.find("weather") is weather
    assert app.routes.find_or_default("weather") is weather
    assert "weather" in app.routes
    assert list(app.routes) == [weather]


def test_find_gives_none_for_an_unknown_topic() -> None:
    assert routes_of("flights").find("weather") is None


def test_find_or_default_gives_a_topic_with_all_defaults_and_adds_nothing() -> None:
    routes = routes_of("flights")

    assert routes.find_or_default("weather") == Topic("weather")
    assert "weather" not in routes
    assert len(routes) == 1


def test_active_topics_come_in_the_order_of_their_declaration() -> None:
    app = App()
    flights = app.topic("flights")
    app.topic("weather", active=False)
    airports = app.topic("airports")

    assert app.routes.active == [flights, airports]


def test_routes_have_a_length_an_order_and_members() -> None:
    routes = routes_of("b", "a", "c")

    assert len(routes) == 3
    assert [topic.name for topic in routes] == ["b", "a", "c"]
    assert "a" in routes
    assert "d" not in routes


def test_a_topic_is_in_the_routes_that_declare_it_like_that() -> None:
    routes = routes_of("flights")

    assert Topic("flights") in routes
    assert Topic("flights", payload=str) not in routes
    assert Topic("weather") not in routes


def test_routes_show_their_topics() -> None:
    assert repr(routes_of("b", "a")) == "<Routes b, a>"
    assert repr(Routes()) == "<Routes empty>"


def test_a_topics_deserializers_are_merged_when_they_are_looked_up() -> None:
    app = App()
    flights = app.topic("flights", key=int32)
    app.routes.defaults = Deserializers(payload=str, key=bytes)

    assert app.routes.deserializers(flights) == Deserializers(payload=str, key=int32)
    assert app.routes["flights"].deserializers == Deserializers(key=int32)


@pytest.mark.parametrize("option", ["active", "tombstones"])
@pytest.mark.parametrize("value", ["no", 0, None], ids=repr)
def test_a_flag_of_a_topic_is_true_or_false(option: str, value: object) -> None:
    options: dict[str, Any] = {option: value}
    with pytest.raises(RoutingError) as caught:
        App().topic("flights", **options)
    assert str(caught.value) == f"{option}={value!r} is invalid: expected True or False."


@pytest.mark.parametrize("topics", [None, 5, Topic("flights")], ids=repr)
def test_topics_that_are_no_list_are_refused(topics: Any) -> None:
    with pytest.raises(RoutingError) as caught:
        App(topics=topics)
    assert str(caught.value) == (
        f"topics={topics!r} is invalid: expected a list of Topics, such as [Topic('flights')]."
    )
