"""The topics of the benchmarks as values: what each of them holds."""

from __future__ import annotations

import dataclasses

YEAR, THREE_YEARS, NINE_YEARS = "year", "three-years", "nine-years"
KEYED, KEYED_YEAR = "three-years-keyed", "year-keyed"
COPIES = {YEAR: 1, THREE_YEARS: 3, NINE_YEARS: 9, KEYED: 3, KEYED_YEAR: 1}
KEY, NEEDLE = "AA301", b'"tailnum":"N14228"'
"""What is searched for in that topic: the messages of a key, and of a plane."""
LARGE = "megabytes"
EMPTY = {f"partitions-{number}": number for number in (1, 12, 100, 1000)}
NO_TOPIC = "-"
YEARS_AVRO, AVRO, PROTOBUF, JSON_SCHEMA = "three-years-avro", "avro", "protobuf", "json-schema"


@dataclasses.dataclass(frozen=True)
class Framed:
    """What a topic holds that is written with a schema registry: copies of each `every`-th flight."""

    format: str
    copies: int = 1
    every: int = 1


# What is deserialized from memory is held there as a whole, so it is fewer flights.
FRAMED = {
    YEARS_AVRO: Framed("avro", copies=3),
    AVRO: Framed("avro", every=11),
    PROTOBUF: Framed("protobuf", every=11),
    JSON_SCHEMA: Framed("json-schema", every=11),
}
