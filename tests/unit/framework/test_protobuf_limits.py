from __future__ import annotations

import sys
import traceback
from typing import Any

import pytest

from framework.protobuf import ProtobufSchemaError, load_file, schema
from framework.protobuf.compiler import Compiler


def chain(length: int) -> tuple[str, list[tuple[str, str]]]:
    """A schema that imports a file that imports the next one, and so on."""
    files = [
        (f"f{number}.proto", f'import "f{number + 1}.proto"; message F{number} {{}}')
        for number in range(length)
    ]
    files.append((f"f{length}.proto", "message Last {}"))
    return 'import "f0.proto"; message Main { optional F0 first = 1; }', files[::-1]


def reason(text: str, references: list[tuple[str, str]]) -> str:
    with pytest.raises(ProtobufSchemaError) as caught:
        load_file(text, references)
    return str(caught.value)


def test_a_long_chain_of_imports_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # To compile each file with all that it imports takes 1 s.
    compile_one, compiled = Compiler.compile, []

    def counted(self: Compiler, name: str) -> Any:
        compiled.append(name)
        return compile_one(self, name)

    monkeypatch.setattr(Compiler, "compile", counted)
    assert load_file(*chain(198)).first_name == "Main"
    assert compiled == ["schema.proto"]


TOO_MUCH: dict[str, tuple[str, list[tuple[str, str]], str]] = {
    "files": (*chain(199), "the schema has 201 files with its references: expected <= 200"),
    "very many files": (*chain(20_000), "the schema has 20002 files with its references: expected <= 200"),
    "text": (
        "message A {}",
        [("a.proto", "/" * 1_000_000)],
        "the schema has 1000012 characters with its references: expected <= 1000000",
    ),
    "messages": (
        "".join(f"message M{number} {{}}" for number in range(10_001)),
        [],
        "the schema has 10001 blocks in braces with its references: expected <= 10000",
    ),
    "reserved numbers": (
        f"message M {{ reserved {', '.join(map(str, range(1, 50_002)))}; }}",
        [],
        "the schema has 50001 semicolons and commas with its references: expected <= 50000",
    ),
}


@pytest.mark.parametrize(("text", "references", "expected"), TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_a_schema_beyond_the_limits_is_an_error(
    text: str, references: list[tuple[str, str]], expected: str
) -> None:
    assert reason(text, references) == expected


def test_a_schema_is_compiled_once() -> None:
    text = 'syntax = "proto3"; message OnlyOnce {}'
    assert load_file(text, []) is load_file(text, ())
    assert load_file(text, [("a.proto", "message A {}")]) is not load_file(text)


def test_an_invalid_schema_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = reason("message OnlyOnce { 1 }", [])
    monkeypatch.setattr(schema, "SchemaFiles", None)
    assert reason("message OnlyOnce { 1 }", []) == first


def test_a_caller_with_little_stack_left_gets_a_schema_error() -> None:
    text, references = chain(150)

    def below(levels: int) -> str:
        return below(levels - 1) if levels else reason(text, references)

    used = len(traceback.extract_stack())
    assert below(sys.getrecursionlimit() - used - 120) == "the schema's imports or messages nest too deep"
    assert load_file(text, references).first_name == "Main"
