"""A topic has a name in the shell that hides nothing, and `topics` has it by its own name."""

from __future__ import annotations

import builtins
import collections.abc as cabc
import itertools
import keyword
import re
from typing import Any

import pytest

from framework import App, ConfigError, Topic, UnknownTopicError
from framework.shell_names import is_pythons, renamed


def names_of(*topics: str, taken: cabc.Collection[str] = ()) -> dict[str, str]:
    """The names of an application's topics in the shell."""
    app = App()
    declared: dict[Topic[Any], str] = {app.topic(name): name for name in topics}
    names = app.namespace(dict.fromkeys(taken))
    return {declared[topic]: name for name, topic in names.items() if isinstance(topic, Topic)}


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        pytest.param("flights", "flights", id="as it is"),
        pytest.param("eu.flights-2013", "eu_flights_2013", id="signs"),
        pytest.param("2fa", "_2fa", id="a digit first"),
        pytest.param("class", "class_", id="a word of Python"),
        pytest.param("None", "None_", id="a value of Python"),
        pytest.param("list", "list_", id="a function of Python"),
        pytest.param("input", "input_", id="another"),
        pytest.param("exit", "exit_", id="how a shell is left"),
        pytest.param("help", "help_", id="the help"),
        pytest.param("In", "In_", id="IPython's inputs"),
        pytest.param("get-ipython", "get_ipython_", id="IPython's, after its signs are replaced"),
        pytest.param("_", "__2", id="the latest result"),
        pytest.param("7", "_7_", id="an earlier result of IPython"),
        pytest.param("__name__", "__name___2", id="a name of every module"),
        pytest.param("__consumer_offsets", "__consumer_offsets", id="Kafka's own"),
        pytest.param("match", "match", id="a word of Python in few places"),
        pytest.param("app", "app_", id="ours"),
        pytest.param("topics", "topics_", id="ours, too"),
    ],
)
def test_a_topic_has_a_name_that_hides_nothing(topic: str, name: str) -> None:
    assert names_of(topic) == {topic: name}


def test_a_topic_does_not_hide_the_names_of_plugins() -> None:
    assert names_of("Iterator", taken=["Iterator"]) == {"Iterator": "Iterator_"}
    assert names_of("Iterator", "Iterator_", taken=["Iterator"]) == {
        "Iterator": "Iterator_2", "Iterator_": "Iterator_",
    }  # fmt: skip


def test_of_topics_that_differ_in_their_signs_none_is_lost() -> None:
    expected = {"a-b": "a_b_2", "a.b": "a_b_3", "a_b": "a_b"}
    for topics in itertools.permutations(expected):
        assert names_of(*topics) == expected

    assert names_of("a.b", "a-b", "a-b-2") == {"a-b": "a_b", "a.b": "a_b_3", "a-b-2": "a_b_2"}


def test_no_word_of_python_is_ever_hidden() -> None:
    words = {*dir(builtins), *keyword.kwlist}
    names = names_of(*words)

    assert len(set(names.values())) == len(words)
    assert [name for name in names.values() if is_pythons(name) or not name.isidentifier()] == []


def test_an_application_may_name_a_topic_itself() -> None:
    app = App()
    flights, listed = app.topic("flights"), app.topic("list")

    @app.shell_names
    def more() -> dict[str, object]:
        return {"flights": flights, "planes": listed}

    names = app.namespace()
    assert (names["flights"], names["planes"]) == (flights, listed)
    assert "flights_" not in names


def test_topics_has_each_by_its_name() -> None:
    app = App()
    topics = app.namespace()["topics"]
    assert isinstance(topics, cabc.Mapping)
    declared = {name: app.topic(name) for name in ("a-b", "topics", "list")}

    assert dict(topics) == declared
    assert repr(topics) == "{'a-b': <Topic a-b>, 'topics': <Topic topics>, 'list': <Topic list>}"
    assert ("a-b" in topics, "a_b" in topics, topics.get("a_b"), len(topics)) == (True, False, None, 3)
    with pytest.raises(UnknownTopicError, match=r"Topic 'a_b' isn't declared. Did you mean 'a-b'\?"):
        topics["a_b"]
    with pytest.raises(TypeError):
        topics["c"] = declared["a-b"]  # type: ignore[index]


def test_what_was_renamed_is_known() -> None:
    app = App()
    for name in ("a-b", "a.b", "flights", "list", "c.d"):
        app.topic(name)

    assert renamed(app.routes, app.namespace()) == {"a.b": "a_b_2", "list": "list_"}


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        pytest.param(None, "it returned None: expected a dict from names to objects.", id="None"),
        pytest.param(
            {"a-b": 1}, "'a-b' is not a name that Python code can use. Choose another name.", id="no name"
        ),
        pytest.param({"app": 1}, "'app' is the shell's own name. Choose another name.", id="ours"),
    ],
)
def test_names_that_cannot_be_used_are_an_error(returned: Any, reason: str) -> None:
    app = App()

    @app.shell_names
    def more() -> Any:
        return returned

    with pytest.raises(ConfigError, match=re.escape(f"@app.shell_names of 'more': {reason}")):
        app.namespace()


def test_an_application_does_not_replace_what_a_plugin_gives() -> None:
    app = App()
    app.shell_names(lambda: {"Iterator": None})

    with pytest.raises(ConfigError, match=r"'Iterator' is the shell's own name[.] Choose another name[.]"):
        app.namespace({"Iterator": 41})


def test_an_exception_of_the_function_is_raised_as_it_is() -> None:
    app = App()
    app.shell_names(lambda: {"a": 1 / 0})

    with pytest.raises(ZeroDivisionError):
        app.namespace()
