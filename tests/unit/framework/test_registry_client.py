"""What is asked, what comes of it, and how often."""

from __future__ import annotations

import json
import socket
import threading
import uuid

import pytest

from framework.errors import (
    RegistryUnavailableError,
    SchemaNotFoundError,
    SchemaRegistryError,
)
from framework.registry import Registry, Schema, SchemaId, merge
from tests.child_server import free_port
from tests.clock import Clock
from tests.scripted_registry import NOT_FOUND, Answer, ScriptedRegistry, response, schema

GUID = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
STRING = Schema("AVRO", '"string"', ())


def registry_at(*urls: str, timeout: float = 10.0, clock: Clock | None = None) -> Registry:
    settings = merge(",".join(urls))
    assert settings is not None
    if clock is None:
        return Registry(settings, timeout)
    return Registry(settings, timeout, clock=clock, pause=clock.sleep)


def failure_of(registry: Registry, schema_id: SchemaId) -> SchemaRegistryError:
    with pytest.raises(SchemaRegistryError) as raised:
        registry.schema(schema_id)
    return raised.value


@pytest.mark.parametrize(
    ("schema_id", "path"),
    [
        pytest.param(7, "/schemas/ids/7", id="id"),
        pytest.param(GUID, f"/schemas/guids/{GUID}", id="GUID"),
    ],
)
def test_a_schema_is_asked_for_once(schema_id: SchemaId, path: str) -> None:
    with ScriptedRegistry(response()) as server:
        registry = registry_at(server.url)
        assert [registry.schema(schema_id) for _ in range(3)] == [STRING] * 3
    assert server.paths == [path]


def test_the_request_says_what_is_expected() -> None:
    with ScriptedRegistry(response()) as server:
        registry_at(f"http://me:s3%40@127.0.0.1:{server.port}/apis/v7/").schema(7)
    assert server.requests[0].split("\r\n") == [
        "GET /apis/v7/schemas/ids/7 HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "Accept: application/vnd.schemaregistry.v1+json, application/json",
        "Accept-Encoding: identity",
        "User-Agent: framework",
        "Connection: close",
        "Authorization: Basic bWU6czNA",
        "",
        "",
    ]


def test_a_chunked_answer_is_read() -> None:
    chunks = [b'{"schema": "\\"string\\"", ', b'"schemaType": "JSON"}', b""]
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    with ScriptedRegistry(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body) as server:
        assert registry_at(server.url).schema(7) == Schema("JSON", '"string"', ())


def test_references_are_collected_with_dependencies_first_and_each_once() -> None:
    # A diamond: top refers to left and right, both refer to base.
    paths: dict[str, Answer] = {
        "/schemas/ids/7": schema("top", ("left", "l/1", 1), ("right", "r:1", 2), ("base", "base", 3)),
        "/subjects/l%2F1/versions/1": schema("left text", ("base", "base", 3)),
        "/subjects/r%3A1/versions/2": schema("right text", ("base", "base", 3)),
        "/subjects/base/versions/3": schema("base text"),
    }
    with ScriptedRegistry(paths=paths) as server:
        assert registry_at(server.url).schema(7) == Schema(
            "AVRO", "top", (("base", "base text"), ("left", "left text"), ("right", "right text"))
        )
    assert sorted(server.paths) == sorted(paths)


def test_schemas_share_what_they_refer_to() -> None:
    paths: dict[str, Answer] = {
        "/schemas/ids/1": schema("one", ("base", "base", 1)),
        "/schemas/ids/2": schema("two", ("base", "base", 1)),
        "/subjects/base/versions/1": schema("base text"),
    }
    with ScriptedRegistry(paths=paths) as server:
        registry = registry_at(server.url)
        assert registry.schema(1).references == registry.schema(2).references == (("base", "base text"),)
    assert server.paths == ["/schemas/ids/1", "/subjects/base/versions/1", "/schemas/ids/2"]


def test_references_in_a_cycle_are_named() -> None:
    paths: dict[str, Answer] = {
        "/schemas/ids/7": schema("a", ("b", "b", 1)),
        "/subjects/b/versions/1": schema("b", ("c", "c", 2)),
        "/subjects/c/versions/2": schema("c", ("b", "b", 1)),
    }
    text = "in a cycle: 'b' version 1 -> 'c' version 2 -> 'b' version 1"
    with ScriptedRegistry(paths=paths) as server, pytest.raises(SchemaRegistryError, match=text):
        registry_at(server.url).schema(7)


def test_a_long_cycle_is_shortened() -> None:
    paths: dict[str, Answer] = {
        f"/subjects/s/versions/{number}": schema(str(number), ("n", "s", number % 9 + 1))
        for number in range(1, 10)
    }
    paths["/schemas/ids/7"] = schema("0", ("n", "s", 1))
    with ScriptedRegistry(paths=paths) as server:
        error = failure_of(registry_at(server.url), 7)
    assert (
        "cycle: 's' version 1 -> 's' version 2 -> 's' version 3 -> ... -> 's' version 9 -> 's' version 1."
    ) in str(error)


def test_two_texts_under_one_name_are_an_error() -> None:
    paths: dict[str, Answer] = {
        "/schemas/ids/7": schema("a", ("b", "b", 1), ("b", "b", 2)),
        "/subjects/b/versions/1": schema("one"),
        "/subjects/b/versions/2": schema("two"),
    }
    with ScriptedRegistry(paths=paths) as server, pytest.raises(SchemaRegistryError, match="by the name 'b'"):
        registry_at(server.url).schema(7)


def test_a_chain_of_a_thousand_references_is_read() -> None:
    paths: dict[str, Answer] = {
        f"/subjects/s/versions/{number}": schema(str(number), (f"n{number + 1}", "s", number + 1))
        for number in range(1, 1000)
    }
    paths["/schemas/ids/7"] = schema("0", ("n1", "s", 1))
    paths["/subjects/s/versions/1000"] = schema("1000")
    with ScriptedRegistry(paths=paths) as server:
        references = registry_at(server.url, timeout=60.0).schema(7).references
    assert references[0] == ("n1000", "1000")
    assert references[-1] == ("n1", "1")
    assert len(references) == 1000


def test_a_reference_that_is_missing_is_named() -> None:
    with ScriptedRegistry(paths={"/schemas/ids/7": schema("a", ("b", "b/c", 3))}) as server:
        error = failure_of(registry_at(server.url), 7)
    assert isinstance(error, SchemaNotFoundError)
    assert str(error).startswith("Schema 7 refers to version 3 of subject 'b/c', which isn't in the registry")
    assert (error.schema_id, error.registry) == (7, server.url)


def test_a_latest_version_whose_reference_is_missing_is_named() -> None:
    paths: dict[str, Answer] = {"/subjects/a/versions/latest": schema("a", ("b", "b", 3))}
    text = "The latest schema of subject 'a' refers to version 3 of subject 'b', which isn't in the registry"
    with ScriptedRegistry(paths=paths) as server, pytest.raises(SchemaRegistryError, match=text):
        registry_at(server.url).latest("a")


def test_a_timeout_may_be_very_long() -> None:
    with ScriptedRegistry(response()) as server:
        assert registry_at(server.url, timeout=1e300).schema(7) == STRING


def test_a_missing_schema_is_asked_for_again_after_30_seconds() -> None:
    clock = Clock()
    with ScriptedRegistry(response("404 Not Found", NOT_FOUND), response()) as server:
        registry = registry_at(server.url, clock=clock)
        failure_of(registry, 7)
        clock.now += 29.9
        error = failure_of(registry, 7)
        assert len(server.requests) == 1
        clock.now += 0.1
        assert registry.schema(7) == STRING
    assert isinstance(error, SchemaNotFoundError)
    assert str(error) == f"Schema 7 isn't in the registry {server.url}: was it registered in another one?"
    assert (error.schema_id, error.registry) == (7, server.url)


def test_any_other_failure_is_remembered_for_a_second() -> None:
    clock = Clock()
    with ScriptedRegistry(response("401 Unauthorized"), response()) as server:
        registry = registry_at(server.url, clock=clock)
        first = failure_of(registry, 7)
        clock.now += 0.9
        second = failure_of(registry, 7)
        assert len(server.requests) == 1
        clock.now += 0.1
        assert registry.schema(7) == STRING
    # Each time a new one: an exception collects tracebacks.
    assert first is not second
    assert str(first) == str(second)


def test_many_failures_take_little_memory() -> None:
    with ScriptedRegistry(response("404 Not Found", NOT_FOUND)) as server:
        registry = registry_at(server.url)
        for number in range(1500):
            with pytest.raises(SchemaNotFoundError):
                registry.schema(number)
    assert len(registry._schemas._failures) <= 1000
    assert not registry._schemas._locks


def test_many_threads_make_one_request() -> None:
    arrived, may_answer = threading.Event(), threading.Event()

    def hold(connection: socket.socket, ended: threading.Event) -> None:
        arrived.set()
        may_answer.wait(30)
        connection.sendall(response())

    with ScriptedRegistry(paths={"/schemas/ids/7": hold, "/schemas/ids/8": response()}) as server:
        registry = registry_at(server.url)
        found: list[Schema] = []
        threads = [threading.Thread(target=lambda: found.append(registry.schema(7))) for _ in range(20)]
        for thread in threads:
            thread.start()
        assert arrived.wait(30)
        # Another schema doesn't wait for this one.
        assert registry.schema(8) == STRING
        may_answer.set()
        for thread in threads:
            thread.join(30)
    assert found == [STRING] * 20
    assert server.paths == ["/schemas/ids/7", "/schemas/ids/8"]


def test_one_registry_serves_the_whole_process() -> None:
    one, same = merge("http://a:1"), merge("http://a:1/")
    assert one is not None
    assert same is not None
    assert Registry.of(one, 2.0) is Registry.of(same, 2.0)
    assert Registry.of(one, 2.0) is not Registry.of(one, 3.0)
    assert Registry(one) == Registry(same)
    assert hash(Registry(one)) == hash(Registry(same))
    assert repr(Registry.of(one)) == "<Registry http://a:1>"
    assert Registry.of(one).addresses == ("http://a:1",)


def test_subjects_and_latest_versions_are_asked_for_each_time() -> None:
    paths: dict[str, Answer] = {
        "/subjects": response(body=b'["a/b"]'),
        "/subjects/a%2Fb/versions/latest": response(
            body=b'{"schema": "message A {}", "schemaType": "PROTOBUF"}'
        ),
    }
    with ScriptedRegistry(paths=paths) as server:
        registry = registry_at(server.url)
        for _ in range(2):
            assert registry.subjects() == ["a/b"]
            assert registry.latest("a/b") == Schema("PROTOBUF", "message A {}", ())
            assert registry.latest("none") is None
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(b"<html>hello</html>", r"with '<html>hello</html>' \(not JSON\)", id="HTML"),
        pytest.param(b"", r"with '' \(not JSON\)", id="nothing"),
        pytest.param(b"\xff\xfe", "not JSON", id="binary"),
        pytest.param(b"[" * 100_000, r"with '\[{200}\.\.\.'", id="deep"),
        pytest.param(b"[]", r"with '\[\]' \(Expected `object`, got `array`\)", id="list"),
        pytest.param(b"null", "Expected `object`, got `null`", id="null"),
        pytest.param(b"{}", "missing required field `schema`", id="no schema"),
        pytest.param(b'{"schema": 7}', "Expected `str`, got `int`", id="schema of a wrong type"),
        pytest.param(b'{"schema": "", "schemaType": 7}', "Expected `str . null`, got `int`", id="type"),
        pytest.param(b'{"schema": "", "references": {}}', "Expected `array", id="references"),
        pytest.param(
            b'{"schema": "", "references": [{"name": "a", "subject": "b", "version": "c"}]}',
            r"Expected `int`, got `str` - at `\$\.references\[0\]\.version`",
            id="version",
        ),
        pytest.param(b"\x1b[31m\n" + b"x" * 1000, r"with '\\u001b\[31m x{194}\.\.\.'", id="long"),
    ],
)
def test_an_answer_that_holds_no_schema_is_shown(body: bytes, text: str) -> None:
    with ScriptedRegistry(response(body=body)) as server:
        registry = registry_at(f"http://me:s3cr3t@127.0.0.1:{server.port}")
        with pytest.raises(RegistryUnavailableError, match=text) as raised:
            registry.schema(7)
    assert str(raised.value).startswith(
        f"Schema registry {server.url} is unusable: it answered /schemas/ids/7 with "
    )
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html>404</html>", id="HTML"),
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"error_code": 404, "message": "HTTP 404 Not Found"}', id="another path"),
    ],
)
def test_a_404_that_is_about_the_path_asks_for_the_address(body: bytes) -> None:
    with ScriptedRegistry(response("404 Not Found", body)) as server:
        registry = registry_at(server.url)
        calls = (lambda: registry.schema(7), lambda: registry.latest("a"), registry.subjects)
        for call in calls:
            with pytest.raises(RegistryUnavailableError, match="lack a path, such as /apis/ccompat/v7"):
                call()
        # A registry that doesn't know GUIDs answers like this.
        with pytest.raises(SchemaNotFoundError, match="Not all registries know schemas by GUID"):
            registry.schema(GUID)


def test_a_registry_that_restarts_in_mid_run_is_waited_for() -> None:
    port = free_port()
    clock = Clock()
    servers: list[ScriptedRegistry] = []

    def start_on_third_pause(seconds: float) -> None:
        clock.sleep(seconds)
        if len(clock.pauses) == 3:
            servers.append(ScriptedRegistry(response(), port=port))

    settings = merge(f"http://127.0.0.1:{port}")
    assert settings is not None
    registry = Registry(settings, 10.0, clock=clock, pause=start_on_third_pause)
    assert registry.schema(7) == STRING
    assert clock.pauses == [0.05, 0.1, 0.2]
    servers[0].close()
    # What is known needs no registry.
    assert registry.schema(7) == STRING
    with pytest.raises(RegistryUnavailableError, match="connection refused"):
        registry.schema(8)


def test_an_unknown_type_is_handed_on() -> None:
    with ScriptedRegistry(
        response(body=json.dumps({"schema": "x", "schemaType": "thrift"}).encode())
    ) as server:
        assert registry_at(server.url).schema(7) == Schema("THRIFT", "x", ())
