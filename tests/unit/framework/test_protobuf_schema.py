from __future__ import annotations

import base64
import itertools
from typing import Any

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from framework.protobuf import ProtobufDecodeError, ProtobufFile, load_file, parse

ORDER = """
syntax = "proto3";
package shop;
import "shop/line.proto";
import "shop/money.proto";
message Order {
  string id = 1;
  repeated Line lines = 2;
  Money total = 3;
}
message Shipment {
  message Address {
    string city = 1;
    message Door { int32 number = 1; }
  }
  message Parcel { string code = 1; }
  Address address = 1;
}
"""
LINE = 'syntax = "proto3"; package shop; import "shop/money.proto"; message Line { Money price = 1; }'
MONEY = 'syntax = "proto3"; package shop; message Money { int64 cents = 1; }'
REFERENCES = (("shop/money.proto", MONEY), ("shop/line.proto", LINE))

INDEXES: dict[tuple[int, ...], str] = {
    (0,): "shop.Order",
    (1,): "shop.Shipment",
    (1, 0): "shop.Shipment.Address",
    (1, 0, 0): "shop.Shipment.Address.Door",
    (1, 1): "shop.Shipment.Parcel",
}


def descriptor(
    text: str, references: tuple[tuple[str, str], ...] = (), **changed: str
) -> FileDescriptorProto:
    file = FileDescriptorProto()
    load_file(text, references).message_class((0,)).DESCRIPTOR.file.CopyToProto(file)
    for name, value in changed.items():
        setattr(file, name, value)
    return file


def base64_of(file: FileDescriptorProto) -> str:
    return base64.b64encode(file.SerializeToString()).decode()


def round_trip(schema: ProtobufFile, **fields: Any) -> Any:
    cls = schema.message_class((0,))
    return parse(cls, cls(**fields).SerializeToString())


@pytest.mark.parametrize(("index", "name"), INDEXES.items(), ids=INDEXES.values())
def test_an_index_leads_to_its_message(index: tuple[int, ...], name: str) -> None:
    schema = load_file(ORDER, REFERENCES)
    assert schema.message_class(index).DESCRIPTOR.full_name == name
    assert schema.message_class(index) is schema.message_class(index)
    assert schema.first_name == "shop.Order"


@pytest.mark.parametrize("index", [(3,), (2,), (0, 0), (1, 2), (1, 0, 0, 0), (-1,)], ids=str)
def test_an_index_without_a_message_is_an_error(index: tuple[int, ...]) -> None:
    with pytest.raises(ProtobufDecodeError) as caught:
        load_file(ORDER, REFERENCES).message_class(index)
    assert str(caught.value) == f"message index {list(index)} isn't in the schema, which has 2 messages"


def test_a_schema_without_a_package_or_messages() -> None:
    assert load_file('syntax = "proto3"; message Order {}').first_name == "Order"
    assert load_file("").first_name == ""
    with pytest.raises(ProtobufDecodeError, match="which has 0 messages"):
        load_file("enum Color { RED = 0; }").message_class((0,))


def test_messages_that_protoc_adds_for_maps_are_never_the_message() -> None:
    schema = load_file("message A { map<string, int32> counts = 1; message B {} }")
    assert schema.message_class((0, 1)).DESCRIPTOR.full_name == "A.B"  # counts the map's, as most writers do
    assert schema.message_class((0, 0)).DESCRIPTOR.full_name == "A.B"  # does not
    with pytest.raises(ProtobufDecodeError, match="isn't in the schema"):
        load_file("message A { map<string, int32> counts = 1; }").message_class((0, 0))


VERSIONS = {
    "proto2": 'syntax = "proto2"; message A { required int32 n = 1; optional int32 m = 2 [default = 5]; }',
    "no version": "message A { required int32 n = 1; optional int32 m = 2 [default = 5]; }",
    "no version, comments": '// syntax = "proto3"\n/* edition */ message A { required int32 n = 1; }',
    "proto3": "/* an order */ // of the shop\nsyntax='proto3'; message A { int32 n = 1; }",
    "byte order mark": '\ufeffsyntax = "proto3"; message A { int32 n = 1; }',
    "edition 2023": 'edition = "2023"; message A { int32 n = 1; }',
    "edition 2024": 'edition = "2024"; message A { int32 n = 1; }',
    "names alike": "message A { required int32 n = 1; optional int32 aB = 2; optional int32 a_b = 3; }",
    "an unused import": 'import "google/protobuf/any.proto"; message A { optional int32 n = 1; }',
}


@pytest.mark.parametrize("text", VERSIONS.values(), ids=VERSIONS.keys())
def test_every_version_is_compiled_and_nothing_printed(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert round_trip(load_file(text), n=7).n == 7
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("line_form", ["text", "base64"])
@pytest.mark.parametrize("money_form", ["text", "base64"])
@pytest.mark.parametrize("form", ["text", "base64"])
def test_text_and_base64_may_import_each_other(form: str, line_form: str, money_form: str) -> None:
    # Names in the descriptors are others than those of the imports, as some registries leave them.
    money = MONEY if money_form == "text" else base64_of(descriptor(MONEY, name="default"))
    line = LINE if line_form == "text" else base64_of(descriptor(LINE, REFERENCES, name="default"))
    order = ORDER if form == "text" else base64_of(descriptor(ORDER, REFERENCES, name="default"))
    schema = load_file(order, [("shop/money.proto", money), ("shop/line.proto", line)])
    message = round_trip(schema, lines=[{"price": {"cents": 5}}], total={"cents": 2**60})
    assert [each.price.cents for each in message.lines] == [5]
    assert message.total.cents == 2**60


def test_base64_may_be_wrapped() -> None:
    text = base64.encodebytes(descriptor(ORDER, REFERENCES).SerializeToString()).decode()
    assert "\n" in text.strip()
    assert load_file(text, REFERENCES).first_name == "shop.Order"


@pytest.mark.parametrize("form", ["text", "base64"])
def test_an_import_is_also_found_by_the_name_in_a_descriptor(form: str) -> None:
    line = LINE if form == "text" else base64_of(descriptor(LINE, REFERENCES))
    money = base64_of(descriptor(MONEY, name="shop/money.proto"))
    cls = load_file(line, [("a reference of that registry", money)]).message_class((0,))
    assert cls.DESCRIPTOR.full_name == "shop.Line"


def test_a_reference_may_have_the_name_of_the_schema() -> None:
    main = descriptor(LINE, REFERENCES, name="shop/money.proto")
    assert load_file(base64_of(main), REFERENCES).first_name == "shop.Line"
    text = LINE.replace("shop/money.proto", "schema.proto")
    assert load_file(text, [("schema.proto", MONEY)]).first_name == "shop.Line"


def test_public_imports_are_followed() -> None:
    prices = 'syntax = "proto3"; import public "shop/money.proto";'
    text = 'syntax = "proto3"; import "prices.proto"; message A { shop.Money price = 1; }'
    for form in (
        prices,
        base64_of(
            FileDescriptorProto(
                name="x", syntax="proto3", dependency=["shop/money.proto"], public_dependency=[0]
            )
        ),
    ):
        schema = load_file(text, [("shop/money.proto", MONEY), ("prices.proto", form)])
        assert round_trip(schema, price={"cents": 5}).price.cents == 5


def test_well_known_types_have_their_methods() -> None:
    text = """
        import "google/protobuf/timestamp.proto"; import "google/protobuf/duration.proto";
        import "google/protobuf/struct.proto"; import "google/protobuf/any.proto";
        message A { optional google.protobuf.Timestamp at = 1; optional google.protobuf.Duration took = 2;
          optional google.protobuf.Struct more = 3; optional google.protobuf.Any any = 4; }"""
    message = round_trip(load_file(text), at={"seconds": 3}, took={"seconds": 4}, more={"a": 1.5})
    assert message.at.ToDatetime().second == 3
    assert message.took.ToSeconds() == 4
    assert message.more["a"] == 1.5
    assert not message.any.Is(message.at.DESCRIPTOR)


def test_a_registry_s_own_copy_of_a_well_known_file_is_not_used() -> None:
    text = (
        'import "google/protobuf/timestamp.proto"; message A { optional google.protobuf.Timestamp at = 1; }'
    )
    copy = "not even a schema {"
    assert (
        round_trip(load_file(text, [("google/protobuf/timestamp.proto", copy)]), at={"seconds": 3}).at.seconds
        == 3
    )


def test_files_of_google_and_confluent_need_no_reference() -> None:
    text = """
        syntax = "proto3";
        import "google/type/date.proto"; import "confluent/meta.proto"; import "confluent/type/decimal.proto";
        option (confluent.file_meta).doc = "orders";
        message A {
          option (confluent.message_meta) = { doc: "an order" };
          google.type.Date day = 1 [(confluent.field_meta).tags = "PII"];
          confluent.type.Decimal total = 2 [(confluent.field_meta) = {
            params: [{ key: "precision", value: "9" }, { key: "scale", value: "2" }]
            rules: [{ name: "positive", expr: "this.total > 0" }]
          }];
        }
        enum E { option (confluent.enum_meta).doc = "e"; Z = 0 [(confluent.enum_value_meta).doc = "z"]; }"""
    fields = {"day": {"year": 2013}, "total": {"value": b"\x01", "precision": 9, "scale": 2}}
    for form in (text, base64_of(descriptor(text))):
        message = round_trip(load_file(form), **fields)
        assert (message.day.year, message.total.value, message.total.scale) == (2013, b"\x01", 2)


def test_an_old_import_name_of_confluent_s_decimal() -> None:
    text = 'import "confluent/types/decimal.proto"; message A { optional confluent.type.Decimal total = 1; }'
    for form in (text, base64_of(descriptor(text))):
        assert round_trip(load_file(form), total={"scale": 2}).total.scale == 2


def test_a_reference_is_used_instead_of_the_built_in_file() -> None:
    own = 'syntax = "proto3"; package confluent.type; message Decimal { string text = 9; }'
    text = 'import "confluent/type/decimal.proto"; message A { optional confluent.type.Decimal total = 1; }'
    for form in (own, base64_of(descriptor(own))):
        schema = load_file(text, [("confluent/type/decimal.proto", form)])
        assert round_trip(schema, total={"text": "1.5"}).total.text == "1.5"


@pytest.mark.parametrize("form", ["text", "base64"])
def test_a_file_that_many_paths_lead_to_is_visited_once(form: str) -> None:
    # 2 to the power of 40 paths.
    names = [(f"a{number}.proto", f"b{number}.proto") for number in range(40)]
    references = [("a0.proto", "message A0 {}"), ("b0.proto", "message B0 {}")]
    for lower, upper in itertools.pairwise(names):
        for name in upper:
            file = FileDescriptorProto(name=name, dependency=lower)
            text = "".join(f'import "{each}";' for each in lower)
            references.append((name, text if form == "text" else base64_of(file)))
    main = 'import "a39.proto"; import "b39.proto"; message Main {}'
    assert load_file(main, references).first_name == "Main"


def test_schemas_with_the_same_names_are_independent() -> None:
    first = load_file('syntax = "proto3"; package shop; message Order { string id = 1; }')
    second = load_file('syntax = "proto3"; package shop; message Order { int32 number = 1; }')
    assert round_trip(first, id="a").id == "a"
    assert round_trip(second, number=1).number == 1
    assert first.message_class((0,)) is not second.message_class((0,))
    with pytest.raises(KeyError):
        descriptor_pool.Default().FindMessageTypeByName("shop.Order")


def test_bytes_that_are_cut_or_of_another_type_are_an_error() -> None:
    cls = load_file(ORDER, REFERENCES).message_class((0,))
    data = cls(id="abc").SerializeToString()
    for wrong in (data[:-1], b"\xff", b'{"id": "abc"}'):
        with pytest.raises(ProtobufDecodeError) as caught:
            parse(cls, wrong)
        assert str(caught.value) == "the bytes are cut or not of shop.Order"


def test_messages_nest_a_hundred_levels_at_most() -> None:
    cls = load_file("message Node { optional Node next = 1; }").message_class((0,))

    def nested(levels: int) -> bytes:
        data = b""
        for _ in range(levels):
            length, head = len(data), b"\x0a"
            while length > 127:
                head, length = head + bytes([length & 127 | 128]), length >> 7
            data = head + bytes([length]) + data
        return data

    parse(cls, nested(99))
    with pytest.raises(ProtobufDecodeError):
        parse(cls, nested(10_000))


def test_the_repr_names_file_and_messages() -> None:
    assert repr(load_file(ORDER, REFERENCES)) == "<ProtobufFile schema.proto: 2 messages>"
