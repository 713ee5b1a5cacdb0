"""An HTTP server for tests that answers what it is told to, however broken, and keeps each request."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import json
import socket
import ssl
import threading

Answer = bytes | cabc.Callable[[socket.socket, threading.Event], None]
"""The bytes of a whole response, or a function that has the connection until the server ends."""

AVRO_STRING = b'{"schema": "\\"string\\""}'
NOT_FOUND = b'{"error_code": 40403, "message": "Schema not found"}'


def response(status: str = "200 OK", body: bytes = AVRO_STRING, **headers: str) -> bytes:
    """Return the bytes of a response; `Retry_After` is the header Retry-After."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def schema(text: str, *references: tuple[str, str, int]) -> bytes:
    """Return the response with an Avro schema; references are (name, subject, version)."""
    listed = [dict(zip(("name", "subject", "version"), each, strict=True)) for each in references]
    return response(body=json.dumps({"schema": text, "references": listed}).encode())


def silent(connection: socket.socket, ended: threading.Event) -> None:
    """Accept the request, and never answer."""
    ended.wait(60)


def reset(connection: socket.socket, ended: threading.Event) -> None:
    """Close the connection without an answer."""


def drip(beginning: bytes, each: bytes = b"x") -> Answer:
    """Return an answer that begins, and then goes on in small pieces without an end."""

    def send(connection: socket.socket, ended: threading.Event) -> None:
        connection.sendall(beginning)
        while not ended.wait(0.01):
            connection.sendall(each)

    return send


class ScriptedRegistry:
    """Gives its answers in turn, and the last one again and again; or one for each path.

    It is to be ended with `close`, or used in a `with` block.
    """

    def __init__(
        self,
        *answers: Answer,
        paths: dict[str, Answer] | None = None,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.requests: list[str] = []
        self._answers = list(answers)
        self._paths = paths or {}
        self._tls = tls
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, in this order."""
        return [request.split(" ")[1] for request in self.requests]

    def __enter__(self) -> ScriptedRegistry:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._ended.set()
        # close() alone would leave the port open while another thread is in accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        # The client may leave at any moment; a refused handshake is an OSError too.
        with contextlib.suppress(OSError), connection:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                request = b""
                while b"\r\n\r\n" not in request:
                    if not (received := connection.recv(65536)):
                        return
                    request += received
                self.requests.append(request.decode())
                answer = self._next(self.paths[-1])
                if isinstance(answer, bytes):
                    connection.sendall(answer)
                else:
                    answer(connection, self._ended)

    def _next(self, path: str) -> Answer:
        if self._paths:
            return self._paths.get(path, response("404 Not Found", NOT_FOUND))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
