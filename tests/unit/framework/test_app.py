from __future__ import annotations

import collections.abc as cabc
import copy
import inspect
import pickle
from typing import Any

import pytest

from framework import App, ConfigError, Deserializers, RoutingError, Topic
from framework.deserializers import int32
from framework.testing import reset_current_app


def test_an_app_without_arguments_works_on_a_laptop() -> None:
    app = App()

    assert app.kafka == {"bootstrap.servers": "127.0.0.1:9092", "client.id": "framework"}
    assert (app.client_id, app.broker_timeout, app.stall_timeout) == ("framework", 10.0, 60.0)
    assert app.defaults == Deserializers()
    assert len(app.routes) == 0


def test_options_have_names() -> None:
    kinds = {parameter.kind for parameter in inspect.signature(App).parameters.values()}

    assert kinds == {inspect.Parameter.KEYWORD_ONLY}


def test_an_app_is_made_with_no_broker_running(app: App) -> None:
    assert app.kafka["bootstrap.servers"] == "127.0.0.1:1"


def test_kafkas_keys_are_untouched() -> None:
    kafka = {"group.id": "g", "acks": "all", "any.thing": object()}

    assert App(kafka=kafka).kafka == {
        "bootstrap.servers": "127.0.0.1:9092",
        "client.id": "framework",
        **kafka,
    }


def test_the_settings_are_a_copy_in_and_out() -> None:
    given = {"acks": "all"}
    app = App(kafka=given)
    given["acks"] = "0"
    app.kafka["acks"] = "1"

    assert app.kafka["acks"] == "all"


@pytest.mark.parametrize(
    ("arguments", "client_id"),
    [
        pytest.param({"client_id": "example"}, "example", id="client_id"),
        pytest.param({"kafka": {"client.id": "other"}}, "other", id="client.id"),
        pytest.param({"client_id": "example", "kafka": {"client.id": "other"}}, "other", id="both"),
    ],
)
def test_a_client_says_who_it_is(arguments: dict[str, Any], client_id: str) -> None:
    assert App(**arguments).client_id == client_id


def test_a_topic_is_declared_and_given_back(app: App) -> None:
    flights = app.topic("flights", payload=int32, key=str, headers=bytes, active=False)

    assert flights == Topic("flights", payload=int32, key=str, headers=bytes, active=False)
    assert app.routes["flights"] is flights


def test_topics_may_be_given_when_the_app_is_made() -> None:
    flights, weather = Topic("flights", payload=int32), Topic("weather", active=False)
    app = App(topics=[flights, weather])

    assert list(app.routes) == [flights, weather]


def test_both_spellings_share_one_list() -> None:
    app = App(topics=[Topic("flights")])

    with pytest.raises(RoutingError, match="Topic 'flights' is declared already, at "):
        app.topic("flights")


def test_defaults_are_those_of_the_routes() -> None:
    defaults = Deserializers(payload=str)
    app = App(defaults=defaults)

    assert app.defaults is defaults
    assert app.routes.defaults is defaults


def test_an_app_shows_who_it_is_and_where_it_was_made() -> None:
    frame = inspect.currentframe()
    assert frame is not None
    app = App(client_id="example", kafka={"sasl.password": "s3cret"})

    assert repr(app) == f"<App 'example' of {__file__}:{frame.f_lineno - 2}>"


def test_an_app_that_could_not_be_made_is_not_the_current_one() -> None:
    reset_current_app()
    with pytest.raises(RoutingError):
        App(topics=[Topic("flights"), Topic("flights")])
    app = App()

    from framework.discovery import find_app

    assert find_app() is app


def test_override_puts_settings_above_the_apps_own_within_the_block(app: App) -> None:
    before = app.kafka
    with app.override({"bootstrap.servers": "127.0.0.1:2", "acks": "all"}) as same:
        assert same is app
        assert app.kafka == before | {"bootstrap.servers": "127.0.0.1:2", "acks": "all"}

    assert app.kafka == before


def test_override_gives_a_broker_other_seconds_within_the_block(app: App) -> None:
    with app.override(broker_timeout=3):
        assert app.broker_timeout == 3
    assert app.broker_timeout == 0.3  # as before
    with pytest.raises(ConfigError) as caught, app.override(broker_timeout=0):
        pass
    assert str(caught.value) == "broker_timeout=0 is invalid: expected a positive number of seconds."


def test_override_ends_with_an_exception_and_can_be_nested(app: App) -> None:
    before = app.kafka
    with pytest.raises(KeyError), app.override({"acks": "1"}), app.override({"acks": "0"}):
        assert app.kafka["acks"] == "0"
        raise KeyError

    assert app.kafka == before


def test_shell_names_add_names_and_stay_functions(app: App) -> None:
    flights = app.topic("flights")

    @app.shell_names
    def more() -> dict[str, object]:
        return {"answer": 42}

    @app.shell_names
    def later() -> dict[str, object]:
        return {"answer": 43}

    assert app.namespace() == {
        "app": app, "topics": {"flights": flights}, "flights": flights, "answer": 43,
    }  # fmt: skip
    assert more() == {"answer": 42}


def test_a_command_is_named_after_its_function(app: App) -> None:
    @app.command()
    def find_plane() -> None:
        """Find a plane."""

    assert app.commands == {"find-plane": find_plane}


def test_two_commands_of_one_name_are_an_error(app: App) -> None:
    app.command("find")(lambda: None)

    with pytest.raises(ConfigError) as caught:
        app.command("find")(lambda: None)
    assert str(caught.value) == "There are two commands 'find'. Name one: @app.command('...')."


def test_a_command_without_parentheses_is_an_error(app: App) -> None:
    def find() -> None: ...

    with pytest.raises(ConfigError) as caught:
        app.command(find)  # type: ignore[arg-type]
    assert str(caught.value) == "Write @app.command() with parentheses, as for click.command."


@pytest.mark.parametrize("call", [pickle.dumps, copy.copy, copy.deepcopy])
def test_an_application_is_neither_pickled_nor_copied(call: cabc.Callable[[App], object]) -> None:
    app = App(kafka={"sasl.password": "s3cret"})
    with pytest.raises(TypeError) as caught:
        call(app)
    assert str(caught.value) == (
        f"{app!r} can't be pickled or copied, since its settings may have secrets. Pickle its import "
        "path, 'module:name', and call framework.discovery.load_app('module:name') there."
    )


def test_a_topic_is_pickled_without_its_application() -> None:
    topic = App(kafka={"sasl.password": "s3cret"}).topic("flights", payload=str)
    pickled = pickle.dumps(topic)
    assert pickle.loads(pickled) == topic
    assert b"s3cret" not in pickled


async def later() -> Any: ...


def test_a_generator_function_is_no_command() -> None:
    # A call runs nothing of its body: the command would do nothing, and succeed.
    def rows() -> Any:
        yield 1

    with pytest.raises(ConfigError) as caught:
        App().command()(rows)
    assert str(caught.value) == (
        "@app.command() of 'rows', which is a generator function, whose body a call doesn't run: expected a "
        "function without yield."
    )


@pytest.mark.parametrize(
    ("declare", "decorator"),
    [
        pytest.param(lambda app: app.command()(later), "app.command()", id="command"),
        pytest.param(lambda app: app.shell_names(later), "app.shell_names", id="shell names"),
    ],
)
def test_a_function_with_async_is_no_command(declare: cabc.Callable[[App], object], decorator: str) -> None:
    with pytest.raises(ConfigError) as caught:
        declare(App())
    assert str(caught.value) == (
        f"@{decorator} of 'later', which is async: expected a plain function. Call asyncio.run() in it."
    )
