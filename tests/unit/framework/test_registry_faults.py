"""What a registry, or what is between, may do wrong: each ends within the timeout, with a sentence."""

from __future__ import annotations

import datetime
import email.utils
import socket
import threading

import pytest

from framework.errors import RegistryAuthError, RegistryUnavailableError, SchemaRegistryError
from framework.registry import Registry, Schema, merge
from tests.child_server import closed_port
from tests.clock import Clock
from tests.scripted_registry import (
    Answer,
    ScriptedRegistry,
    drip,
    reset,
    response,
    silent,
)

STRING = Schema("AVRO", '"string"', ())


def registry_at(*layers: str | dict[str, str], timeout: float = 10.0, clock: Clock | None = None) -> Registry:
    settings = merge(*layers)
    assert settings is not None
    if clock is None:
        return Registry(settings, timeout)
    return Registry(settings, timeout, clock=clock, pause=clock.sleep)


def failure_of(registry: Registry) -> SchemaRegistryError:
    with pytest.raises(SchemaRegistryError) as raised:
        registry.schema(7)
    return raised.value


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(silent, id="silent"),
        pytest.param(drip(b""), id="status line"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n", b"A"), id="header"),
        pytest.param(drip(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"), id="continue"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"), id="body"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n\r\n"), id="body without a length"),
        pytest.param(
            drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), id="chunks"
        ),
    ],
)
def test_a_silent_or_dripping_server_ends_with_the_timeout(answer: Answer) -> None:
    with ScriptedRegistry(answer) as server:
        error = failure_of(registry_at(server.url, timeout=0.3))
    assert isinstance(error, RegistryUnavailableError)
    assert str(error) == (
        f"Schema registry {server.url} was not available within 0.3 s: timed out. "
        "Is it running, and is the address right?"
    )
    assert len(server.requests) <= 1


def test_a_closed_port_is_tried_until_the_timeout() -> None:
    clock = Clock()
    url = f"http://127.0.0.1:{closed_port()}"
    error = failure_of(registry_at(url, timeout=5.0, clock=clock))
    assert isinstance(error, RegistryUnavailableError)
    assert str(error) == (
        f"Schema registry {url} was not available within 5 s: connection refused. "
        "Is it running, and is the address right?"
    )
    assert (error.addresses, error.reason, error.seconds) == ((url,), "connection refused", 5.0)
    assert isinstance(error.__cause__, ConnectionRefusedError)
    assert clock.pauses[:5] == [0.05, 0.1, 0.2, 0.4, 0.4]
    assert 4.5 < sum(clock.pauses) < 5.0


def test_a_pause_that_outlasts_the_timeout_hides_no_reason() -> None:
    clock = Clock()
    url = f"http://127.0.0.1:{closed_port()}"
    settings = merge(url)
    assert settings is not None

    def oversleep(_: float) -> None:
        clock.now += 60.0

    error = failure_of(Registry(settings, 5.0, clock=clock, pause=oversleep))
    assert isinstance(error, RegistryUnavailableError)
    assert error.reason == "connection refused"


def test_a_name_that_is_not_resolved_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(host: str, port: int, **options: int) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    error = failure_of(registry_at("http://registry.invalid:8081", clock=Clock()))
    assert "host name 'registry.invalid' not resolved: Name or service not known." in str(error)
    assert isinstance(error.__cause__, socket.gaierror)


def test_all_addresses_of_a_host_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = closed_port()
    with ScriptedRegistry(response()) as server:
        ports = [closed, server.port]

        def resolve(host: str, port: int, **options: int) -> list[object]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", each)) for each in ports]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        registry = registry_at("http://registry.invalid", clock=Clock())
        assert registry.schema(7) == STRING
        ports.reverse()
        assert registry.schema(8) == STRING
        ports[:] = [closed, closed]
        with pytest.raises(RegistryUnavailableError, match="connection refused"):
            registry.schema(9)


def test_a_look_up_that_hangs_ends_with_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def hang(host: str, port: int, **options: int) -> list[object]:
        if options.get("flags"):
            raise socket.gaierror
        released.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    error = failure_of(registry_at("http://registry.invalid:8081", timeout=0.3))
    released.set()
    assert "host name 'registry.invalid' not resolved in time" in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(reset, id="closed without an answer"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n{", id="cut body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nx", id="cut chunk"),
        pytest.param(response("429 Too Many Requests"), id="429"),
        pytest.param(response("500 Internal Server Error"), id="500"),
        pytest.param(response("502 Bad Gateway"), id="502"),
        pytest.param(response("503 Service Unavailable"), id="503"),
        pytest.param(response("504 Gateway Timeout"), id="504"),
    ],
)
def test_a_passing_failure_is_retried(answer: Answer) -> None:
    clock = Clock()
    with ScriptedRegistry(answer, answer, response()) as server:
        assert registry_at(server.url, clock=clock).schema(7) == STRING
    assert clock.pauses == [0.05, 0.1]
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        pytest.param("3", 3.0, id="seconds"),
        pytest.param("0", 0.05, id="0"),
        pytest.param("-3", 0.05, id="negative"),
        pytest.param("soon", 0.05, id="no number"),
        pytest.param("Sat, 01 Jan 2000 00:00:00 GMT", 0.05, id="past moment"),
    ],
)
def test_retry_after_is_respected(header: str, pause: float) -> None:
    clock = Clock()
    with ScriptedRegistry(response("429 Too Many Requests", Retry_After=header), response()) as server:
        assert registry_at(server.url, clock=clock).schema(7) == STRING
    assert clock.pauses == [pytest.approx(pause)]


def test_retry_after_may_be_a_moment() -> None:
    clock = Clock()
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1000)
    answer = response("503 Service Unavailable", Retry_After=email.utils.format_datetime(moment, usegmt=True))
    with ScriptedRegistry(answer, response()) as server:
        assert registry_at(server.url, clock=clock, timeout=5000.0).schema(7) == STRING
    assert 900 < clock.pauses[0] <= 1000


def test_the_registrys_own_words_are_quoted_cut_and_escaped() -> None:
    body = (
        b'{"error_code": 50001, "message": "Error in the \\u001b[31m backend data store' + b" x" * 500 + b'"}'
    )
    with ScriptedRegistry(response("500 Internal Server Error", body)) as server:
        error = failure_of(registry_at(server.url, timeout=1.0, clock=Clock()))
    assert r"500 Internal Server Error: Error in the \u001b[31m backend data store x x x" in str(error)
    assert len(str(error)) < 450


@pytest.mark.parametrize(
    ("status", "layer", "text"),
    [
        pytest.param(
            "401 Unauthorized",
            {},
            "expects a login (401 Unauthorized). "
            "Set basic.auth.user.info to user:password, or bearer.auth.token; "
            "in the environment, SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO.",
            id="401 without a login",
        ),
        pytest.param(
            "401 Unauthorized",
            {"basic.auth.user.info": "me:s3cr3t"},
            "refused the login (401 Unauthorized). Check basic.auth.user.info.",
            id="401",
        ),
        pytest.param(
            "401 Unauthorized",
            {"bearer.auth.token": "s3cr3t"},
            "refused the login (401 Unauthorized). Check bearer.auth.token.",
            id="401 with a token",
        ),
        pytest.param(
            "403 Forbidden",
            {"basic.auth.user.info": "me:s3cr3t"},
            "refused the request (403 Forbidden). Check the rights of this user: basic.auth.user.info.",
            id="403",
        ),
    ],
)
def test_a_refused_login_says_what_to_set(status: str, layer: dict[str, str], text: str) -> None:
    clock = Clock()
    with ScriptedRegistry(response(status, b"")) as server:
        error = failure_of(registry_at(server.url, layer, clock=clock))
    assert isinstance(error, RegistryAuthError)
    assert str(error) == f"Schema registry {server.url} {text}"
    assert (clock.pauses, len(server.requests)) == ([], 1)


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        pytest.param("https://h:1/v7/schemas/ids/7", "https://h:1/v7", id="to another address"),
        pytest.param("https://me:s3cr3t@h/x?token=s3cr3t", "https://h/x", id="with a login"),
        pytest.param("/login", "{url}/login", id="within the server"),
        pytest.param("//h/schemas/ids/7", "//h", id="without a scheme"),
    ],
)
def test_a_redirect_is_not_followed_but_named(location: str, shown: str) -> None:
    with ScriptedRegistry(response("302 Found", Location=location)) as server:
        error = failure_of(registry_at(server.url, {"basic.auth.user.info": "me:s3cr3t"}))
    assert isinstance(error, RegistryUnavailableError)
    assert str(error) == (
        f"Schema registry {server.url} redirects to {shown.format(url=server.url)}, and redirects aren't "
        "followed: if that is the registry, use its address."
    )
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        pytest.param(
            b"SSH-2.0-OpenSSH_9.6\r\n", "is unusable: its answer isn't HTTP.", id="another protocol"
        ),
        pytest.param(b"\x15\x03\x03\x00\x02\x02\x46", "is unusable: it expects https.", id="https"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200, "its answer isn't HTTP", id="many headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000, "its answer isn't HTTP", id="a long header"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n",
            "longer than 16 MB",
            id="announced length",
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (17 << 20), "longer than 16 MB", id="length"),
    ],
)
def test_what_is_no_registry_is_not_tried_again(answer: bytes, text: str) -> None:
    with ScriptedRegistry(answer) as server:
        error = failure_of(registry_at(server.url))
    assert isinstance(error, RegistryUnavailableError)
    assert text in str(error)
    assert len(server.requests) == 1


@pytest.mark.parametrize("first", [None, silent, reset, response("503 Service Unavailable")])
def test_the_second_address_answers_where_the_first_does_not(first: Answer | None) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    with ScriptedRegistry(first or silent) as broken, ScriptedRegistry(response()) as server:
        addresses = f"{broken.url if first else url},{server.url}"
        registry = registry_at(addresses, timeout=4.0)
        assert registry.schema(7) == STRING
        # From now on it is asked first.
        assert registry.schema(8) == STRING
    assert len(broken.requests) == (1 if first else 0)
    assert server.paths == ["/schemas/ids/7", "/schemas/ids/8"]


def test_an_address_that_asks_for_a_pause_is_left_alone_meanwhile() -> None:
    clock = Clock()
    busy = response("429 Too Many Requests", Retry_After="2")
    failing = response("503 Service Unavailable")
    with ScriptedRegistry(busy) as one, ScriptedRegistry(failing, failing, failing, response()) as two:
        assert registry_at(f"{one.url},{two.url}", clock=clock).schema(7) == STRING
    assert (len(one.requests), len(two.requests)) == (1, 4)
    assert clock.pauses == [0.05, 0.1, 0.2]


def test_no_address_answers() -> None:
    closed = f"http://127.0.0.1:{closed_port()}"
    with ScriptedRegistry(response("503 Service Unavailable", b"")) as server:
        error = failure_of(registry_at(f"{closed},{server.url}", timeout=1.0, clock=Clock()))
    assert str(error) == (
        f"Schema registries {closed}, {server.url} were not available within 1 s: "
        f"{closed}: connection refused; "
        f"{server.url}: 503 Service Unavailable. Are they running, and are the addresses right?"
    )


def test_a_login_in_an_address_is_sent_to_that_address_only() -> None:
    unavailable = response("503 Service Unavailable")
    with ScriptedRegistry(unavailable) as one, ScriptedRegistry(response()) as two:
        registry = registry_at(f"http://me:s3cr3t@127.0.0.1:{one.port},{two.url}")
        registry.schema(7)
    assert "Authorization: Basic bWU6czNjcjN0" in one.requests[0]
    assert "Authorization" not in two.requests[0]


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    with ScriptedRegistry(response()) as server:
        assert registry_at(server.url).schema(7) == STRING


def test_one_deadline_bounds_a_schema_and_its_references() -> None:
    # Each answer takes 10 s; there would be no end.
    clock = Clock()

    def slowly(connection: socket.socket, _: threading.Event) -> None:
        clock.now += 10
        number = len(server.requests)
        body = b'{"schema": "", "references": [{"name": "%d", "subject": "s", "version": %d}]}' % (
            number,
            number,
        )
        connection.sendall(response(body=body))

    with ScriptedRegistry(slowly) as server:
        error = failure_of(registry_at(server.url, timeout=100.0, clock=clock))
    assert isinstance(error, RegistryUnavailableError)
    assert 2 <= len(server.requests) <= 11
