"""`--payload-as` and `--key-as`: deserializers by name, above what the app declares."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import json
import pathlib
import sys
import uuid
from typing import Any

import click
import pytest

from framework import App, Deserializers, Message, RoutingError
from framework.deserializers import auto, int64, raw, text
from framework.deserializers import json as json_deserializer
from framework.schemas import avro
from framework.testing import build_message, mock_registry, reset_current_app
from framework.types import NOT_GIVEN
from framework_iterator.cli.complete import complete_deserializers
from framework_iterator.cli.deserializers import (
    NAMES,
    declare,
    declare_hex,
    declare_raw,
    find_deserializer,
    framing_of,
)
from framework_iterator.cli.encode import encoder_for
from framework_iterator.cli.format import as_text
from framework_iterator.cli.rows import json_line


@pytest.fixture(autouse=True)
def _no_app_is_left() -> cabc.Iterator[None]:
    yield
    reset_current_app()


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> cabc.Iterator[pathlib.Path]:
    """The current folder, whose modules are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def payload_as(name: str) -> Any:
    return find_deserializer("--payload-as", "payload", name)


def read(name: str, data: bytes) -> Any:
    topic = declare(App(), "flights", payload=payload_as(name))
    return build_message(topic, data, app=App()).payload


UUID = uuid.UUID("0d5f1f3c-9a3b-4c7e-8f10-0123456789ab")


@pytest.mark.parametrize(
    ("name", "data", "value"),
    [
        pytest.param("json", b"[1]", [1], id="json"),
        pytest.param("text", b"[1]", "[1]", id="text"),
        pytest.param("raw", b"[1]", b"[1]", id="raw"),
        pytest.param("bytes", b"[1]", b"[1]", id="bytes"),
        pytest.param("int32", b"\x00\x00\x00\x01", 1, id="int32"),
        pytest.param("int64", b"\x00" * 7 + b"\x01", 1, id="int64"),
        pytest.param("float32", b"\x3f\x80\x00\x00", 1.0, id="float32"),
        pytest.param("float64", b"\x3f\xf0\x00\x00\x00\x00\x00\x00", 1.0, id="float64"),
        pytest.param("uuid", UUID.bytes, UUID, id="uuid"),
        pytest.param("msgpack", b"\x91\x01", [1], id="msgpack"),
        pytest.param("auto", b"a line", "a line", id="auto"),
    ],
)
def test_a_ready_deserializer_has_a_name(name: str, data: bytes, value: Any) -> None:
    assert read(name, data) == value


def test_each_name_in_the_help_is_a_deserializer() -> None:
    for name in NAMES:
        found = payload_as(name)
        assert Deserializers(payload=found).payload == found


@pytest.mark.parametrize(
    ("incomplete", "names"),
    [
        pytest.param("", list(NAMES), id="nothing"),
        pytest.param("fl", ["float32", "float64"], id="a beginning"),
        pytest.param("shop.models:", [], id="an object"),
    ],
)
def test_names_are_completed(incomplete: str, names: list[str]) -> None:
    command = click.Command("iterate")
    option = click.Option(["--payload-as"])
    found = complete_deserializers(click.Context(command), option, incomplete)

    assert [item.value for item in found] == names


def test_avro_is_what_framework_schemas_declares() -> None:
    assert payload_as("avro") == avro()


def test_an_unknown_name_is_wrong_use_with_close_names_and_all_of_them() -> None:
    with pytest.raises(click.BadParameter) as caught:
        payload_as("jsn")

    assert caught.value.exit_code == 2
    assert caught.value.format_message() == (
        "Invalid value for '--payload-as': No deserializer 'jsn'. Did you mean 'json'? There are "
        "auto, avro, bytes, float32, float64, int32, int64, json, json-schema, msgpack, protobuf, raw, text, "
        "uuid, xml, and module:object for your own."
    )


def test_a_type_of_a_module_in_the_current_folder_is_one(folder: pathlib.Path) -> None:
    folder.joinpath("shop").mkdir()
    folder.joinpath("shop", "models.py").write_text(
        "import dataclasses\n\n@dataclasses.dataclass\nclass Order:\n    id: int\n"
    )

    assert read("shop.models:Order", b'{"id": 7}').id == 7


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        pytest.param("nomodule:Order", "No module 'nomodule'; searched from {folder}.", id="no module"),
        pytest.param("shop:Ordr", "Module 'shop' has no 'Ordr'. Did you mean 'Order'?", id="a close name"),
        pytest.param("shop:x y", "'shop:x y' doesn't name a deserializer. Write module:object, as "
                     "shop.models:Order.", id="no name"),
        pytest.param("shop:NUMBER", "payload=5 is invalid: expected a pydantic model, dataclass, TypedDict",
                     id="no deserializer"),
        pytest.param("shop:Reader", "payload=Reader is a class: pass an instance, payload=Reader().",
                     id="a class"),
    ],
)  # fmt: skip
def test_an_object_that_is_no_deserializer_is_wrong_use(
    name: str, sentence: str, folder: pathlib.Path
) -> None:
    folder.joinpath("shop.py").write_text(
        "class Order: ...\nNUMBER = 5\nclass Reader:\n    def deserialize(self, message): ...\n"
    )

    with pytest.raises(click.BadParameter) as caught:
        payload_as(name)
    assert caught.value.message.startswith(sentence.format(folder=folder))


def test_an_error_in_the_module_is_the_users_own(folder: pathlib.Path) -> None:
    folder.joinpath("shop.py").write_text("1 / 0")

    with pytest.raises(ZeroDivisionError):
        payload_as("shop:Order")


@pytest.mark.parametrize(
    ("topic", "given", "payload", "key"),
    [
        pytest.param("orders", {}, json_deserializer, int64, id="as declared"),
        pytest.param("orders", {"payload": raw}, raw, int64, id="a payload above the declared one"),
        pytest.param("orders", {"key": raw}, json_deserializer, raw, id="a key above the declared one"),
        pytest.param("bare", {}, "default", "default", id="declared without a payload: the app's default"),
        pytest.param("other", {}, auto, "default", id="undeclared"),
        pytest.param("other", {"payload": text}, text, "default", id="undeclared, with a payload"),
        pytest.param("other", {"key": text}, auto, text, id="undeclared, with a key"),
    ],
)
def test_what_is_given_is_above_what_the_app_declares(
    topic: str, given: dict[str, Any], payload: Any, key: Any
) -> None:
    app = App()
    app.topic("orders", payload=json_deserializer, key=int64, headers=bytes, active=False, tombstones=True)
    app.topic("bare")
    found = declare(app, topic, **given)

    default = Deserializers().payload
    assert found.deserializers.payload == (default if payload == "default" else payload)
    assert found.deserializers.key == (default if key == "default" else key)
    if topic == "orders":
        assert (found.active, found.tombstones, found.deserializers.headers) == (False, True, bytes)


def test_an_undeclared_topic_is_as_the_apps_defaults_say() -> None:
    app = App(defaults=Deserializers(payload=text))

    assert declare(app, "other").deserializers.payload == Deserializers().payload


def test_bytes_need_no_registry_whatever_is_declared() -> None:
    app = App(defaults=Deserializers(key=avro()))
    app.topic("orders", payload=avro(), key=avro(), headers=bytes)

    for name in ("orders", "other"):
        for make in (declare_raw, declare_hex):
            given = build_message(make(app, name), b"\x00\xff", key=b"k", app=app)
            assert given.payload == b"\x00\xff"
            assert given.key == (b"k" if make is declare_raw else "k")
    assert declare_hex(app, "orders", key=int64).deserializers.key is int64
    assert declare_raw(app, "orders").deserializers.headers is bytes


def test_a_key_of_hex_is_as_declared_where_that_needs_no_registry() -> None:
    app = App()
    app.topic("orders", key=int64)

    assert declare_hex(app, "orders").deserializers.key is int64
    assert declare_hex(app, "other").deserializers.key is NOT_GIVEN


def test_a_name_that_no_topic_can_have_is_refused() -> None:
    with pytest.raises(RoutingError):
        declare(App(), "a b")


FRAMED = b"\x00\x00\x00\x00\x07\x06\xfffoo"


def message(app: App, **given: Any) -> tuple[Message[Any], Any]:
    topic = declare(app, "other", **given)
    moment = datetime.datetime(2013, 12, 25, 12, tzinfo=datetime.UTC)
    return build_message(topic, FRAMED, app=app, timestamp=moment), framing_of(app, [topic])


def test_with_a_registry_bytes_that_auto_left_have_the_reason() -> None:
    with mock_registry() as url:
        given, framing = message(App(schema_registry=url))
        line = as_text(given, framing=framing)
        row = json.loads(json_line(given, encoder_for("utf-8"), framing)[0])

    assert row["payload"] is None
    assert row["payload_error"].startswith("Can't decode the payload by its schema: Schema 7 isn't in ")
    assert line.has_error
    assert line.content.startswith("-  Schema 7 isn't in the registry http://127.0.0.1:")
    assert line.content.endswith("  (10 bytes) 000000000706ff666f6f")


def test_with_a_registry_bytes_that_are_meant_to_be_bytes_are_no_error() -> None:
    given, framing = message(App(schema_registry="http://127.0.0.1:1"), payload=raw)

    assert as_text(given, framing=framing)[1:] == ("-  (10 bytes) 000000000706ff666f6f", False)
