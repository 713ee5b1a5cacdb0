"""Messages and their lines of JSON, for the tests of the command line."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest

from framework import App, Deserializers, Message
from framework.registry import Registry
from framework.testing import build_message
from framework.types import NOT_GIVEN
from framework_iterator.cli.encode import encoder_for
from framework_iterator.cli.framing import Framing
from framework_iterator.cli.rows import json_line

UTF8, ASCII = encoder_for("utf-8"), encoder_for("ascii")
NO_REGISTRY = Framing()


def message(payload: bytes | None, deserializer: Any = None, **rest: Any) -> Message[Any]:
    declared = {name: rest.pop(f"{name}_as") for name in ("key", "headers") if f"{name}_as" in rest}
    if deserializer is not None:
        declared["payload"] = deserializer
    topic = rest.pop("topic", "flights")
    return build_message(topic, payload, app=App(defaults=Deserializers(**declared)), **rest)


def framing(payload: Any = NOT_GIVEN, key: Any = NOT_GIVEN, registry: Registry | None = None) -> Framing:
    """What the command line knows of topic `flights`, declared so."""
    return Framing(registry, {"flights": Deserializers(payload, key)})


def row_of(given: Message[Any], framing: Framing = NO_REGISTRY) -> dict[str, Any]:
    """The object of a line, which is valid JSON in one line, and the same in both encodings."""
    lines = [json_line(given, encode, framing) for encode in (UTF8, ASCII)]
    parsed = []
    for line, has_error in lines:
        assert not [character for character in line if is_unsafe(character)]
        line.encode()
        row: dict[str, Any] = json.loads(line, parse_constant=pytest.fail)
        assert has_error == any(name.endswith("_error") for name in row)
        parsed.append(row)
    assert lines[1][0].isascii()
    assert json.dumps(parsed[0]) == json.dumps(parsed[1])
    return parsed[0]


def is_unsafe(character: str) -> bool:
    """Whether it may end a line, control a terminal, change the direction of text, or is not encodable."""
    is_mark = unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "PDI")
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or is_mark
