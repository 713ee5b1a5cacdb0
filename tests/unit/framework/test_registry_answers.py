"""Answers that end a run, ids that no registry gives, and limits on what is received."""

from __future__ import annotations

import socket
import threading
import uuid

import pytest

from framework.errors import (
    ENDS_RUN,
    RegistryUnavailableError,
    SchemaNotFoundError,
    SchemaRegistryError,
)
from framework.registry import Registry, Schema, merge, references
from tests.clock import Clock
from tests.scripted_registry import Answer, ScriptedRegistry, drip, response, schema

STRING = Schema("AVRO", '"string"', ())


def registry_at(url: str, timeout: float = 10.0, clock: Clock | None = None) -> Registry:
    settings = merge(url)
    assert settings is not None
    if clock is None:
        return Registry(settings, timeout)
    return Registry(settings, timeout, clock=clock, pause=clock.sleep)


def failure_of(registry: Registry, schema_id: int | uuid.UUID = 7) -> SchemaRegistryError:
    with pytest.raises(SchemaRegistryError) as raised:
        registry.schema(schema_id)
    return raised.value


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(
            response(body=b"<html>"),
            "it answered /schemas/ids/7 with '<html>' (not JSON), and not with a schema. "
            "Is this the address of a schema registry?",
            id="HTML",
        ),
        pytest.param(
            response(body=b"{}"),
            "it answered /schemas/ids/7 with '{}' (Object missing required field `schema`), and not with a "
            "schema. Is this the address of a schema registry?",
            id="no schema",
        ),
        pytest.param(
            response("204 No Content", b""), "it answered /schemas/ids/7 with 204 No Content.", id="204"
        ),
        pytest.param(
            response("302 Found", b""), "it answered /schemas/ids/7 with 302 Found.", id="no Location"
        ),
        pytest.param(
            response("400 Bad Request", b'{"message": "no"}'),
            "it answered /schemas/ids/7 with 400 Bad Request: no.",
            id="400",
        ),
        pytest.param(
            response("407 Proxy Authentication Required", b""),
            "it answered /schemas/ids/7 with 407 Proxy Authentication Required.",
            id="407",
        ),
        pytest.param(response("410 Gone", b""), "it answered /schemas/ids/7 with 410 Gone.", id="410"),
        pytest.param(
            response("501 Not Implemented", b""),
            "it answered /schemas/ids/7 with 501 Not Implemented.",
            id="501",
        ),
        pytest.param(response("520 Odd", b""), "it answered /schemas/ids/7 with 520.", id="520"),
        pytest.param(
            response("422 Unprocessable Entity", b"{}"),
            "it answered /schemas/ids/7 with 422 Unprocessable Entity: {}.",
            id="422 of no registry",
        ),
    ],
)
def test_an_answer_of_no_registry_ends_a_run(answer: Answer, reason: str) -> None:
    with ScriptedRegistry(answer) as server:
        error = failure_of(registry_at(server.url))
    assert isinstance(error, RegistryUnavailableError)
    assert isinstance(error, ENDS_RUN)
    assert str(error) == f"Schema registry {server.url} is unusable: {reason}"
    assert error.addresses == (server.url,)
    assert len(server.requests) == 1


def test_a_registrys_refusal_of_one_version_is_about_one_schema() -> None:
    body = b'{"error_code": 42202, "message": "The version 0 is not valid."}'
    paths: dict[str, Answer] = {
        "/schemas/ids/7": schema("a", ("b", "b", 0)),
        "/subjects/b/versions/0": response("422 Unprocessable Entity", body),
    }
    with ScriptedRegistry(paths=paths) as server:
        error = failure_of(registry_at(server.url))
    assert type(error) is SchemaRegistryError
    assert str(error) == (
        f"{server.url}/subjects/b/versions/0 answered 422 Unprocessable Entity: The version 0 is not valid."
    )


@pytest.mark.parametrize("schema_id", [0, -1, 2**31, 2**32 - 1])
def test_an_id_that_no_registry_gives_is_not_asked_for(schema_id: int) -> None:
    with ScriptedRegistry(response()) as server:
        error = failure_of(registry_at(server.url), schema_id)
    assert isinstance(error, SchemaNotFoundError)
    assert not isinstance(error, ENDS_RUN)
    assert str(error) == (
        f"Schema {schema_id} isn't in the registry {server.url}: ids are from 1 to 2147483647. "
        "Was the message written without a schema?"
    )
    assert (error.schema_id, error.registry) == (schema_id, server.url)
    assert server.requests == []


@pytest.mark.parametrize("schema_id", [1, 2**31 - 1, uuid.UUID(int=0)])
def test_the_first_and_the_last_id_are_asked_for(schema_id: int | uuid.UUID) -> None:
    with ScriptedRegistry(response()) as server:
        assert registry_at(server.url).schema(schema_id) == STRING


@pytest.mark.parametrize(
    "size",
    [pytest.param(b"-1", id="to the end"), pytest.param(b"-ffffff", id="negative")],
)
def test_a_chunk_of_a_negative_size_has_the_same_limit(size: bytes) -> None:
    received = threading.Event()

    def flood(connection: socket.socket, ended: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\n")
        # Without the limit all of it would be received.
        for _ in range(40):
            connection.sendall(b"x" * (1 << 20))
        received.set()

    with ScriptedRegistry(flood) as server:
        error = failure_of(registry_at(server.url))
    assert isinstance(error, RegistryUnavailableError)
    assert not received.is_set()


def test_the_text_of_all_references_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "MAX_TEXT", 100)
    paths: dict[str, Answer] = {
        "/schemas/ids/7": schema("a", ("b", "b", 1)),
        "/subjects/b/versions/1": schema("b" * 60, ("c", "c", 1)),
        "/subjects/c/versions/1": schema("c" * 40, ("d", "d", 1)),
        "/subjects/d/versions/1": schema("d", ("e", "e", 1)),
    }
    with ScriptedRegistry(paths=paths) as server:
        error = failure_of(registry_at(server.url))
    assert type(error) is SchemaRegistryError
    assert str(error) == "The schema refers to schemas of more than 100 characters in all: make them smaller."
    assert server.paths[-1] == "/subjects/d/versions/1"


@pytest.mark.parametrize("count", [1, 3])
def test_early_hints_are_no_answer(count: int) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n" * count
    with ScriptedRegistry(hints + response()) as server:
        assert registry_at(server.url).schema(7) == STRING


def test_early_hints_without_an_end_time_out() -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    with ScriptedRegistry(drip(hint, hint)) as server:
        error = failure_of(registry_at(server.url, timeout=0.3))
    assert "was not available within 0.3 s: timed out" in str(error)


def test_a_pause_beyond_the_timeout_is_named() -> None:
    clock = Clock()
    with ScriptedRegistry(response("429 Too Many Requests", b"slow down", Retry_After="60")) as server:
        error = failure_of(registry_at(server.url, timeout=5.0, clock=clock))
    assert isinstance(error, RegistryUnavailableError)
    assert str(error) == (
        f"Schema registry {server.url} was not available: 429 Too Many Requests: slow down. "
        "It asks for a pause of 60 s, and 5 s of 5 s are left. Try again later, or with a longer timeout."
    )
    assert (error.seconds, error.reason) == (0.0, "429 Too Many Requests: slow down")
    assert (clock.pauses, len(server.requests)) == ([], 1)


def test_the_shortest_pause_of_several_addresses_is_named() -> None:
    busy, busier = (response("503 Service Unavailable", b"", Retry_After=each) for each in ("60", "70"))
    with ScriptedRegistry(busier) as one, ScriptedRegistry(busy) as two:
        error = failure_of(registry_at(f"{one.url},{two.url}", timeout=5.0, clock=Clock()))
    assert str(error) == (
        f"Schema registries {one.url}, {two.url} were not available: {one.url}: 503 Service Unavailable; "
        f"{two.url}: 503 Service Unavailable. They ask for a pause of 60 s, and 5 s of 5 s are left. "
        "Try again later, or with a longer timeout."
    )
