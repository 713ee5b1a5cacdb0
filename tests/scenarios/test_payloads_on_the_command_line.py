"""`framework iterate` shows each payload for what it is, and hands its bytes to a pipe unchanged."""

from __future__ import annotations

import gzip
import json
import pathlib
import re
import signal
import urllib.request

import pytest
from confluent_kafka import Producer
from rich.cells import cell_len

from framework.testing import mock_registry
from tests import support
from tests.command_line import CommandLine
from tests.scenarios.iterating import LIMIT, Terminal
from tests.support import Record

NOON = 1387972800000  # 2013-12-25 12:00 UTC
GZIP = gzip.compress(b"a" * 1000, mtime=0)
FRAMED = b"\x00\x00\x00\x00\x07\x06foo"
MIXED = [
    Record(b'{"a": 1}', key="k1", timestamp=NOON),
    Record(b"a plain line", key="k2", timestamp=NOON),
    Record(b"", key="k3", timestamp=NOON),
    Record(GZIP, key="k4", timestamp=NOON),
    Record(b"\xff\x00\x01", key="k5", timestamp=NOON),
    Record(FRAMED, key="k6", timestamp=NOON),
    Record(None, key="k7", timestamp=NOON),
    Record(b"1", key="", timestamp=NOON),
]


@pytest.fixture
def terminal(kafka: str, tmp_path: pathlib.Path) -> Terminal:
    return Terminal(kafka, tmp_path)


def test_a_mixed_topic_shows_each_for_what_it_is(terminal: Terminal, topic: support.TopicFactory) -> None:
    code, out, error = terminal.run(topic(1, MIXED))

    assert [line.split("  ", 2)[2] for line in out.splitlines()] == [
        'k1  {"a": 1}',
        "k2  a plain line",
        "k3  (empty)",
        f"k4  (gzip, {len(GZIP)} bytes) {GZIP.hex()}",
        "k5  (3 bytes) ff0001",
        "k6  Schema Registry framing, schema 7: add -r URL  (9 bytes) 000000000706666f6f",
        "k7  (tombstone)",
        '""  1',
    ]
    assert (code, error) == (0, "1 message could not be read in full.\n")


def test_80_columns_show_key_reason_and_bytes(terminal: Terminal, topic: support.TopicFactory) -> None:
    shown = re.sub(r"\x1b\[\d+m", "", terminal.show(topic(1, MIXED), "--payload-as", "json"))
    *lines, count = shown.splitlines()

    assert not [line for line in lines if cell_len(line) > 80]
    assert count == "5 messages could not be read in full."
    for key, line in zip(range(1, 8), lines, strict=False):
        assert f"  k{key}  " in line
    assert re.search(r"  k2  json: expected.*…  a plain…$", lines[1])
    assert lines[2].endswith("(empty)")


def test_json_has_the_reason_and_the_bytes_of_what_is_not_in_it(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    code, out, error = terminal.run(topic(1, MIXED), "--json")
    rows = [json.loads(line) for line in out.splitlines()]

    assert [row["payload"] for row in rows] == [{"a": 1}, "a plain line", "", None, None, None, None, 1]
    assert ["payload_error" in row for row in rows] == [False] * 3 + [True] * 3 + [False] * 2
    assert [row["schema_id"] for row in rows] == [None] * 5 + [7] + [None] * 2
    assert (code, error) == (0, "3 messages could not be read in full.\n")


def test_with_a_registry_fields_have_their_names(terminal: Terminal, topic: support.TopicFactory) -> None:
    fields = [{"name": "id", "type": "int"}, {"name": "to", "type": "string"}]
    schema = json.dumps({"type": "record", "name": "Order", "fields": fields})
    with mock_registry() as url:
        body = json.dumps({"schema": schema}).encode()
        request = urllib.request.Request(f"{url}/subjects/orders-value/versions", data=body)
        with urllib.request.urlopen(request) as answer:
            prefix = b"\x00" + json.load(answer)["id"].to_bytes(4, "big")
        name = topic(1, [prefix + b"\x0e\x04NY", prefix + b"\x0e", FRAMED, "a line"])
        code, out, error = terminal.run(name, "-r", url)
        rows = terminal.run(name, "-r", url, "--json")[1].splitlines()

    lines = [line.split("  ", 2)[2] for line in out.splitlines()]
    assert lines[0] == '-  {"id": 7, "to": "NY"}'
    assert lines[1].endswith("  (6 bytes) 00000000010e")
    assert lines[2].startswith("-  Schema 7 isn't in the registry http://127.0.0.1:")
    assert lines[3] == "-  a line"
    assert [json.loads(row)["schema_id"] for row in rows] == [1, 1, 7, None]
    assert (code, error) == (0, "2 messages could not be read in full.\n")


def test_a_registry_that_is_down_ends_the_command(terminal: Terminal, topic: support.TopicFactory) -> None:
    code, out, error = terminal.run(topic(1, [FRAMED, FRAMED]), "-r", "http://127.0.0.1:1")

    assert (code, out, error.count("\n")) == (1, "", 1)
    assert "http://127.0.0.1:1" in error


def test_where_stdout_is_not_utf8_json_is_ascii(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(1, ['{"é": "漢"}'])
    for encoding in ("ascii", "latin-1", "utf-8"):
        with terminal.start(name, "--json", environment={"PYTHONIOENCODING": encoding}) as process:
            out, _ = process.communicate(timeout=LIMIT)
        assert json.loads(out)["payload"] == {"é": "漢"}
        assert out.isascii() == (encoding != "utf-8")


def test_deserializers_are_chosen_on_the_line(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(1, [Record(b"\x00" * 7 + b"\x05", key=b"\x3f\x80\x00\x00")])
    terminal.folder.joinpath("shop.py").write_text("def half(data): return len(data) / 2\n")

    assert terminal.rows(name, "--payload-as", "int64", "--key-as", "float32")[0]["payload"] == 5
    row = terminal.rows(name, "--payload-as", "shop:half", "--key-as", "float32")[0]
    assert (row["key"], row["payload"]) == (1.0, 4.0)


def test_what_is_given_is_above_the_app_and_the_rest_stays(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    name = topic(1, [Record("1", key="2")])
    terminal.folder.joinpath("app.py").write_text(
        f"from framework import App\napp = App()\napp.topic('{name}', payload=str, key=int)\n"
    )

    row = terminal.rows(name)[0]
    assert (row["key"], row["payload"]) == (2, "1")
    row = terminal.rows(name, "--payload-as", "json")[0]
    assert (row["key"], row["payload"]) == (2, 1)
    row = terminal.rows(name, "--key-as", "text")[0]
    assert (row["key"], row["payload"]) == ("2", "1")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["--json", "--raw"], "--json and --raw exclude each other", id="forms"),
        pytest.param(["--json", "--hex", "--raw"], "--json and --hex and --raw exclude each other", id="all"),
        pytest.param(["--delimiter", "x"], "--delimiter is what --raw writes", id="delimiter"),
        pytest.param(["--raw", "--delimiter", r"\x"], r"'\\x' has an unknown escape at 0", id="an escape"),
        pytest.param(["--plan", "--raw"], "--plan prints no payloads: leave --raw out.", id="a plan"),
        pytest.param(["--raw", "--headers"], "--raw writes the bytes of payloads and no headers: leave "
                     "--headers out.", id="headers"),
        pytest.param(["--raw", "--payload-as", "json"], "--raw shows the bytes of payloads: leave "
                     "--payload-as out.", id="raw payloads"),
        pytest.param(["--hex", "--payload-as", "json"], "--hex shows the bytes of payloads: leave "
                     "--payload-as out.", id="payloads in hex"),
        pytest.param(["--raw", "--key-as", "json"], "--raw writes no keys: leave --key-as out.", id="keys"),
        pytest.param(["--payload-as", "jsn"], "No deserializer 'jsn'. Did you mean 'json'?", id="a name"),
        pytest.param(["--key-as", "nomodule:Order"], "No module 'nomodule'", id="a module"),
    ],
)  # fmt: skip
def test_contradictions_are_wrong_use(arguments: list[str], sentence: str, terminal: Terminal) -> None:
    code, out, error = terminal.run("any", *arguments)

    assert (code, out) == (2, "")
    assert sentence in error


def test_an_error_in_the_module_names_its_line(terminal: Terminal) -> None:
    terminal.folder.joinpath("shop.py").write_text("\n1 / 0\n")

    assert terminal.run("any", "--payload-as", "shop:Order") == (
        1,
        "",
        "Error: ZeroDivisionError: division by zero (shop.py, line 2)\n",
    )


def test_hex_has_every_byte(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(1, [Record(b"\x00" * 100, key="k", timestamp=NOON), Record(None), Record(b"")])
    code, out, error = terminal.run(name, "--hex")
    first, second, third = out.splitlines()

    assert first == f"{name}-0@0  2013-12-25 12:00:00Z  k  {'00' * 100}"
    assert second.endswith("Z  -  (tombstone)")
    assert third.endswith("Z  -  (empty)")
    assert (code, error) == (0, "")


ALL = bytes(range(256))


@pytest.mark.parametrize(
    ("arguments", "after"),
    [
        pytest.param([], b"\n", id="a newline"),
        pytest.param(["--delimiter", r"\0"], b"\0", id="a zero"),
        pytest.param(["--delimiter", r"--\t\\n"], b"--\t\\n", id="text with escapes"),
        pytest.param(["--delimiter", ""], b"", id="nothing"),
    ],
)
def test_raw_is_the_bytes_and_nothing_else(
    arguments: list[str], after: bytes, terminal: Terminal, topic: support.TopicFactory
) -> None:
    name = topic(1, [ALL, None, b"", FRAMED])

    assert terminal.run_binary(name, "--raw", *arguments) == (0, after.join([ALL, b"", FRAMED, b""]), b"")


NEVER = "def never(data): raise SystemExit(data)\n"
APP = """from framework import App
from framework.schemas import avro
app = App()
app.topic('{}', payload=avro(), key=avro())
"""


def test_raw_deserializes_nothing(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(1, ["1"])
    terminal.folder.joinpath("app.py").write_text(
        f"from framework import App\n{NEVER}app = App()\napp.topic('{name}', payload=never, key=never)\n"
    )

    assert terminal.run(name, "--raw") == (0, "1\n", "")


def test_what_deserializes_nothing_needs_no_registry(
    terminal: Terminal, topic: support.TopicFactory, kafka: str
) -> None:
    name = topic(1, [Record(b"\x01", key="k", timestamp=NOON), Record(b"\x02", key=b"\x00\x07")])
    terminal.folder.joinpath("app.py").write_text(APP.format(name))

    assert terminal.run_binary(name, "--raw") == (0, b"\x01\n\x02\n", b"")
    assert terminal.run(name, "--plan")[0] == 0
    code, out, error = terminal.run(name, "--hex")
    assert [line.split("  ", 2)[2] for line in out.splitlines()] == ["k  01", "\\u0000\\u0007  02"]
    assert (code, error) == (0, "")
    code, out, error = CommandLine(terminal.folder).run("sizes", name, "--json", "-b", kafka)
    assert [json.loads(row)["maximum"] for row in out.splitlines()] == [3, 3]
    assert (code, error) == (0, "")
    code, out, error = terminal.run(name)
    assert (code, out, "needs a schema registry" in error) == (1, "", True)


def test_hex_shows_headers_where_they_are_asked_for(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(1, [Record("ab", key="k", headers=[("a", "1")])])

    assert terminal.run(name, "--hex", "--headers")[1].endswith("Z  k  a=1  6162\n")


def test_raw_goes_to_a_terminal_too(terminal: Terminal, topic: support.TopicFactory) -> None:
    assert terminal.show(topic(1, ["one", "two"]), "--raw") == "one\ntwo\n"


def test_a_reader_who_has_seen_enough_ends_raw(terminal: Terminal, topic: support.TopicFactory) -> None:
    with terminal.start(topic(1, [f"1{number:0100}" for number in range(10_000)]), "--raw") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("1000")
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(LIMIT) == 0


def test_following_writes_each_payload_at_once(
    terminal: Terminal, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["1"])
    with terminal.start(name, "--follow", "--raw") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        support.produce(producer, name, ["2"])
        assert process.stdout.readline() == "2\n"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)

    assert process.returncode == 130


def test_headers_are_shown_where_they_are_asked_for(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(1, [Record("1", key="k", headers=[("a", "1"), ("a", b"\xff"), ("b", None)])])

    assert terminal.run(name, "--headers")[1].endswith("Z  k  a=1 a=(1 byte) ff b=null  1\n")
    assert terminal.run(name)[1].endswith("Z  k  1\n")
