from __future__ import annotations

import base64
import concurrent.futures
import pathlib
import sys
import tempfile
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.protobuf import ProtobufSchemaError, load_file

References = tuple[tuple[str, str], ...]

MONEY = 'syntax = "proto3"; package shop; message Money { int64 cents = 1; }'
LINE = 'syntax = "proto3"; package shop; import "shop/money.proto"; message Line { Money price = 1; }'
ORDER = (
    'syntax = "proto3"; package shop; import "shop/line.proto"; message Order { repeated Line lines = 1; }'
)

REFERENCES = (("shop/money.proto", MONEY), ("shop/line.proto", LINE))


def base64_of(file: FileDescriptorProto) -> str:
    return base64.b64encode(file.SerializeToString()).decode()


def reason(text: str, *references: tuple[str, str]) -> str:
    with pytest.raises(ProtobufSchemaError) as caught:
        load_file(text, references)
    return str(caught.value)


ERRORS: dict[str, tuple[str, References, str]] = {
    "a wrong line": (
        'syntax = "proto3";\nmessage A {\n  strin id = 1;\n}',
        (),
        'the schema, line 3: "strin" is not defined',
    ),
    "two wrong lines": (
        'syntax = "proto3";\nmessage A {\n  Foo a = 1;\n  int32 a = 2;\n}',
        (),
        'the schema, line 4: "a" is already defined in "A"; the schema, line 3: "Foo" is not defined',
    ),
    "no version and a wrong line": (
        "message A { optional strin id = 1; }",
        (),
        'the schema, line 1: "strin" is not defined',
    ),
    "a wrong reference": (
        LINE,
        (("shop/money.proto", "\nmessage Money {"),),
        "shop/money.proto, line 2: Reached end of input in message definition (missing '}')",
    ),
    "a missing import": (
        LINE,
        (),
        'the schema imports "shop/money.proto", which isn\'t among the references',
    ),
    "a missing import of a reference": (
        ORDER,
        (("shop/line.proto", LINE),),
        'shop/line.proto imports "shop/money.proto", which isn\'t among the references',
    ),
    "a missing import of a descriptor": (
        base64_of(FileDescriptorProto(name="a.proto", dependency=["b.proto"])),
        (),
        'the schema imports "b.proto", which isn\'t among the references',
    ),
    "a missing import of a referenced descriptor": (
        'import "a.proto";',
        (("a.proto", base64_of(FileDescriptorProto(name="a.proto", dependency=["b.proto"]))),),
        'a.proto imports "b.proto", which isn\'t among the references',
    ),
    "a file that google doesn't have": (
        'import "google/protobuf/nothing.proto";',
        (),
        'the schema imports "google/protobuf/nothing.proto", which isn\'t among the references',
    ),
    "a cycle": (
        'import "a.proto";',
        (("a.proto", 'import "b.proto";'), ("b.proto", 'import "a.proto";')),
        "a.proto, line 1: File recursively imports itself: a.proto -> b.proto -> a.proto",
    ),
    "a cycle of descriptors": (
        base64_of(FileDescriptorProto(name="main.proto", dependency=["a.proto"])),
        (("a.proto", base64_of(FileDescriptorProto(dependency=["a.proto"]))),),
        "the schema's imports form a cycle: main.proto -> a.proto -> a.proto",
    ),
    "a climbing name": (
        'import "../../etc/x.proto";',
        (("../../etc/x.proto", MONEY),),
        "the import name '../../etc/x.proto' is invalid: expected a relative path",
    ),
    "an absolute name": (
        'import "/tmp/x.proto";',
        (("/tmp/x.proto", MONEY),),
        "the import name '/tmp/x.proto' is invalid: expected a relative path",
    ),
    "a name with a backslash": (
        "message A {}",
        (("a\\..\\x.proto", MONEY),),
        "the import name 'a\\\\..\\\\x.proto' is invalid: expected a relative path",
    ),
    "an empty name": (
        "message A {}",
        (("", MONEY),),
        "the import name '' is invalid: expected a relative path",
    ),
    "a name of the folder": (
        "message A {}",
        ((".", MONEY),),
        "the import name '.' is invalid: Is a directory",
    ),
    "a file in a file": (
        "message A {}",
        (("a.proto", MONEY), ("a.proto/b.proto", MONEY)),
        "the import name 'a.proto/b.proto' is invalid: File exists",
    ),
    "an import of a folder": (
        'import "shop";',
        (("shop/money.proto", MONEY),),
        'the schema imports "shop", which isn\'t among the references',
    ),
    "a climbing import": (
        'import "../x.proto";',
        (),
        '../x.proto: Backslashes, consecutive slashes, ".", or ".." are not allowed in the virtual path',
    ),
    "neither form": ("abcde", (), "the schema is neither .proto text nor the base64 of a file descriptor"),
    "a reference of neither form": (
        LINE,
        (("shop/money.proto", "YWJj"),),
        "shop/money.proto is neither .proto text nor the base64 of a file descriptor",
    ),
}


@pytest.mark.parametrize(("text", "references", "expected"), ERRORS.values(), ids=ERRORS.keys())
def test_an_invalid_schema_is_an_error_with_its_reason(
    text: str, references: References, expected: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert reason(text, *references) == expected
    assert capfd.readouterr() == ("", "")


FIELD: dict[str, Any] = {"name": "a", "number": 1, "type": "TYPE_MESSAGE", "label": "LABEL_OPTIONAL"}
INVALID_DESCRIPTORS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown type": ({"field": [{**FIELD, "type_name": ".B"}]}, "Couldn't build proto file"),
    "a type of another kind": (
        {"field": [{**FIELD, "type_name": ".A", "type": "TYPE_ENUM"}]},
        "Couldn't build",
    ),
    "a oneof that isn't there": ({"field": [{**FIELD, "type_name": ".A", "oneof_index": 3}]}, ""),
    "a map without a value": ({"options": {"map_entry": True}}, "a map has no key or no value"),
    "a nested map without a key": (
        {"nested_type": [{"name": "B", "options": {"map_entry": True}}]},
        "a map has no key or no value",
    ),
}


@pytest.mark.parametrize("is_main", [True, False], ids=["the schema", "a reference"])
@pytest.mark.parametrize(
    ("content", "expected"), INVALID_DESCRIPTORS.values(), ids=INVALID_DESCRIPTORS.keys()
)
def test_an_invalid_descriptor_is_an_error(content: Any, expected: str, is_main: bool) -> None:
    message: Any = {"name": "A", **content}
    text = base64_of(FileDescriptorProto(name="a.proto", message_type=[message]))
    if is_main:
        found = reason(text)
        assert found.startswith("the descriptor of ")
        assert expected in found
    else:
        reason('import "a.proto"; message Main { optional A a = 1; }', ("a.proto", text))


def test_a_descriptor_whose_names_are_not_utf8_is_an_error() -> None:
    text = base64.b64encode(FileDescriptorProto(name="abc").SerializeToString().replace(b"abc", b"a\xffc"))
    assert reason(text.decode()) == "the descriptor of the schema is invalid: a name is not UTF-8"


TOO_DEEP = "the schema nests blocks deeper than 100 levels"
HOSTILE = (
    'import "google/protobuf/descriptor.proto"; message A { optional A a = 1; } '
    "extend google.protobuf.FileOptions { optional A a = 5000; } option (a) = "
)


def test_hostile_nesting_does_not_crash_the_process() -> None:
    # protoc overflows its stack on these.
    for opening, closing in ("{}", "<>"):
        value = f"a {opening}" * 9_000 + closing * 9_000
        assert reason(f"{HOSTILE}{{ {value} }};") == TOO_DEEP
    assert reason("message A {" * 9_000) == TOO_DEEP


@pytest.mark.parametrize("start", ["/* ", '"\\', "'\\", "{}", "// ", "/*/"])
def test_hostile_text_takes_no_time(start: str) -> None:
    assert reason(f"{start * 50_000}\nmessage 1")


def test_brackets_in_strings_and_comments_are_not_nesting() -> None:
    brackets = "{[(<" * 200
    text = (
        f'/* {brackets} */ // {brackets}\nmessage A {{ optional string a = 1 [default = "\\"{brackets}"]; }}'
    )
    assert load_file(text).first_name == "A"


@settings(max_examples=100, deadline=None)
@given(st.text() | st.binary().map(lambda data: base64.b64encode(data).decode()))
def test_anything_else_is_a_schema_error(text: str) -> None:
    for arguments in ((text, ()), ('import "a.proto";', (("a.proto", text),))):
        first, second = (_outcome(*arguments) for _ in range(2))
        assert first == second


def _outcome(text: str, references: tuple[tuple[str, str], ...]) -> str:
    """Return the name of the first message, or our error; any other error is raised."""
    try:
        return load_file(text, references).first_name
    except ProtobufSchemaError as error:
        return str(error)


def test_nothing_is_left_in_the_temporary_folder(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    load_file(f"{ORDER} // a text of its own, which isn't known from another test", REFERENCES)
    reason("message { // of its own")
    reason('import "../a.proto"; // of its own', ("../a.proto", MONEY))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_temporary_folder_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    assert reason(f"{MONEY} // no folder").startswith(
        ".proto text is compiled in a temporary folder: [Errno 2]"
    )


def test_text_needs_grpcio_tools_and_base64_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    money: Any = {"name": "Money"}
    compiled = base64_of(FileDescriptorProto(package="shop", message_type=[money]))
    monkeypatch.setitem(sys.modules, "grpc_tools", None)
    assert load_file(compiled).first_name == "shop.Money"
    text = f"{MONEY} // no compiler"
    assert reason(text) == (
        "grpcio-tools, which compiles .proto text, is not installed: "
        'pip install "framework-iterator[protobuf]"'
    )
    monkeypatch.undo()
    assert load_file(text).first_name == "shop.Money"


def test_threads_compile_at_the_same_time() -> None:
    def compile_one(number: int) -> str:
        if number % 3 == 0:
            return reason(f"message A {{\n strin a{number} = 1; }}")
        return load_file(ORDER.replace("Order", f"Order{number}"), REFERENCES).first_name

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        found = list(threads.map(compile_one, range(120)))
    wrong = 'the schema, line 2: Expected "required", "optional", or "repeated"'
    assert found == [wrong if number % 3 == 0 else f"shop.Order{number}" for number in range(120)]
