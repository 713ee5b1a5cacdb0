"""Find out whether a port that gave no answer speaks another protocol: with TLS, or without, or HTTP. I/O.

librdkafka says so now and then, by a race; mostly it says that the brokers are down.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from typing import Final

_SECONDS: Final = 0.5
"""For all addresses together: this comes on top of the time that a request may take."""
_ID: Final = 0x6B61666B
_API_VERSIONS: Final = struct.pack(">hhih", 18, 0, _ID, -1)
"""A request that Kafka answers before any login: which requests it knows."""
_SWAPPED: Final = {
    "plaintext": "'ssl', or 'sasl_ssl' to log in",
    "sasl_plaintext": "'sasl_ssl'",
    "ssl": "'plaintext', or 'sasl_plaintext' to log in",
    "sasl_ssl": "'sasl_plaintext'",
}


_HTTP: Final = "Pass the port of Kafka itself; a schema registry is passed as schema_registry=, or -r"


def find_mismatch(servers: str, protocol: str) -> str:
    """Return which of the addresses speaks another protocol, and what to pass, or an empty text."""
    deadline = time.monotonic() + _SECONDS
    is_tls = protocol.endswith("ssl")
    for server in servers.split(","):
        address = server.strip().rpartition("://")[2]
        host, _, port = address.rpartition(":") if not address.endswith("]") else (address, "", "")
        if not host:
            host, port = port, ""
        with contextlib.suppress(OSError, ValueError):
            place = (host.strip("[]"), int(port or 9092))
            with _connect(place, deadline) as connection:
                if _speaks_kafka(connection) if is_tls else _speaks_tls(connection):
                    speaks = "speaks Kafka without TLS" if is_tls else "speaks TLS"
                    wanted = _SWAPPED[protocol]
                    return f"{address} {speaks}, but security.protocol is {protocol!r}. Pass {wanted}"
            with _connect(place, deadline) as connection:
                if _speaks_http(connection):
                    return f"{address} speaks HTTP, so it is no broker. {_HTTP}"
    return ""


def _connect(place: tuple[str, int], deadline: float) -> socket.socket:
    return socket.create_connection(place, max(0.01, deadline - time.monotonic()))


def _speaks_http(connection: socket.socket) -> bool:
    connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    return connection.recv(5) == b"HTTP/"


def _speaks_kafka(connection: socket.socket) -> bool:
    connection.sendall(struct.pack(">i", len(_API_VERSIONS)) + _API_VERSIONS)
    answer = b""
    while len(answer) < 8 and (more := connection.recv(8 - len(answer))):
        answer += more
    return answer[4:] == struct.pack(">i", _ID)


def _speaks_tls(connection: socket.socket) -> bool:
    import ssl  # 10 ms that only a failure needs

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is sent but the first step of a handshake
    try:
        with context.wrap_socket(connection):
            return True
    except ssl.SSLEOFError:
        return False
    except ssl.SSLError as error:
        # An alert is an answer by TLS: the broker wants a certificate, or another version.
        return "ALERT" in (error.reason or "")
