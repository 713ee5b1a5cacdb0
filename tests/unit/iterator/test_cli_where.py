"""`--where`: a mistake is shown before anything is read, and a failure says what to write instead."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
from typing import Any

import click
import pytest

from framework import DeserializationError, RegistryUnavailableError
from framework.deserializers import raw, text
from framework.testing import reset_current_app
from framework_iterator.cli.where import Expression, WhereError
from tests.unit.iterator.rows import message

NAMES = (
    "The names are topic, partition, offset, timestamp, key, payload, headers, and those of Python itself."
)


@dataclasses.dataclass
class Order:
    total: int
    customer: dict[str, Any] | None = None


@pytest.fixture(autouse=True)
def _no_app_is_left() -> cabc.Iterator[None]:
    yield
    reset_current_app()


@pytest.mark.parametrize(
    ("expression", "is_true"),
    [
        ('payload["total"] > 1000', True),
        ('payload["total"] > 5000', False),
        ('topic == "flights" and partition == 2 and offset == 17', True),
        ('key == "C-42" and headers["trace"] == "1"', True),
        ("timestamp is None", True),
        ("any(key == 'total' for key in payload)", True),
        ("[payload for payload in payload.values() if partition]", True),
        ("{partition: value for partition, value in payload.items()}['total'] == 2000", True),
        ("(lambda payload, *rest, extra=offset: payload + extra)(1) == 18", True),
        ("(total := payload['total']) > 1000 and total < 3000", True),
        ("[x for y in [[offset], [partition]] for x in y if x == offset]", True),
        ("max(len(payload), 3) == 3", True),
        ("  payload\n", True),
        ("0", False),
    ],
)
def test_it_is_python_with_the_names_of_the_parts_of_a_message(expression: str, is_true: bool) -> None:
    given = message(b'{"total": 2000}', key=b"C-42", headers=[("trace", b"1")], partition=2, offset=17)

    assert Expression(expression)(given) is is_true


def test_a_part_is_deserialized_when_the_evaluation_reaches_it() -> None:
    given = message(b"not JSON")

    assert not Expression('partition == 1 and payload["total"]')(given)
    assert not given.is_deserialized


@pytest.mark.parametrize(
    ("expression", "parts"),
    [
        ('payload["total"] > 1000', {"payload"}),
        ("partition == 1 and key", {"partition", "key"}),
        ("[key for key in payload]", {"payload"}),
        ("[key for x in payload if key]", {"payload", "key"}),
        ("[lambda key, *headers, **topic: (key, headers, topic)]", set()),
        ("[lambda offset=offset: offset]", {"offset"}),
        ("True", set()),
    ],
)
def test_it_knows_which_parts_it_names(expression: str, parts: set[str]) -> None:
    assert Expression(expression).parts == parts


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        pytest.param(
            'payload["total" > 1000',
            "'[' was never closed.\n\n  payload[\"total\" > 1000\n         ^",
            id="a bracket",
        ),
        pytest.param("payload.", "Invalid syntax.\n\n  payload.\n          ^", id="the end is missing"),
        pytest.param("payload = 3", "Invalid syntax.\n\n  payload = 3\n          ^", id="a statement"),
        pytest.param(
            'payload["漢字"] == = 3',
            'Invalid syntax.\n\n  payload["漢字"] == = 3\n                     ^',
            id="wide letters",
        ),
        pytest.param(
            "key is 5",
            '"is" with a literal. Did you mean "=="?.\n\n  key is 5\n  ^^^^^^^^',
            id="what is never true",
        ),
        pytest.param("(yield 1)", "'yield' outside function.\n\n  (yield 1)\n   ^^^^^^^", id="yield"),
        pytest.param(
            "paylod[0]",
            f"Unknown name 'paylod'. Did you mean 'payload'? {NAMES}\n\n  paylod[0]\n  ^^^^^^",
            id="a close name",
        ),
        pytest.param(
            '"é" and total > 3',
            "Unknown name 'total'. A field of the payload is payload.total, or payload[\"total\"]. "
            f'{NAMES}\n\n  "é" and total > 3\n          ^^^^^',
            id="a field",
        ),
        pytest.param(
            "message.payload",
            f"Unknown name 'message'. Write payload instead of message.payload, and so on. {NAMES}\n\n"
            "  message.payload\n  ^^^^^^^",
            id="the message",
        ),
        pytest.param(
            "[x for x in payload] and x",
            f"Unknown name 'x'. A field of the payload is payload.x, or payload[\"x\"]. {NAMES}\n\n"
            "  [x for x in payload] and x\n                           ^",
            id="a name outside its comprehension",
        ),
        pytest.param(
            "(payload := 3)",
            "'payload' is a part of the message: assign to another name.\n\n  (payload := 3)\n   ^^^^^^^",
            id="an assignment",
        ),
        pytest.param(
            "lambda message: message.offset == 1",
            "A lambda is a function, which is always true. Write its body alone, "
            "such as 'payload[\"total\"] > 1000'.",
            id="a lambda",
        ),
        pytest.param(
            " ", "The expression is empty. Write one such as 'payload[\"total\"] > 1000'.", id="empty"
        ),
        pytest.param(
            "\udcff == key",
            "This is no Python expression: 'utf-8' codec can't encode character '\\udcff' in position 0: "
            "surrogates not allowed.",
            id="bytes that are no text",
        ),
    ],
)
def test_a_mistake_is_shown_at_its_place_before_anything_is_read(expression: str, sentence: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        Expression(expression)

    assert caught.value.message == sentence
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "expression",
    [pytest.param("1" + "+1" * 50_000, id="long"), pytest.param("(" * 500 + ")" * 500, id="deep")],
)
def test_what_python_can_not_parse_is_refused(expression: str) -> None:
    with pytest.raises(click.BadParameter):
        Expression(expression)


@pytest.mark.parametrize(
    ("expression", "payload", "declared", "reason"),
    [
        pytest.param(
            "payload.total > 1000",
            b'{"total": 1}',
            None,
            "'dict' object has no attribute 'total'. It is a dict: write payload[\"total\"].",
            id="a dict",
        ),
        pytest.param(
            'payload["customer"].name == "x"',
            b'{"customer": {"name": "x"}}',
            None,
            "'dict' object has no attribute 'name'. It is a dict: write payload[\"customer\"][\"name\"].",
            id="a dict inside",
        ),
        pytest.param(
            'payload["total"] > 1000',
            b'{"total": 1}',
            Order,
            "'Order' object is not subscriptable. The payload has the type Order: write payload.total.",
            id="a model",
        ),
        pytest.param(
            "payload.totals",
            b'{"total": 1}',
            Order,
            "'Order' object has no attribute 'totals'. Did you mean 'total'?",
            id="a close name",
        ),
        pytest.param(
            'payload["total"] > 1000',
            None,
            None,
            "'NoneType' object is not subscriptable. It is a tombstone: its payload is None. "
            'Write payload is not None and (payload["total"] > 1000).',
            id="a tombstone",
        ),
        pytest.param(
            'payload["total"] > 1000 or offset',
            b'{"total": null}',
            None,
            "'>' not supported between instances of 'NoneType' and 'int'. Here payload[\"total\"] is None. "
            'Write payload["total"] is not None and (payload["total"] > 1000 or offset).',
            id="null inside",
        ),
        pytest.param(
            'key.startswith("C")',
            b"1",
            None,
            "'NoneType' object has no attribute 'startswith'. Here key is None. "
            'Write key is not None and (key.startswith("C")).',
            id="no key",
        ),
        pytest.param(
            'payload["total"] > 1000',
            b"{}",
            None,
            'KeyError: \'total\'. Write "total" in payload and (payload["total"] > 1000).',
            id="a field that is missing",
        ),
        pytest.param(
            'payload["total"] > 1000',
            b"a line",
            text,
            "string indices must be integers, not 'str'. "
            "The payload is text: --payload-as names another deserializer.",
            id="text",
        ),
        pytest.param(
            "payload.total > 1000",
            b"a line",
            raw,
            "'bytes' object has no attribute 'total'. "
            "The payload is bytes: --payload-as names another deserializer.",
            id="bytes",
        ),
        pytest.param(
            'headers["at"] > "2024-01-01"',
            b"1",
            None,
            'KeyError: \'at\'. Write "at" in headers and (headers["at"] > "2024-01-01").',
            id="a header that is missing",
        ),
        pytest.param("1 / partition", b"1", None, "division by zero.", id="something else"),
        pytest.param(
            "payload.isdigit",
            b"a line",
            text,
            "the result is a function, which is always true. Write payload.isdigit(...).",
            id="a call that was forgotten",
        ),
        pytest.param(
            'payload["a"]',
            b"{",
            None,
            "Can't read the payload of flights-0@17 with json: "
            "EOF while parsing an object at line 1 column 1. --skip leaves such messages out.",
            id="unreadable",
        ),
    ],
)
def test_a_failure_names_the_message_the_expression_and_what_to_write(
    expression: str, payload: bytes | None, declared: Any, reason: str
) -> None:
    with pytest.raises(WhereError) as caught:
        Expression(expression)(message(payload, declared, offset=17))

    assert str(caught.value) == f"flights-0@17: --where {expression!r} failed: {reason}"
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("expression", ['key["id"] == 7', "key.id == 7"])
def test_a_field_of_a_key_that_is_text_names_the_option_of_keys(expression: str) -> None:
    with pytest.raises(WhereError) as caught:
        Expression(expression)(message(b"1", key=b"\0\0\0\0\7\x0e"))

    assert str(caught.value).endswith(". The key is text: --key-as names another deserializer.")


def test_the_cause_of_an_unreadable_payload_is_kept() -> None:
    with pytest.raises(WhereError) as caught:
        Expression('payload["a"]')(message(b"{"))

    assert isinstance(caught.value.__cause__, DeserializationError)


def test_what_is_not_about_one_message_stays_as_it_is() -> None:
    def unreachable(_data: bytes) -> object:
        raise RegistryUnavailableError("The registry is down.")

    with pytest.raises(RegistryUnavailableError):
        Expression("payload")(message(b"1", unreachable))
