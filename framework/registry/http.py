"""Send one GET request, with a limit of time that holds whatever the server does.

No redirect is followed and no proxy is used, so a login reaches only the address it was given for.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import ssl
import sys
from typing import Any, Final, NamedTuple, cast

from framework.registry.addresses import Address
from framework.registry.logins import Login
from framework.registry.request_errors import RequestError, explain, shareable
from framework.retry import Deadline
from framework.worker import Worker

MAX_RESPONSE: Final = 16 << 20
"""Bytes that a response may have, as they are received."""

_CHUNK: Final = 1 << 16
_SHORTEST_TIMEOUT: Final = 0.001  # 0 would make a socket non-blocking


class Response(NamedTuple):
    """What a server answered."""

    status: int
    body: bytes
    location: str | None = None
    retry_after: str | None = None

    def __repr__(self) -> str:
        """Return the status; the rest may quote the login."""
        return f"<Response {self.status}>"


def get(
    address: Address,
    path: str,
    deadline: Deadline,
    *,
    login: Login,
    context: ssl.SSLContext | None = None,
) -> Response:
    """Return the answer to one GET request, or raise a RequestError.

    Args:
        address: Where to send it.
        path: What follows the address's own path, percent-encoded.
        deadline: Bounds all of it: the look-up of the name, the connection, the handshake, the answer.
        login: For the Authorization header.
        context: For an address with https.
    """
    try:
        with contextlib.closing(_connect(address, deadline)) as connection:
            if context is not None:
                connection = _handshake(connection, context, address, deadline)
            with contextlib.closing(connection):
                connection.settimeout(_seconds(deadline))
                connection.sendall(_request(address, path, login))
                return _read_response(connection, deadline)
    except (OSError, http.client.HTTPException, ValueError) as error:
        # HTTPResponse raises a ValueError for a malformed length.
        explained, cause = explain(error, address), shareable(error)
    # Out here it has no context: that would hold what http.client could not parse, which may be the request.
    raise explained from cause


def _connect(address: Address, deadline: Deadline) -> socket.socket:
    """Return a connection to the first address of the host that accepts one."""
    candidates = _look_up(address, deadline)
    for left, (family, kind, protocol, _, place) in zip(
        range(len(candidates), 0, -1), candidates, strict=True
    ):
        connection = socket.socket(family, kind, protocol)
        try:
            # A silent address leaves time for the next one, such as 127.0.0.1 after ::1.
            connection.settimeout(_seconds(deadline) / left)
            connection.connect(place)
        except BaseException as error:
            connection.close()
            if left == 1 or not isinstance(error, OSError):
                raise
        else:
            return connection
    raise OSError("the host has no address")


def _look_up(address: Address, deadline: Deadline) -> list[Any]:
    host, port = address.host, address.connect_port
    with contextlib.suppress(socket.gaierror):
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    if sys.is_finalizing():
        raise OSError("the interpreter is shutting down")
    # Neither a timeout nor a signal ends a look-up. A worker for each: one that hangs delays no other.
    worker = Worker("look-up of the schema registry")
    timeout = _seconds(deadline)
    try:
        return worker.call(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), timeout)
    except TimeoutError:
        raise RequestError(f"host name {host!r} not resolved in time", retriable=True) from None


def _handshake(
    connection: socket.socket, context: ssl.SSLContext, address: Address, deadline: Deadline
) -> ssl.SSLSocket:
    secured = context.wrap_socket(connection, server_hostname=address.host, do_handshake_on_connect=False)
    try:
        # The timeout of a handshake is one for all its bytes.
        secured.settimeout(_seconds(deadline))
        secured.do_handshake()
    except BaseException:
        secured.close()
        raise
    return secured


def _request(address: Address, path: str, login: Login) -> memoryview:
    lines = [
        f"GET {address.path}{path} HTTP/1.1",
        f"Host: {address.host_and_port}",
        "Accept: application/vnd.schemaregistry.v1+json, application/json",
        "Accept-Encoding: identity",
        "User-Agent: framework",
        "Connection: close",
    ]
    # The header is in no local variable, and a view of the bytes hides them where ssl has it in one: a
    # traceback may show locals.
    return memoryview("\r\n".join([*lines, *_authorization(login), "", ""]).encode("ascii"))


def _authorization(login: Login) -> list[str]:
    return [] if login.header is None else [f"Authorization: {login.header}"]


def _read_response(connection: socket.socket, deadline: Deadline) -> Response:
    source = _Source(connection, deadline)
    with contextlib.closing(_begin_response(source)) as response:
        body = _read_body(response)
        headers = response.getheader("Location"), response.getheader("Retry-After")
        return Response(response.status, body, *headers)


def _begin_response(source: _Source) -> http.client.HTTPResponse:
    """Return the response after all that only announce one, such as 103 Early Hints."""
    while True:
        response = http.client.HTTPResponse(cast(Any, source), method="GET")
        response.begin()
        if not 101 < response.status < 200:
            return response
        # It closes its stream when it is collected, and the next one needs it.
        response.fp = cast(Any, None)


def _read_body(response: http.client.HTTPResponse) -> bytes:
    body = bytearray()
    announced = response.length or 0
    if announced > MAX_RESPONSE:
        raise _too_long()
    while chunk := response.read(_CHUNK):
        body += chunk
    if response.length:
        raise ConnectionResetError("the answer was cut off")
    return bytes(body)


def _too_long() -> RequestError:
    return RequestError(f"its answer is longer than {MAX_RESPONSE >> 20} MB", retriable=False)


class _Source:
    """What HTTPResponse takes for a socket: only `makefile` is called."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._stream: io.BufferedReader = io.BufferedReader(_Stream(connection, deadline))

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the stream of what arrives, the same for all responses."""
        return self._stream


class _Stream(io.RawIOBase):
    """What arrives on a socket until the deadline.

    A socket's own timeout begins again with each byte that arrives.
    """

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._connection = connection
        self._deadline = deadline
        self._received = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there, and wait for it within the deadline."""
        self._connection.settimeout(_seconds(self._deadline))
        count = self._connection.recv_into(buffer)
        # Counted here: http.client takes a chunk of a negative size for all that comes.
        self._received += count
        if self._received > MAX_RESPONSE:
            raise _too_long()
        return count


def _seconds(deadline: Deadline) -> float:
    """Return the seconds that are left; TimeoutError if none are."""
    if deadline.has_passed:
        raise TimeoutError
    return max(_SHORTEST_TIMEOUT, deadline.remaining)
