"""A class and the message index in front of its bytes."""

from __future__ import annotations

from typing import Any

import pytest

from framework.protobuf import ProtobufDecodeError, check_index, index_of, indexed_parser, load_file

FILE = load_file("""
syntax = "proto3";
package shop;
message Paid { string who = 1; }
message Refund { string who = 1; message Reason { string who = 1; } }
message Order {
  map<string, int32> tags = 1;
  message Line { string who = 1; }
  message Note { string who = 1; message Author { string who = 1; } }
}
""")

INDEXES: dict[str, tuple[int, ...]] = {
    "shop.Paid": (0,),
    "shop.Refund": (1,),
    "shop.Refund.Reason": (1, 0),
    "shop.Order": (2,),
    # The message that protoc adds for the map is the first one nested in Order.
    "shop.Order.Line": (2, 1),
    "shop.Order.Note": (2, 2),
    "shop.Order.Note.Author": (2, 2, 0),
}


def written(index: tuple[int, ...]) -> bytes:
    """The index list, and a message after it."""
    listed = b"\x00" if index == (0,) else bytes([2 * len(index), *(2 * each for each in index)])
    return listed + b"\x0a\x03Ada"


@pytest.mark.parametrize(("name", "index"), INDEXES.items(), ids=INDEXES.keys())
def test_the_index_of_a_class_leads_back_to_it(name: str, index: tuple[int, ...]) -> None:
    cls: Any = FILE.message_class(index)
    assert cls.DESCRIPTOR.full_name == name
    assert index_of(cls) == index
    check_index(cls, index)
    data = b"....." + written(index)[:-5]  # without fields
    assert indexed_parser(cls, index_of(cls))(data, 5) == cls()


@pytest.mark.parametrize(("index", "without_maps"), [((2, 1), (2, 0)), ((2, 2, 0), (2, 1, 0))], ids=str)
def test_an_index_that_does_not_count_maps_is_accepted(
    index: tuple[int, ...], without_maps: tuple[int, ...]
) -> None:
    cls: Any = FILE.message_class(index)
    assert indexed_parser(cls, index_of(cls))(written(without_maps), 0).who == "Ada"


@pytest.mark.parametrize(
    ("index", "other", "reason"),
    [
        ((0,), (1,), "message index [1] is not that of shop.Paid, [0]"),
        ((0,), (0, 0), "message index [0, 0] is not that of shop.Paid, [0]"),
        ((1,), (0,), "message index [0] is not that of shop.Refund, [1]"),
        ((2, 2), (2, 0), "message index [2, 0] is not that of shop.Order.Note, [2, 2]"),
    ],
    ids=str,
)
def test_another_index_is_an_error(index: tuple[int, ...], other: tuple[int, ...], reason: str) -> None:
    cls: Any = FILE.message_class(index)
    parse = indexed_parser(cls, index_of(cls))
    for call in (lambda: parse(written(other), 0), lambda: check_index(cls, other)):
        with pytest.raises(ProtobufDecodeError) as caught:
            call()
        assert str(caught.value) == reason


def test_the_first_message_may_be_written_in_full() -> None:
    cls: Any = FILE.message_class((0,))
    assert indexed_parser(cls, (0,))(b"\x02\x00\x0a\x03Ada", 0).who == "Ada"


def test_without_an_expected_index_any_is_accepted() -> None:
    cls: Any = FILE.message_class((0,))
    assert indexed_parser(cls)(written((1,)), 0).who == "Ada"


def test_a_class_may_have_a_field_called_descriptor() -> None:
    file = load_file('syntax = "proto3"; message A {} message B { string DESCRIPTOR = 1; }')
    cls: Any = file.message_class((1,))
    assert index_of(cls) == (1,)
    assert indexed_parser(cls, (1,))(written((1,)), 0).DESCRIPTOR == "Ada"
    with pytest.raises(ProtobufDecodeError, match="not of B"):
        indexed_parser(cls, (1,))(b"\x02\x02\xff", 0)
