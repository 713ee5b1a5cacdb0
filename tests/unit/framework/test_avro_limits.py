"""What a hostile schema costs: neither compiling it nor reading with it takes long or much memory."""

from __future__ import annotations

import json
import time
import tracemalloc
from typing import Any

import pytest

from framework.avro import AvroDecodeError, AvroSchemaError, compile_avro, root_type
from tests.unit.framework.test_avro_types import zigzag


def record(*kinds: Any, name: str = "R") -> dict[str, Any]:
    """Return a record of fields that are called f0, f1, f2..."""
    fields = [{"name": f"f{number}", "type": kind} for number, kind in enumerate(kinds)]
    return {"type": "record", "name": name, "fields": fields}


def chain(levels: int) -> dict[str, Any]:
    """Return records A0, A1, ... of which each holds the next; the last holds an int."""
    kind: Any = "int"
    for level in reversed(range(levels)):
        kind = record(kind, name=f"A{level}")
    return kind  # type: ignore[no-any-return]


def doubled(levels: int) -> dict[str, Any]:
    """Return such records, each a union of two; so 2**levels paths lead to a last one that holds text."""
    defined: set[str] = set()

    def define(namespace: str, level: int) -> Any:
        name = f"{namespace}.A{level}"
        if name in defined:
            return name
        defined.add(name)
        if level == levels - 1:
            return record("string", name=name)
        return record([define("x", level + 1), define("y", level + 1)], name=name)

    return define("x", 0)  # type: ignore[no-any-return]


def test_a_record_that_can_not_be_read_is_resolved_once() -> None:
    started = time.thread_time()

    with pytest.raises(AvroSchemaError, match=r"^Field 'f0' of A0: x\.A1 or y\.A1 was written, which"):
        compile_avro(json.dumps(doubled(40)), reader=json.dumps(chain(40)))

    assert time.thread_time() - started < 1


def test_resolving_too_much_is_an_error() -> None:
    # Each of 1000 enums is compared with each of 1000 others.
    writer = [{"type": "enum", "name": f"W{number}", "symbols": ["a"]} for number in range(1000)]
    reader = [{"type": "enum", "name": f"R{number}", "symbols": ["a"]} for number in range(1000)]
    started = time.thread_time()

    with pytest.raises(AvroSchemaError, match="more than 500000 steps to resolve"):
        compile_avro(json.dumps(writer), reader=json.dumps(reader))

    assert time.thread_time() - started < 5


def test_large_schemas_are_resolved() -> None:
    writer = [record(*[["null", "string"]] * 20, name=f"shop.Event{number}") for number in range(100)]

    assert (
        compile_avro(json.dumps(writer), reader=json.dumps(writer))(b"\x02" + b"\x00" * 20, 0)["f0"] is None
    )


def test_an_error_does_not_list_long_unions() -> None:
    # Each name is short in the text of the schema and has 10,000 letters in full.
    branches = [{"type": "enum", "name": f"E{number}", "symbols": ["a"]} for number in range(100)]
    writer = record(branches, name=f"{'n' * 10_000}.R")

    with pytest.raises(AvroSchemaError) as caught:
        compile_avro(json.dumps(writer), reader=json.dumps(record("int", name="R")))

    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"type":' * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
    ],
)
def test_the_name_of_a_text_that_is_nested_too_deeply_is_an_error(text: str) -> None:
    with pytest.raises(AvroSchemaError, match="nested too deeply"):
        root_type(text)


MANY_NULLS = record("boolean", *["null"] * 100)
NULLS = record(*["null"] * 1000, name="Nulls")


def nested(levels: int) -> dict[str, Any]:
    kind: Any = "boolean"
    for level in range(levels):
        kind = record(kind, name=f"N{level}")
    return kind  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        pytest.param({"type": "array", "items": MANY_NULLS}, zigzag(100_000) + b"\x01" * 100_000, id="array"),
        pytest.param(
            {"type": "map", "values": NULLS},
            zigzag(90_000) + b"".join(b"\x0a%05d" % number for number in range(90_000)),
            id="map",
        ),
        pytest.param(
            {"type": "array", "items": ["int", NULLS]}, zigzag(100_000) + b"\x02" * 100_000, id="union"
        ),
        pytest.param(
            {"type": "array", "items": nested(90)}, zigzag(200_000) + b"\x01" * 200_000, id="nested records"
        ),
        pytest.param(
            record(["null", record("int", ["null", "T"], {"type": "array", "items": "T"}, NULLS, name="T")]),
            b"\x02" + (b"\x02\x00" + zigzag(100_000)) + (b"\x02\x00\x00") * 100_000,
            id="recursive record",
        ),
    ],
)
def test_values_that_take_no_bytes_are_limited(schema: Any, data: bytes) -> None:
    decode = compile_avro(json.dumps(schema))
    tracemalloc.start()

    with pytest.raises(AvroDecodeError, match="values that take no bytes are too many"):
        decode(data, 0)

    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert memory < 100_000_000


@pytest.mark.parametrize(
    ("schema", "data", "count"),
    [
        pytest.param({"type": "array", "items": nested(3)}, b"\x01" * 200_000, 200_000, id="nested records"),
        pytest.param({"type": "array", "items": MANY_NULLS}, b"\x01" * 600, 600, id="records of nulls"),
        pytest.param({"type": "array", "items": ["int", record()]}, b"\x02" * 200_000, 200_000, id="union"),
    ],
)
def test_an_honest_message_has_room(schema: Any, data: bytes, count: int) -> None:
    assert len(compile_avro(json.dumps(schema))(zigzag(count) + data + b"\x00", 0)) == count


def test_defaults_of_the_reader_do_not_count() -> None:
    fields = [{"name": f"new{number}", "type": "int", "default": 1} for number in range(50)]
    reader = record("boolean")
    reader = {"type": "array", "items": reader | {"fields": reader["fields"] + fields}}
    decode = compile_avro(
        json.dumps({"type": "array", "items": record("boolean")}), reader=json.dumps(reader)
    )

    assert len(decode(zigzag(10_000) + b"\x01" * 10_000 + b"\x00", 0)) == 10_000
