"""The schema registry of an application: its settings, and what commands show of it."""

from __future__ import annotations

import json
import pathlib
import pickle
import urllib.request
from typing import Any

import pytest

from framework import App, ConfigError, DeserializationError
from framework.deserializers import Deserializers
from framework.schemas import avro
from framework.testing import build_message, mock_registry
from tests.command_line import CommandLine

ORDER = {"type": "record", "name": "shop.Order", "fields": [{"name": "total", "type": "int"}]}
PROTO = 'syntax = "proto3"; package shop; message Trip { int32 total = 1; }'


def register(url: str, subject: str, text: str, kind: str = "AVRO") -> int:
    body = json.dumps({"schema": text, "schemaType": kind}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/subjects/{subject}/versions", body)) as answer:
        schema_id: int = json.load(answer)["id"]
        return schema_id


def test_an_app_has_no_registry_by_default() -> None:
    assert App().schema_registry is None


@pytest.mark.parametrize(
    "given",
    [
        "http://127.0.0.1:8081",
        "http://ann:s3cret@127.0.0.1:8081/",
        {"schema.registry.url": "http://127.0.0.1:8081", "basic.auth.user.info": "ann:s3cret"},
    ],
)
def test_it_shows_its_address_and_no_secret(given: Any) -> None:
    app = App(schema_registry=given)
    assert repr(app.schema_registry) == "<Registry http://127.0.0.1:8081>"
    assert b"s3cret" not in pickle.dumps(app.schema_registry)


def test_the_environment_comes_below_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", "http://127.0.0.1:1,http://127.0.0.1:2")
    monkeypatch.setenv("SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO", "ann:s3cret")
    environments, codes = App().schema_registry, App(schema_registry="http://127.0.0.1:3").schema_registry
    assert environments is not None
    assert codes is not None
    assert environments.addresses == ("http://127.0.0.1:1", "http://127.0.0.1:2")
    assert (codes.addresses, codes.settings.user_info) == (("http://127.0.0.1:3",), "ann:s3cret")


@pytest.mark.parametrize("given", ["127.0.0.1:8081", "ftp://127.0.0.1", {"urll": "http://127.0.0.1"}, 5, ""])
def test_a_wrong_setting_is_told_where_it_is_written(given: Any) -> None:
    with pytest.raises(ConfigError):
        App(schema_registry=given)
    with pytest.raises(ConfigError), App().override(schema_registry=given):
        raise AssertionError


@pytest.mark.parametrize("timeout", [0, -1, True, "5", float("inf")])
def test_the_timeout_is_a_positive_number(timeout: Any) -> None:
    with pytest.raises(ConfigError, match=f"^registry_timeout={timeout!r} is invalid"):
        App(registry_timeout=timeout)


def test_apps_with_equal_settings_share_a_registry_and_its_schemas() -> None:
    first = App(schema_registry="http://127.0.0.1:8081")
    assert App(schema_registry={"url": "http://127.0.0.1:8081/"}).schema_registry is first.schema_registry
    slower = App(schema_registry="http://127.0.0.1:8081", registry_timeout=9)
    assert slower.schema_registry is not first.schema_registry


@pytest.mark.parametrize(
    "key",
    ["schema.registry.url", "basic.auth.user.info", "bearer.auth.token", "basic.auth.credentials.source"],
)
def test_its_settings_among_those_of_kafka_are_told(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        App(kafka={key: "s3cret"})
    assert str(caught.value) == (
        f"Kafka setting '{key}' is one of the schema registry: pass App(schema_registry={{...}})."
    )


def test_override_replaces_it_within_the_block() -> None:
    app = App()
    orders = app.topic("orders", payload=avro())
    with mock_registry() as url:
        schema_id = register(url, "orders-value", json.dumps(ORDER))
        framed = b"\x00" + schema_id.to_bytes(4, "big") + b"\x0a"
        with app.override(schema_registry=url):
            message = build_message(orders, framed, app=app)
            assert message.payload == {"total": 5}
    assert app.schema_registry is None
    with pytest.raises(ConfigError, match=r"^Topic 'orders': payload=avro\(\) needs a schema registry"):
        build_message(orders, framed, app=app)


def test_with_a_registry_what_is_not_declared_is_read_by_its_schema_or_as_json() -> None:
    with mock_registry() as url:
        app = App(schema_registry=url)
        schema_id = register(url, "orders-value", json.dumps(ORDER))
        framed = b"\x00" + schema_id.to_bytes(4, "big") + b"\x0a"
        assert build_message("orders", framed, app=app).payload == {"total": 5}
        assert build_message("orders", b'{"total": 5}', app=app).payload == {"total": 5}
        keyed = build_message("orders", framed, key=framed, app=app)
        assert keyed.key == framed.decode()  # keys only where they are declared
        app.routes.defaults = Deserializers(payload=str)
        assert build_message("orders", framed, app=app).payload == framed.decode()
    with pytest.raises(DeserializationError, match="with json"):
        _ = build_message("orders", framed, app=App()).payload


APP = """
from framework import App
from framework.schemas import avro
app = App(kafka={{"bootstrap.servers": "{servers}"}}, schema_registry="{url}", broker_timeout=2)
orders = app.topic("orders", payload=avro(), key=str)
"""


def test_info_shows_the_registry_and_no_secret(line: CommandLine, cluster: str) -> None:
    with mock_registry() as url:
        register(url, "orders-value", json.dumps(ORDER))
        given = url.replace("//", "//ann:s3cret@")
        line.write("app.py", APP.format(servers=cluster, url=given))
        _, out, _ = line.run("info", "--json")
        assert json.loads(out)["schema_registry"] == {
            "status": "reachable, 1 subject",
            "settings": {"schema.registry.url": url},
        }
        assert "s3cret" not in out + line.run("info")[1]
    code, out, _ = line.run("info", "-r", "http://127.0.0.1:1")
    assert code == 0
    assert (
        "schema registry     not reachable: Schema registry http://127.0.0.1:1 was not available within"
        in out
    )
    assert "  schema.registry.url=http://127.0.0.1:1" in out


def test_info_without_a_registry_says_none(tmp_path: pathlib.Path, cluster: str) -> None:
    assert "schema registry     none\n" in CommandLine(tmp_path).run("info", "-b", cluster)[1]


def test_topics_shows_the_latest_schema_of_each(line: CommandLine, cluster: str) -> None:
    with mock_registry() as url:
        register(url, "orders-value", json.dumps(ORDER))
        register(url, "trips-value", PROTO, "PROTOBUF")
        register(url, "docs-value", '{"title": "Doc"}', "JSON")
        text = (
            APP.format(servers=cluster, url=url) + "for name in ['trips', 'docs', 'texts']: app.topic(name)"
        )
        line.write("app.py", text)
        _, out, _ = line.run("topics", "--json")
    rows = {row["topic"]: row for row in map(json.loads, out.splitlines())}
    assert {name: (row["payload"], row["schema"]) for name, row in rows.items()} == {
        "orders": ("avro()", "Avro shop.Order"),
        "trips": ("default", "Protobuf shop.Trip"),
        "docs": ("default", "JSON Schema Doc"),
        "texts": ("default", None),
    }
    assert rows["texts"]["schema_error"] == "The registry has no subject 'texts-value'."
    assert "schema_error" not in rows["docs"]


def test_topics_are_shown_when_the_registry_is_away(line: CommandLine, cluster: str) -> None:
    text = APP.format(servers=cluster, url="http://127.0.0.1:1").replace(
        "broker_", "registry_timeout=0.3, broker_"
    )
    line.write("app.py", text)
    code, out, error = line.run("topics")
    assert (code, error.count("\n")) == (0, 1)
    assert error.startswith("Schema registry http://127.0.0.1:1 was not available within 0.3 s")
    assert "orders" in out


@pytest.mark.parametrize("url", ["127.0.0.1:8081", "http://", "http://ann:s3cret@"])
def test_a_wrong_registry_on_the_line_is_wrong_use(line: CommandLine, url: str) -> None:
    code, _, error = line.run("info", "-r", url)
    assert code == 2
    assert "Invalid value for '-r' / '--registry'" in error
    assert "s3cret" not in error
