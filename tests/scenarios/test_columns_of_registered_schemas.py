"""What Confluent's serializers write has the columns of its schemas in the registry."""

from __future__ import annotations

from typing import Any

import pytest

from framework.schemas import avro, protobuf
from tests.confluent_serializers import Framing, avro_record, proto_classes
from tests.scenarios.payloads import FRAMINGS, Payloads, payloads_fixture

written = payloads_fixture()


def rows_of(written: Payloads, **declared: Any) -> tuple[list[dict[str, Any]], list[str]]:
    table = (
        written.iterator(**declared)
        .to_arrow()
        .read_all()
        .drop_columns(["topic", "partition", "timestamp", "key"])
    )
    rows = sorted(table.to_pylist(), key=lambda row: row.pop("offset"))
    return rows, [f"{each.name} {each.type}" for each in table.schema][1:]


@FRAMINGS
@pytest.mark.parametrize("declared", [{}, {"payload": avro()}], ids=["nothing", "avro()"])
def test_two_schemas_of_avro(written: Payloads, framing: Framing, declared: dict[str, Any]) -> None:
    first = written.confluent.avro(avro_record("shop.Note", text="string", at=["null", "long"]))
    later = written.confluent.avro(
        avro_record("shop.Note", text="string", more={"type": "array", "items": "int"})
    )
    written.write(*first.record({"text": "a", "at": None}), None, *later.record({"text": "b", "more": [1]}))
    rows, columns = rows_of(written, **declared)
    assert rows == [
        {"text": "a", "more": None, "at": None},
        {"text": None, "more": None, "at": None},
        {"text": "b", "more": [1], "at": None},
    ]
    assert columns == ["text string", "more list<item: int64>", "at int64"]


@FRAMINGS
@pytest.mark.parametrize(
    "declared",
    [{}, {"payload": protobuf()}, {"payload": protobuf(dict)}],
    ids=["nothing", "protobuf()", "protobuf(dict)"],
)
def test_a_message_of_protobuf(written: Payloads, framing: Framing, declared: dict[str, Any]) -> None:
    text = (
        'syntax = "proto3"; import "google/protobuf/timestamp.proto"; message Other {} '
        "message Trip { string city = 1; google.protobuf.Timestamp at = 2; optional int32 count = 3; }"
    )
    trip = proto_classes({f"{written.topic}/trip.proto": text})["Trip"]
    written.write(*written.confluent.protobuf(trip).record(trip(city="Oslo")), None)
    rows, columns = rows_of(written, **declared)
    assert rows == [{"city": "Oslo", "at": None, "count": None}, {"city": None, "at": None, "count": None}]
    assert columns == ["city string", "at timestamp[us, tz=UTC]", "count int64"]
