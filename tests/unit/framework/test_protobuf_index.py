from __future__ import annotations

import pytest

from framework.protobuf import ProtobufDecodeError, read_index

# In zigzag, 0 1 2 3 are written 0 2 4 6, and -1 as 1.
LISTS = {
    "the first message": (b"\x00", (0,)),
    "the first message, in full": (b"\x02\x00", (0,)),
    "the second message": (b"\x02\x02", (1,)),
    "the first one nested in the second": (b"\x04\x02\x00", (1, 0)),
    "three levels": (b"\x06\x04\x00\x06", (2, 0, 3)),
    "an index of two bytes": (b"\x02\x80\x01", (64,)),
    "the greatest index": (b"\x02\xfe\xff\xff\xff\x0f", (2**31 - 1,)),
    "the longest list": (b"\x80\x01" + b"\x02" * 64, (1,) * 64),
}

INVALID = {
    "nothing": (b"", "the message index list is cut"),
    "a count only": (b"\x04", "the message index list is cut"),
    "an index too few": (b"\x04\x02", "the message index list is cut"),
    "half an index": (b"\x02\x80", "the message index list is cut"),
    "a negative count": (b"\x01", "the message index list has length -1: expected 0 to 64"),
    "a count too great": (b"\x82\x01", "the message index list has length 65: expected 0 to 64"),
    "a hostile count": (
        b"\xfe\xff\xff\xff\x0f",
        "the message index list has length 2147483647: expected 0 to 64",
    ),
    "a negative index": (b"\x02\x03", "the message index list has a negative index, -2"),
    "a number without end": (b"\xff" * 100, "the message index list has a number of more than 32 bits"),
    "a number above 32 bits": (
        b"\x02\x80\x80\x80\x80\x10",
        "the message index list has a number of more than 32 bits",
    ),
    "a padded 0": (b"\x80\x00", "the message index list has a number with needless bytes"),
    "a padded count": (b"\x82\x80\x00\x00", "the message index list has a number with needless bytes"),
    "a padded index": (b"\x02\x82\x00", "the message index list has a number with needless bytes"),
    "an index without end": (
        b"\x02" + b"\x80" * 9,
        "the message index list has a number of more than 32 bits",
    ),
}


@pytest.mark.parametrize(("data", "path"), LISTS.values(), ids=LISTS.keys())
def test_a_list_gives_the_path_and_where_the_message_begins(data: bytes, path: tuple[int, ...]) -> None:
    assert read_index(data, 0) == (path, len(data))
    assert read_index(data + b"\x08\x01", 0) == (path, len(data))


@pytest.mark.parametrize(("data", "path"), LISTS.values(), ids=LISTS.keys())
def test_a_list_may_begin_behind_the_schema_id(data: bytes, path: tuple[int, ...]) -> None:
    assert read_index(b"\x00\x00\x00\x00\x07" + data, 5) == (path, 5 + len(data))


@pytest.mark.parametrize(("data", "reason"), INVALID.values(), ids=INVALID.keys())
def test_an_invalid_list_is_an_error(data: bytes, reason: str) -> None:
    with pytest.raises(ProtobufDecodeError) as caught:
        read_index(data, 0)
    assert str(caught.value) == reason


def test_a_start_behind_the_end_is_an_error() -> None:
    with pytest.raises(ProtobufDecodeError, match="is cut"):
        read_index(b"\x00\x00", 5)
