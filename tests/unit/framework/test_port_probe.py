"""A port that speaks another protocol (TLS, none, HTTP) is told apart from one that gives no answer."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import socket
import threading

import pytest

from framework import App, BrokerUnavailableError
from framework.port_probe import find_mismatch
from framework.testing import mock_registry
from tests.certificates import Certificates


@contextlib.contextmanager
def serving(answer: cabc.Callable[[socket.socket], object]) -> cabc.Iterator[str]:
    """Serve connections, one after the other, until the end of the block."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection, contextlib.suppress(OSError):
                    answer(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.getsockname()[1]}"
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports may take their time to answer."""
    monkeypatch.setattr("framework.port_probe._SECONDS", 20.0)


@pytest.fixture
def tls(certificates: Certificates) -> cabc.Iterator[str]:
    """The address of a port that speaks TLS, and nothing behind it."""
    context = certificates.server()
    with serving(lambda connection: context.wrap_socket(connection, server_side=True).close()) as address:
        yield address


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("protocol", "wanted"),
    [("plaintext", "'ssl', or 'sasl_ssl' to log in"), ("sasl_plaintext", "'sasl_ssl'")],
)
def test_a_port_with_tls_is_found(protocol: str, wanted: str, tls: str) -> None:
    assert find_mismatch(f"PLAINTEXT://{tls}", protocol) == (
        f"{tls} speaks TLS, but security.protocol is {protocol!r}. Pass {wanted}"
    )


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("protocol", "wanted"),
    [("ssl", "'plaintext', or 'sasl_plaintext' to log in"), ("sasl_ssl", "'sasl_plaintext'")],
)
def test_a_broker_without_tls_is_found(protocol: str, wanted: str, cluster: str) -> None:
    assert find_mismatch(f"127.0.0.1:1, {cluster}", protocol) == (
        f"{cluster} speaks Kafka without TLS, but security.protocol is {protocol!r}. Pass {wanted}"
    )


@pytest.mark.parametrize("protocol", ["plaintext", "ssl"])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(socket.socket.close, id="closes"),
        pytest.param(lambda connection: connection.settimeout(5) or connection.recv(1 << 16), id="silent"),
    ],
)
def test_a_port_that_speaks_neither_is_left_alone(
    protocol: str, answer: cabc.Callable[[socket.socket], object]
) -> None:
    with serving(answer) as address:
        assert find_mismatch(address, protocol) == ""


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("protocol", ["plaintext", "ssl"])
def test_a_schema_registry_is_no_broker(protocol: str) -> None:
    with mock_registry() as url:
        address = url.removeprefix("http://")
        assert find_mismatch(address, protocol) == (
            f"{address} speaks HTTP, so it is no broker. Pass the port of Kafka itself; a schema registry is "
            "passed as schema_registry=, or -r"
        )


@pytest.mark.parametrize(
    "servers", ["127.0.0.1:1", "[::1]:1,127.0.0.1:1", "no.such.host.invalid", "[::1]", ""]
)
def test_a_port_that_is_closed_is_no_mismatch(servers: str) -> None:
    assert find_mismatch(servers, "plaintext") == find_mismatch(servers, "ssl") == ""


def test_the_right_protocol_is_no_mismatch(tls: str, cluster: str) -> None:
    assert find_mismatch(tls, "ssl") == find_mismatch(cluster, "plaintext") == ""


@pytest.mark.usefixtures("patient")
def test_the_error_of_a_request_says_what_to_pass(cluster: str) -> None:
    app = App(kafka={"bootstrap.servers": cluster, "security.protocol": "ssl"}, broker_timeout=0.5)
    with app.admin() as admin, pytest.raises(BrokerUnavailableError) as caught:
        admin.topics()
    assert str(caught.value) == (
        f"No broker answered at {cluster} within 0.5 s: {cluster} speaks Kafka without TLS, but "
        "security.protocol is 'ssl'. Pass 'plaintext', or 'sasl_plaintext' to log in."
    )
