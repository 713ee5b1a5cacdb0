from __future__ import annotations

import datetime

import pytest

from framework import App, Message, RegistryUnavailableError
from framework.testing import build_message
from framework_iterator.explorer.expressions import Expression, ExpressionError


@pytest.fixture
def message() -> Message[object]:
    payload = b'{"dest": "LAX", "dep_delay": 95, "gate": null, "legs": [{"miles": 10}], "class": "b"}'
    return build_message(
        "flights",
        payload,
        key=b"UA12",
        app=App(),
        timestamp=datetime.datetime(2013, 12, 25, 19, 33, tzinfo=datetime.UTC),
    )


@pytest.mark.parametrize(
    "text",
    [
        "payload.dest == 'LAX'",
        "payload['dest'] == 'LAX' and payload.dep_delay > 60",
        "60 < payload.dep_delay <= 95",
        "payload.dest in ['JFK', 'LAX'] and payload.dest not in ('SFO',)",
        "not payload.dest == 'JFK'",
        "payload.gate is None",
        "payload.legs[0].miles == 10",
        "payload.legs[-1].miles >= 10",
        "key == 'UA12' and partition == 0 and topic == 'flights'",
        "timestamp > '2013-12-25' and '2013-12-26T10:00+00:00' > timestamp",
        "'AX' in payload.dest",
    ],
)
def test_an_expression_is_true_for_what_it_describes(text: str, message: Message[object]) -> None:
    expression = Expression(text)
    assert expression(message)
    assert expression.failed == 0


@pytest.mark.parametrize("text", ["payload.gate > 5", "payload.gate <= 'a'", "payload.dest == 'JFK'"])
def test_nothing_is_less_or_greater_than_none_as_in_sql(text: str, message: Message[object]) -> None:
    expression = Expression(text)
    assert not expression(message)
    assert expression.failed == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("payload.nothing == 1", "flights-0@0: 'nothing'"),
        ("payload.dest > 5", "flights-0@0: '>' not supported between instances of 'str' and 'int'"),
        ("payload.legs.append", "flights-0@0: append is a function"),
        ("timestamp > 'soon'", "flights-0@0: Invalid isoformat string: 'soon'"),
    ],
)
def test_where_it_fails_the_message_does_not_match_and_is_counted(
    text: str, reason: str, message: Message[object]
) -> None:
    expression = Expression(text)
    assert not expression(message)
    assert (expression.failed, expression.reason) == (1, reason)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("open('/etc/passwd')", "Where can't have a call"),
        ("payload.__class__", "Where can't have '__class__': what begins with an underscore is private."),
        (
            "payload.dest.__len__",
            "Where can't have '__len__': what begins with an underscore is private.",
        ),
        ("(1).__class__.__bases__[0]", "Where can't have '__bases__'"),
        ("9 ** 9 ** 9", "Where can't have arithmetic"),
        ("'a' * 10 ** 9", "Where can't have arithmetic"),
        ("lambda: 1", "Where can't have a lambda"),
        ("[x for x in payload]", "Where can't have '[x for x in payload]'"),
        ("f'{payload}'", "Where can't have an f-string"),
        ("(x := payload)", "Where can't have :="),
        ("-payload.dep_delay", "Where can't have arithmetic"),
        ("~1", "Where can't have arithmetic"),
        ("payload[1:2]", "Where can't have '1:2'"),
        ("{**payload}", "Where can't have '{**payload}'"),
        ("dest == 'LAX'", "Where has an unknown name 'dest'. A field of the payload is payload.dest."),
        ("payloud.dest", "Where has an unknown name 'payloud'. Did you mean 'payload'?"),
        ("__import__", "Where has an unknown name '__import__'."),
        ("payload.dest =", "Where is no expression. Write one such as payload.dest == 'LAX'"),
        ("not " * 100 + "1", "Where is nested too deeply."),
        ("(" * 400 + ")" * 400, "Where is no expression."),
        ("1" * 2_000, "Where has more than 1,000 characters."),
        ("\0", "Where is no expression."),
    ],
)
def test_what_is_not_in_the_language_is_an_error_that_says_so(text: str, sentence: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        Expression(text)
    assert str(caught.value).startswith(sentence)


def test_it_knows_the_fields_that_it_names() -> None:
    assert Expression("payload.dest == 'LAX' and payload['dep_delay'] > 6 or key == payload.dest").fields == [
        "dest",
        "dep_delay",
    ]


def test_a_schema_registry_that_does_not_answer_ends_the_search() -> None:
    app = App(schema_registry="http://127.0.0.1:1", registry_timeout=0.2)
    framed = build_message("flights", b"\0\0\0\0\1abc", app=app)
    with pytest.raises(RegistryUnavailableError):
        Expression("payload.dest == 'LAX'")(framed)
