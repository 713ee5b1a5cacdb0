from __future__ import annotations

import collections.abc as cabc
from typing import Any

import click
import pytest

from framework import App
from framework.testing import reset_current_app
from framework_iterator.cli.options import make_iterator


@pytest.fixture(autouse=True)
def _app() -> cabc.Iterator[None]:
    App(kafka={"bootstrap.servers": "127.0.0.1:1"})
    yield
    reset_current_app()


def test_impossible_values_are_a_usage_error_which_has_exit_code_2() -> None:
    for options in ({"limit": -1}, {"errors": "ignore"}):
        with pytest.raises(click.UsageError, match="is invalid: expected ") as caught:
            make_iterator(["flights"], None, None, {}, None, **options)
        assert caught.value.exit_code == 2


def test_a_name_that_no_topic_can_have_is_a_usage_error() -> None:
    with pytest.raises(click.UsageError, match="'a b'"):
        make_iterator(["a b"], None, None, {}, None)


def test_a_topic_that_is_given_twice_is_a_usage_error() -> None:
    with pytest.raises(click.UsageError) as caught:
        make_iterator(["a", "b", "a"], None, None, {}, None)
    assert caught.value.message == "Topic 'a' is given twice. Name each topic once."


@pytest.mark.parametrize(
    ("start", "partitions", "group"),
    [
        pytest.param(None, {}, None, id="all from the beginning"),
        pytest.param(-10, {}, None, id="a start"),
        pytest.param(-10, {0: None, 1: 5}, None, id="partitions with and without a start"),
        pytest.param("committed", {}, "group", id="a group"),
        pytest.param(-10, {0: None, 1: "committed"}, "group", id="a group for one partition"),
    ],
)
def test_possible_values_give_an_iterator(start: Any, partitions: dict[int, Any], group: str | None) -> None:
    assert make_iterator(["a", "b"], start, 100, partitions, group, limit=1).report is None


@pytest.mark.parametrize(("start", "partitions"), [(None, {}), (-10, {}), ("committed", {0: 5, 1: -10})])
def test_a_group_that_has_no_effect_is_a_usage_error(start: Any, partitions: dict[int, Any]) -> None:
    with pytest.raises(click.UsageError) as caught:
        make_iterator(["a"], start, None, partitions, "group")
    assert caught.value.message == "--group is the group of the start `committed`: add --start committed."
