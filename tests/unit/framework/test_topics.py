from __future__ import annotations

import json
from typing import Any, cast

import pytest

from framework import App, BrokerUnavailableError
from framework.cli.topics import collect
from framework.testing import mock_cluster, run_command
from tests.command_line import CommandLine
from tests.deleted_meanwhile import Cluster
from tests.shop import APP

HEADER = "topic       state  payload  key  partitions  offsets\n"


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


@pytest.mark.parametrize(
    ("options", "header"), [([], HEADER), (["--all"], HEADER), (["--json"], "")], ids=["", "all", "JSON"]
)
def test_where_there_is_no_topic_it_says_so(options: list[str], header: str) -> None:
    with mock_cluster() as servers:
        result = run_command("topics", *options, app=App(kafka={"bootstrap.servers": servers}))

    assert (result.exit_code, result.stdout, result.stderr) == (0, header, "No topics.\n")


@pytest.mark.parametrize(
    ("internal", "note"),
    [
        (["__consumer_offsets"], "1 internal topic of Kafka is hidden.\n"),
        (
            ["__consumer_offsets", "__transaction_state", "__share_group_state"],
            "3 internal topics of Kafka are hidden.\n",
        ),
    ],
)
def test_only_kafkas_own_topics_are_hidden_and_counted(internal: list[str], note: str) -> None:
    class Crowded(Cluster):
        def __init__(self) -> None:
            self.lists = [dict.fromkeys(["__mine", "flights", *internal], 1)]

    app: Any = App(kafka={"bootstrap.servers": "127.0.0.1:1"})
    app.admin = Crowded
    result = run_command("topics", "--json", app=app)

    assert [json.loads(row)["topic"] for row in result.stdout.splitlines()] == ["__mine", "flights"]
    assert result.stderr == note


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
