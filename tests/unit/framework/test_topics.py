from __future__ import annotations

from typing import Any, cast

import pytest

from framework import App, BrokerUnavailableError, TopicNotFoundError
from framework.admin import Watermarks
from framework.cli.topics import collect
from tests.command_line import CommandLine
from tests.shop import APP


class Cluster:
    """An admin client of a cluster where a topic is deleted between two requests."""

    def __init__(self) -> None:
        self.lists = [{"flights": 1, "gone": 1}, {"flights": 1}]

    def topics(self) -> dict[str, int]:
        return self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]

    def watermarks(self, *names: str) -> dict[str, dict[int, Watermarks]]:
        if "gone" in names:
            raise TopicNotFoundError("Topic 'gone' doesn't exist.")
        return {name: {0: Watermarks(2, 9)} for name in names}


@pytest.mark.parametrize("everything", [True, False])
def test_where_a_topic_is_deleted_meanwhile_the_others_are_shown(everything: bool) -> None:
    app: Any = App()
    app.topic("flights")
    app.admin = Cluster
    rows = collect(cast("App", app), everything=everything)
    assert [(row["topic"], row["partitions"], row["offsets"]) for row in rows] == [("flights", 1, 7)]


@pytest.mark.parametrize("everything", [True, False])
def test_without_a_broker_and_without_topics_it_is_an_error(everything: bool) -> None:
    app = App(kafka={"bootstrap.servers": "127.0.0.1:1"}, broker_timeout=0.3)
    with pytest.raises(BrokerUnavailableError, match=r"127\.0\.0\.1:1"):
        collect(app, everything=everything)


@pytest.mark.parametrize("options", [[], ["--json"], ["--all"]], ids=" ".join)
def test_the_command_prints_no_empty_table_where_it_has_asked_nobody(
    options: list[str], line: CommandLine
) -> None:
    # As without an application, but for the time that a broker has.
    line.write("app.py", APP.replace("orders = app.topic", "lambda: app.topic"))
    code, out, error = line.run("topics", *options)

    assert (code, out) == (1, "")
    assert error.startswith("Error: ")
    assert "127.0.0.1:1" in error
    assert error.count("\n") == 1
