"""JSON that Confluent's serializer wrote with a schema is read as Confluent's deserializer reads it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pydantic
import pytest
from confluent_kafka import Producer

from framework.schemas import json_schema
from tests import support
from tests.confluent_serializers import Framed, Framing, Subjects, record
from tests.scenarios.payloads import (
    FRAMINGS,
    Payloads,
    as_confluent_reads,
    error_of,
    is_schema_id,
    payloads,
    payloads_fixture,
)
from tests.scenarios.reading import report_of

# Apicurio takes for a JSON Schema what says so.
DRAFT = {"$schema": "http://json-schema.org/draft-07/schema#"}
TAGS = {"type": "array", "items": {"type": "string"}}
DOC = DRAFT | {
    "title": "Doc",
    "type": "object",
    "properties": {"id": {"type": "integer", "minimum": 1}, "tags": TAGS},
    "required": ["id"],
}
DOCS = [{"id": 1, "tags": ["a", "ü"]}, {"id": 2**53 + 1}, {"id": 3, "more": {"x": [1.5, None, True]}}]


docs = payloads_fixture()


@FRAMINGS
@pytest.mark.parametrize("validate", [False, True], ids=["parsed", "validated"])
@pytest.mark.parametrize("subjects", ["topic", "record", "topic-record"])
def test_payloads_and_keys_are_those_that_confluent_reads(
    framing: Framing,
    validate: bool,
    subjects: Subjects,
    registry: str,
    kafka: str,
    producer: Producer,
    topic: support.TopicFactory,
) -> None:
    with payloads(framing, registry, kafka, producer, topic(), subjects=subjects) as docs:
        title = f"Doc-{docs.topic}"  # of which the subject is made
        doc = docs.confluent.json_schema(json.dumps(DOC | {"title": title}))
        keys = [{"id": number} for number in (7, 8, 9)]
        docs.write(
            *(record(doc.dump(each), doc.dump(of, key=True)) for each, of in zip(DOCS, keys, strict=True))
        )
        declared = json_schema(validate=validate)
        messages = docs.read(payload=declared, key=declared)
        assert [message.payload for message in messages] == DOCS
        assert [message.key for message in messages] == keys
        assert [as_confluent_reads(doc, message) for message in messages] == DOCS
        assert [as_confluent_reads(doc, message, key=True) for message in messages] == keys
        assert is_schema_id(messages[0].schema_id, framing)


class Model(pydantic.BaseModel):
    id: int
    tags: list[str] = []


class Struct(msgspec.Struct):
    id: int
    tags: list[str] = []


@FRAMINGS
@pytest.mark.parametrize("validate", [False, True], ids=["parsed", "validated"])
@pytest.mark.parametrize("model", [Model, Struct])
def test_payloads_become_models(docs: Payloads, framing: Framing, model: Any, validate: bool) -> None:
    docs.write(*docs.confluent.json_schema(json.dumps(DOC)).record(*DOCS))
    assert docs.payloads(payload=json_schema(model, validate=validate)) == [
        model(id=1, tags=["a", "ü"]),
        model(id=2**53 + 1),
        model(id=3),
    ]


@FRAMINGS
def test_what_the_schema_refuses_is_no_value_where_it_is_validated(docs: Payloads, framing: Framing) -> None:
    _, headers = doc = docs.confluent.json_schema(json.dumps(DOC)).dump({"id": 1})
    prefix = doc.data[: -len(b'{"id":1}')]
    texts = [b'{"id": 1}', b'{"id": 0}', b'{"tags": []}', b'{"id": 2, "tags": ["a", 5]}', b"[1]", b"{", b""]
    docs.write(*(record(Framed(prefix + text, headers)) for text in texts))
    iterator = docs.iterator(payload=json_schema(validate=True), errors="skip")
    assert [(message.offset, message.payload) for message in iterator] == [(0, {"id": 1})]
    assert report_of(iterator).unreadable == 6
    assert [error_of(message) for message in docs.read(payload=json_schema(validate=True))[1:5]] == [
        "id: 0 is less than the minimum of 1",
        '"id" is a required property',
        'tags.1: 5 is not of type "string"',
        '[1] is not of type "object"',
    ]
    iterator = docs.iterator(payload=json_schema(), errors="skip")
    assert [message.offset for message in iterator] == [0, 1, 2, 3, 4]


@FRAMINGS
def test_references_may_be_nested_and_repeated(docs: Payloads, framing: Framing) -> None:
    confluent = docs.confluent
    place, person = f"{docs.topic}-place.json", f"{docs.topic}-person.json"
    of_place = confluent.register(place, json.dumps(DRAFT | {"required": ["city"]}), "JSON")
    home = DRAFT | {"properties": {"home": {"$ref": place}}}
    of_person = confluent.register(person, json.dumps(home), "JSON", [of_place])
    properties = {"by": {"$ref": person}, "stops": {"type": "array", "items": {"$ref": place}}}
    schema = DRAFT | {"title": "Order", "properties": properties}
    order = confluent.json_schema(json.dumps(schema), [of_person, of_place])
    written = {"by": {"home": {"city": "Graz"}}, "stops": [{"city": "Rome"}]}
    data, headers = order.dump(written)
    wrong = [
        data.replace(b'"city":"Graz"', b'"town":"Graz"'),
        data.replace(b'"city":"Rome"', b'"town":"Rome"'),
    ]
    docs.write(*(record(Framed(each, headers)) for each in [data, *wrong]))
    first, *others = docs.read(payload=json_schema(validate=True))
    assert first.payload == as_confluent_reads(order, first) == written
    assert [error_of(message) for message in others] == [
        'by.home: "city" is a required property',
        'stops.0: "city" is a required property',
    ]


@FRAMINGS
def test_tombstones_and_null_are_told_apart(docs: Payloads, framing: Framing) -> None:
    doc = docs.confluent.json_schema(json.dumps(DRAFT | {"title": "Any"}))
    _, headers = framed = doc.dump(1)
    null = Framed(framed.data[:-1] + b"null", headers)
    docs.write(record(null), None)
    for validate in (False, True):
        messages = docs.read(payload=json_schema(validate=validate), tombstones=True)
        assert [(message.payload, message.is_tombstone) for message in messages] == [
            (None, False),
            (None, True),
        ]
