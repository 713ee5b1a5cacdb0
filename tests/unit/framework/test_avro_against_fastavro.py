"""What our decoder and fastavro's make of the same bytes is equal, for random schemas and values."""

from __future__ import annotations

import json
import unittest.mock
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.avro import AvroDecodeError, AvroSchemaError, compile_avro, source
from tests.unit.framework import avro_schemas as avro

_settings = hypothesis.settings(
    deadline=None, max_examples=100, suppress_health_check=list(hypothesis.HealthCheck)
)


@_settings
@given(st.data())
def test_a_value_is_what_fastavro_reads(data: st.DataObject) -> None:
    schema = data.draw(avro.schemas())
    written = avro.write(schema, data.draw(avro.values(schema)))
    prefix = data.draw(st.binary(max_size=3))

    value = compile_avro(json.dumps(schema))(prefix + written, len(prefix))

    assert avro.comparable(value) == avro.comparable(avro.read(schema, written))


@_settings
@given(st.data())
def test_a_value_of_a_huge_schema_is_the_same(data: st.DataObject) -> None:
    schema = data.draw(avro.schemas(families=True))
    reader = data.draw(avro.readers(schema))
    written = avro.write(schema, data.draw(avro.values(schema)))
    small = compile_avro(json.dumps(schema), reader=json.dumps(reader))

    # Huge from the first line on, instead of from line 10,000.
    with unittest.mock.patch.object(source, "_MAX_INLINE_LINES", 0):
        huge = compile_avro(json.dumps(schema), reader=json.dumps(reader))

    assert avro.comparable(huge(written, 0)) == avro.comparable(small(written, 0))


@_settings
@given(st.data())
def test_a_reader_schema_gives_what_fastavro_gives(data: st.DataObject) -> None:
    # Of a union of double and int, fastavro reads the ints as double: it takes the first branch that fits,
    # and we take the same type. So the unions here have no two types of which one is promoted to the other.
    schema = data.draw(avro.schemas(families=True))
    reader = data.draw(avro.readers(schema))
    written = avro.write(schema, data.draw(avro.values(schema)))

    value = compile_avro(json.dumps(schema), reader=json.dumps(reader))(written, 0)

    assert avro.comparable(value) == avro.comparable(avro.read(schema, written, reader))


@_settings
@given(st.data())
def test_a_schema_reads_what_was_written_with_itself(data: st.DataObject) -> None:
    schema = data.draw(avro.schemas())
    written = avro.write(schema, data.draw(avro.values(schema)))
    text = json.dumps(schema)

    value = compile_avro(text, reader=text)(written, 0)

    assert avro.comparable(value) == avro.comparable(compile_avro(text)(written, 0))


@_settings
@given(st.data())
def test_any_bytes_are_a_value_or_an_error(data: st.DataObject) -> None:
    schema = data.draw(avro.schemas())
    garbage = data.draw(st.binary(max_size=100))

    ours, theirs = what_both_read(schema, garbage)
    assert ours == theirs


@_settings
@given(st.data())
def test_damaged_bytes_are_a_value_or_an_error(data: st.DataObject) -> None:
    schema = data.draw(avro.schemas())
    damaged = bytearray(avro.write(schema, data.draw(avro.values(schema))))
    for _ in range(data.draw(st.integers(1, 3)) if damaged else 0):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))

    ours, theirs = what_both_read(schema, bytes(damaged))
    assert ours == theirs


@_settings
@given(st.data())
def test_cut_and_appended_bytes_are_an_error(data: st.DataObject) -> None:
    schema = data.draw(avro.schemas())
    written = avro.write(schema, data.draw(avro.values(schema)))
    decode = compile_avro(json.dumps(schema))

    with pytest.raises(AvroDecodeError, match="left over"):
        decode(written + data.draw(st.binary(min_size=1)), 0)
    if written:
        with pytest.raises(AvroDecodeError):
            decode(written[: data.draw(st.integers(0, len(written) - 1))], 0)


@_settings
@given(st.data())
def test_damaged_bytes_are_skipped_or_an_error(data: st.DataObject) -> None:
    schema = data.draw(avro.schemas())
    record = {"type": "record", "name": "Outermost", "fields": [{"name": "dropped", "type": schema}]}
    decode = compile_avro(json.dumps(record), reader=json.dumps(record | {"fields": []}))
    written = avro.write(schema, data.draw(avro.values(schema)))

    assert decode(written, 0) == {}
    for damaged in (data.draw(st.binary(max_size=50)), written[: data.draw(st.integers(0, len(written)))]):
        try:
            assert decode(damaged, 0) == {}
        except AvroDecodeError:
            continue


@_settings
@given(st.data())
def test_any_other_schema_reads_it_or_is_refused(data: st.DataObject) -> None:
    schema, reader = data.draw(avro.schemas()), data.draw(avro.schemas())
    written = avro.write(schema, data.draw(avro.values(schema)))

    first, second = (_outcome(json.dumps(schema), json.dumps(reader), written) for _ in range(2))
    assert first == second


_WORDS = st.sampled_from(
    "type name namespace aliases fields items values symbols size default logicalType precision scale "
    "record enum fixed array map null int string bytes decimal uuid A B shop.C".split()
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 20) | _WORDS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(_WORDS, parts, max_size=6),
)


@_settings
@given(_JSON, _JSON, st.binary(max_size=20))
def test_any_json_is_a_schema_or_an_error(schema: Any, reader: Any, garbage: bytes) -> None:
    record = {"type": "record", "name": "Outermost", "fields": [{"name": "a", "type": "int"}]}

    for written, wanted in ((schema, None), (schema, schema), (record, reader), (record, schema)):
        text = None if wanted is None else json.dumps(wanted)
        first, second = (_outcome(json.dumps(written), text, garbage) for _ in range(2))
        assert first == second


@_settings
@given(st.data())
def test_part_of_a_schema_replaced_is_a_schema_or_an_error(data: st.DataObject) -> None:
    schema = data.draw(avro.schemas())
    texts = json.dumps(schema).split('"')
    texts[data.draw(st.integers(0, len(texts) - 1))] = data.draw(_WORDS)

    garbage = data.draw(st.binary(max_size=20))
    first, second = (_outcome('"'.join(texts), None, garbage) for _ in range(2))
    assert first == second


def _outcome(text: str, reader: str | None, data: bytes) -> Any:
    """Return the value, or which of our errors says why there is none; any other error is raised."""
    try:
        return avro.comparable(compile_avro(text, reader=reader)(data, 0))
    except (AvroSchemaError, AvroDecodeError) as error:
        return type(error), str(error)


def what_both_read(schema: Any, data: bytes) -> tuple[Any, Any]:
    """Whatever we read, and what fastavro reads, which reads much that is wrong; None where we refuse."""
    try:
        value = compile_avro(json.dumps(schema))(data, 0)
    except AvroDecodeError:
        return None, None
    return avro.comparable(value), avro.comparable(avro.read(schema, data))
