"""Compiles Avro schemas into decoders."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any

from framework.avro.errors import AvroSchemaError
from framework.avro.nodes import describe
from framework.avro.parsing import parse
from framework.avro.places import FILENAME
from framework.avro.resolution import resolve
from framework.avro.source import generate

Decoder = cabc.Callable[[bytes, int], Any]


def compile_avro(
    text: str, *, references: cabc.Sequence[str] = (), reader: str | None = None, names: bool = False
) -> Decoder:
    """Return a function that decodes bare Avro: `decode(data, start)`.

    The value has to end where the data end. What doesn't fit the schema is an AvroDecodeError that names the
    field. The decoder keeps no state, so threads may share it; its source code is in `decode.source`.

    Args:
        text: The schema that the data were written with.
        references: Schemas that define the types which it names, dependencies first.
        reader: The schema of the values that are wanted, in one text: Avro's schema resolution.
        names: Return a pair: the full name of the type (of the branch, in a union) or None, and the value.
    """
    try:
        node = parse(text, references)
        if reader is not None:
            node = resolve(node, parse(reader))
        code = generate(node, names=names)
        source = "\n".join(code.lines)
        namespace = dict(code.constants)
        exec(compile(source, FILENAME, "exec"), namespace)
    except (RecursionError, SyntaxError, MemoryError) as error:
        raise AvroSchemaError("The Avro schema is nested too deeply.") from error
    decode: Decoder = namespace["decode"]
    vars(decode)["source"] = source
    return decode


def root_type(text: str, references: cabc.Sequence[str] = ()) -> str:
    """Return the name of what a schema describes: `shop.Order`, or `string`, `array`, `union`..."""
    return describe(parse(text, references))
