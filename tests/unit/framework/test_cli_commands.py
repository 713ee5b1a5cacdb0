"""The ready commands: new, info, topics, and what is completed."""

from __future__ import annotations

import json
import pathlib
import re

import pytest

from tests.command_line import CommandLine
from tests.shop import APP
from tests.terminal import Installed


def test_new_writes_an_app_that_works_and_never_over_a_file(line: CommandLine) -> None:
    code, out, _ = line.run("new", "shop")
    assert (code, out) == (0, "shop/app.py was written. Next: cd shop && framework topics\n")

    shop = CommandLine(line.folder / "shop")
    assert shop.run("shell", "-c", "print(orders.name)") == (0, "orders\n", "")
    before = shop.folder.joinpath("app.py").read_text()
    assert shop.run("new") == (1, "", "Error: app.py already exists and was not changed.\n")
    assert shop.folder.joinpath("app.py").read_text() == before


def test_new_says_where_it_cannot_write_and_how_to_get_there(line: CommandLine) -> None:
    line.write("file", "")

    assert line.run("new", "file/shop") == (
        1,
        "",
        "Error: file/shop/app.py is not writable: Not a directory.\n",
    )
    assert line.run("new", "my shop")[1].endswith("Next: cd 'my shop' && framework topics\n")


def test_info_is_json_and_keeps_secrets(line: CommandLine) -> None:
    line.write("app.py", APP.replace("{", '{"sasl.password": "s3cret", "sasl.username": "ann", ', 1))
    code, out, error = line.run("info", "--json")
    found = json.loads(out)

    assert (code, error) == (0, "")
    assert found.keys() == {"versions", "app", "kafka", "broker", "schema_registry", "plugins"}
    assert found["schema_registry"] == {"status": "none", "settings": {}}
    assert found["kafka"]["sasl.username"] == "ann"
    assert found["broker"].startswith("not reachable: ")
    assert "s3cret" not in out


def test_topics_shows_what_is_declared_when_no_broker_answers(line: CommandLine) -> None:
    line.write("app.py", APP + "app.topic('planes', payload=list[int], key=str, active=False)")
    code, out, error = line.run("topics", "--json")
    rows = [json.loads(row) for row in out.splitlines()]

    assert code == 0
    reason = rows[0]["broker_error"]
    unknown = {"partitions": None, "offsets": None, "broker_error": reason}
    assert rows == [
        {"topic": "eu-orders", "state": "active", "payload": "dict", "key": "default"} | unknown,
        {"topic": "planes", "state": "inactive", "payload": "list[int]", "key": "str"} | unknown,
    ]
    assert error == f"{reason}\n"
    assert reason.startswith("No broker answered at 127.0.0.1:1 within 0.3 s")
    table = line.run("topics")[1]
    assert "list[int]" in table
    assert "broker_error" not in table


@pytest.mark.parametrize("columns", [20, 80])
def test_no_terminal_is_too_narrow_for_the_names_of_topics(columns: int, tmp_path: pathlib.Path) -> None:
    tmp_path.joinpath("app.py").write_text(APP)
    code, shown = Installed(tmp_path).show("framework", "topics", columns=columns)

    assert code == 0
    assert re.search(r"^eu-orders +active +dict +default +- +-\s*$", shown, re.MULTILINE)


def test_topics_are_completed_without_a_broker(line: CommandLine) -> None:
    line.write("app.py", APP)
    words = {"COMP_WORDS": "framework iterate eu", "COMP_CWORD": "2", "_FRAMEWORK_COMPLETE": "bash_complete"}

    assert line.run(**words)[:2] == (0, "plain,eu-orders\n")


def test_a_warning_makes_no_noise_while_the_shell_completes(line: CommandLine) -> None:
    line.write("app.py", APP.replace("broker_timeout=0.3", "broker_timeout=0.3, registry_timeout=5000"))
    words = {"COMP_WORDS": "framework iterate eu", "COMP_CWORD": "2", "_FRAMEWORK_COMPLETE": "bash_complete"}

    assert line.run(**words) == (0, "plain,eu-orders\n", "")
    assert line.run("topics")[2].startswith("registry_timeout=5000 is in seconds. Did you mean 5?")


def test_info_succeeds_where_the_environment_is_wrong(line: CommandLine) -> None:
    code, out, error = line.run("info", KAFKA_BOOTSTRAP_SERVERS="kafka://x")
    assert code == 0
    reason = "Broker 'kafka://x' is invalid: Kafka has no scheme 'kafka://'. Pass 'x'."
    variable = "It is set by KAFKA_BOOTSTRAP_SERVERS."
    assert error == f"Continuing without the environment: {reason} {variable}\n"
    assert "bootstrap.servers=127.0.0.1:9092" in out


def test_an_address_on_the_line_replaces_a_wrong_one_of_the_environment(
    line: CommandLine, cluster: str
) -> None:
    code, out, error = line.run("topics", "-b", cluster, KAFKA_BOOTSTRAP_SERVERS="kafka://x")
    assert code == 0
    assert error.startswith("Continuing without the environment: Broker 'kafka://x' is invalid")
    assert error.removesuffix("No topics.\n").count("\n") == 1  # unless another test has made one
    assert "topic" in out
    assert line.run("topics", KAFKA_BOOTSTRAP_SERVERS="kafka://x")[0] == 1
