"""JSON Schemas that are hostile, and honest ones that look alike."""

from __future__ import annotations

import json
import re
import threading
from typing import Any

import pytest

from framework.registry import Schema
from framework.schemas.json_depth import resolve
from framework.schemas.validation import validating


def parser(schema: object, **references: object) -> Any:
    texts = tuple((name, json.dumps(each)) for name, each in references.items())
    return validating(Schema("JSON", json.dumps(schema), texts), json.loads, is_plain=True)


def chain(length: int, end: object = True, *, keyword: str = "allOf", **others: object) -> dict[str, Any]:
    """A schema of definitions that each refer to the next: 3 levels each with allOf, 2 with not."""
    definitions: dict[str, Any] = {}
    for number in range(length):
        following = {"$ref": f"#/$defs/{number + 1}", **others}
        definitions[str(number)] = {keyword: [following] if keyword == "allOf" else following}
    return {"$ref": "#/$defs/0", "$defs": {**definitions, str(length): end}}


def schema_reason(schema: object, **references: object) -> str:
    with pytest.raises(ValueError, match=r"^the schema is invalid: ") as caught:
        parser(schema, **references)
    return str(caught.value).removeprefix("the schema is invalid: ")


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "a chain": (chain(700), "it nests 2102 levels deep along its references: expected <= 2000"),
    "a long chain": (chain(15_000), "it nests 45002 levels deep"),
    "not": (chain(1100, keyword="not"), "it nests 2202 levels deep"),
    "an address of its own": ({"$id": "urn:a", **chain(700)}, "it nests 2102 levels deep"),
    "addresses beside references": (
        {"$schema": "http://json-schema.org/draft-07/schema#", **chain(700, **{"$id": "q.json"})},
        "it nests 2102 levels deep",
    ),
    "much text": ({"description": "x" * 1_000_000}, "it has 1000019 characters with its references"),
}


@pytest.mark.parametrize(("schema", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_schema_that_would_overflow_the_stack_is_invalid(schema: Any, reason: str) -> None:
    assert schema_reason(schema).startswith(reason)


def test_a_chain_over_anchors_is_followed() -> None:
    definitions = [{"$anchor": f"a{number}", "not": {"$ref": f"#a{number + 1}"}} for number in range(1100)]
    schema = {"$ref": "#a0", "$defs": dict(enumerate([*definitions, {"$anchor": "a1100"}]))}
    assert schema_reason(schema).startswith("it nests 2203 levels deep")


def test_a_chain_over_documents_is_followed() -> None:
    links = {f"r{number}": chain(20, {"$ref": f"r{number + 1}"}) for number in range(50)}
    assert schema_reason({"$ref": "r0"}, **links, r50=True).startswith("it nests 31")


def test_very_many_references_are_invalid() -> None:
    references: dict[str, object] = {f"r{number}": True for number in range(200)}
    reason = schema_reason({}, **references)
    assert reason == "it has 201 documents with its references: expected <= 200"


def test_very_many_addresses_are_invalid() -> None:
    references: dict[str, object] = {
        f"r{number}": {"$id": f"http://x/{number}/", "description": "x" * 4000} for number in range(199)
    }
    assert "characters at all their addresses" in schema_reason({}, **references)


def test_text_that_nests_deeper_than_python_parses_is_invalid() -> None:
    text = '{"not":' * 50_000 + "{}" + "}" * 50_000
    with pytest.raises(ValueError, match=r"^the schema is invalid: "):
        validating(Schema("JSON", text, ()), json.loads, is_plain=True)


@pytest.mark.parametrize("length", [10, 600])
@pytest.mark.parametrize("keyword", ["allOf", "not", "items"])
def test_a_long_chain_that_ends_is_followed_in_a_small_thread(length: int, keyword: str) -> None:
    found: list[object] = []
    schema = chain(length, keyword=keyword)
    previous = threading.stack_size(512 * 1024)
    thread = threading.Thread(target=lambda: found.append(parser(schema)(b"1")))
    thread.start()
    threading.stack_size(previous)
    thread.join()
    assert found == [1]


def test_a_recursive_schema_is_followed_through_a_deep_document() -> None:
    # 90,000 levels: they would overflow a stack of 8 MB.
    schema = chain(240, {"items": {"$ref": "#"}, "type": ["array", "integer"]})
    parse = parser(schema)
    assert parse(b"[" * 190 + b"]" * 190)
    with pytest.raises(ValueError, match=re.escape('is not of types "integer", "array"')):
        parse(b"[" * 150 + b'"x"' + b"]" * 150)


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"$dynamicAnchor": "x", "allOf": [{"$dynamicRef": "#x"}]},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
    ],
    ids=["itself", "in a list", "dynamic", "two"],
)
def test_references_in_a_circle_end(schema: Any) -> None:
    assert parser(schema)(b"[1]") == [1]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("http://x/order.json", "addr"),
        ("http://x/v1/order.json", "addr"),
        ("order.json", "addr"),
        ("http://x/order.json", "http://x/addr"),
        ("http://x/order.json", "http://y/addr"),
        ("app://x/order.json", "addr"),
    ],
)
@pytest.mark.parametrize("own", [{}, {"$id": "http://z/any.json"}], ids=["", "with an address"])
def test_a_reference_is_found_by_its_name_where_the_schema_has_an_address(
    address: str, name: str, own: Any
) -> None:
    schema = {"$id": address, "properties": {"to": {"$ref": f"{name}#/$defs/city"}}}
    references = {name: {"$defs": {"city": {"$ref": "city"}}, **own}, "city": {"type": "string", **own}}
    parse = parser(schema, **references)
    assert parse(b'{"to": "Oslo"}') == {"to": "Oslo"}
    with pytest.raises(ValueError, match=r'^to: 5 is not of type "string"$'):
        parse(b'{"to": 5}')


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '{"a": [NaN]}'])
@pytest.mark.parametrize("is_plain", [True, False])
def test_numbers_that_json_does_not_have_are_refused(text: str, is_plain: bool) -> None:
    parse = validating(Schema("JSON", "{}", ()), json.loads, is_plain=is_plain)
    with pytest.raises(ValueError, match=r"expected value|invalid number"):
        parse(text.encode())


@pytest.mark.parametrize(
    ("base", "reference", "expected"),
    [
        ("", "a.json", "a.json"),
        ("dir/a.json", "b.json#/x", "dir/b.json#/x"),
        ("http://x/a.json#", "#/x", "http://x/a.json#/x"),
        ("urn:a:b", "#/x", "urn:a:b#/x"),
        ("app://x/a/b", "../c", "app://x/c"),
        ("app://x/a", "urn:b", "urn:b"),
        ("http://x/a", "", "http://x/a"),
    ],
)
def test_addresses_are_resolved(base: str, reference: str, expected: str) -> None:
    assert resolve(base, reference) == expected
