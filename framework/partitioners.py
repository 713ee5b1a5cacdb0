"""How producers choose the partition of a key: the hash functions of Kafka's clients. Pure.

`murmur2` is the default of Kafka's Java client (`org.apache.kafka.common.utils.Utils.murmur2`), `crc32` that
of librdkafka (`consistent_random`), and `fnv1a` another of librdkafka's. Each hashes the bytes of the key.
"""

from __future__ import annotations

import collections.abc as cabc
import zlib
from typing import Final, Literal, get_args

from framework.errors import RoutingError

Partitioner = Literal["murmur2", "crc32", "fnv1a"]
"""The name of a hash function."""

_32_BITS: Final = 0xFFFFFFFF


def check_partitioner(name: object) -> Partitioner | None:
    """Return the name of a partitioner, or None; any other value is a RoutingError."""
    if name is None:
        return None
    for known in get_args(Partitioner):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise RoutingError(
        f"partitioner={name!r} is invalid: expected 'murmur2' (Java's default), 'crc32' (librdkafka's) or "
        "'fnv1a'."
    )


def partition_of(partitioner: Partitioner, key: bytes | None, count: int) -> int | None:
    """Return the partition of a key among `count` partitions; None where the producer chooses any.

    That is so for messages without a key, and with `crc32` also for an empty key.
    """
    if key is None or (partitioner == "crc32" and not key):
        return None
    return _HASHES[partitioner](key) % count


def _murmur2(data: bytes) -> int:
    """Return Java's murmur2 without its sign bit, as its producer uses it."""
    multiplier = 0x5BD1E995
    hashed = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * multiplier & _32_BITS
        word = (word ^ word >> 24) * multiplier & _32_BITS
        hashed = hashed * multiplier & _32_BITS ^ word
    if whole < len(data):
        hashed = (hashed ^ int.from_bytes(data[whole:], "little")) * multiplier & _32_BITS
    hashed = (hashed ^ hashed >> 13) * multiplier & _32_BITS
    return (hashed ^ hashed >> 15) & 0x7FFFFFFF


def _fnv1a(data: bytes) -> int:
    """Return librdkafka's 32-bit FNV-1a: the absolute value of the hash as a signed number."""
    hashed = 0x811C9DC5
    for byte in data:
        hashed = (hashed ^ byte) * 0x01000193 & _32_BITS
    return hashed if hashed < 1 << 31 else (1 << 32) - hashed


_HASHES: Final[dict[Partitioner, cabc.Callable[[bytes], int]]] = {
    "murmur2": _murmur2,
    "crc32": zlib.crc32,
    "fnv1a": _fnv1a,
}
