"""An embedded schema registry for tests and examples: a real HTTP server inside the process."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import http.server
import json
import logging
import re
import socketserver
import sys
import threading
import urllib.parse
from typing import Any, cast

from framework.registry import Registry
from framework.registry.memory import MemoryStore, RefusedError, parse_body

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def mock_registry(port: int = 0) -> cabc.Generator[str]:
    """Start an empty schema registry inside this process, and return its address.

    Serializers and deserializers use it as they use a real one, also from other processes of this machine:

        with mock_registry() as url:
            httpx.post(f"{url}/subjects/planes-value/versions", json={"schema": '"string"'})

    It speaks Confluent's REST API as far as they need it: register and look up a schema under a subject,
    list subjects and versions, read a version, and read a schema by id or GUID. Ids count from 1, and equal
    schemas have the same id under any subject; GUIDs are the same in each run. Whether a schema is
    compatible with the versions before it isn't checked, and nothing can be deleted. It ends with the block.

    Args:
        port: The port on 127.0.0.1; 0 takes a free one.
    """
    server = _Server(("127.0.0.1", port), _Handler)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    Registry.forget(address)  # one that had the port before: ids count from 1 again
    try:
        # It looks every 0.02 s whether the block has ended.
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield address
        finally:
            # At the end of the process, where nobody ended the block, the thread doesn't run any more.
            if not sys.is_finalizing():
                server.shutdown()
                thread.join()
    finally:
        server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        self.store = MemoryStore()
        super().__init__(*arguments)

    def server_bind(self) -> None:
        """Listen; that of HTTPServer looks up the name of the host, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Write no traceback to stderr: most are clients that went away."""
        logger.debug("A request to the embedded schema registry failed.", exc_info=True)


class _Handler(http.server.BaseHTTPRequestHandler):
    # Each answer closes its connection (HTTP/1.0): when the block ends, no connection is left to be served.
    timeout = 30
    wbufsize = -1  # headers and body in one packet

    def do_GET(self) -> None:
        store = cast(_Server, self.server).store
        self._answer(
            {
                r"/?": dict,
                r"/subjects": store.subjects,
                r"/subjects/([^/]+)/versions": store.versions,
                r"/subjects/([^/]+)/versions/([^/]+)": store.version,
                r"/schemas/ids/([^/]+)": store.by_id,
                r"/schemas/guids/([^/]+)": store.by_guid,
                r"/schemas/types": lambda: ["JSON", "PROTOBUF", "AVRO"],
            }
        )

    def do_POST(self) -> None:
        store = cast(_Server, self.server).store
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(
            {
                r"/subjects/([^/]+)/versions": lambda subject: store.register(subject, parse_body(body)),
                r"/subjects/([^/]+)": lambda subject: store.look_up(subject, parse_body(body)),
            }
        )

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Write nothing to stderr."""

    def _answer(self, routes: dict[str, cabc.Callable[..., Any]]) -> None:
        path = self.path.partition("?")[0]
        try:
            for pattern, call in routes.items():
                if found := re.fullmatch(pattern, path):
                    self._send(200, call(*map(urllib.parse.unquote, found.groups())))
                    return
            raise RefusedError(404, "HTTP 404 Not Found")
        except RefusedError as error:
            self._send(int(str(error.code)[:3]), {"error_code": error.code, "message": str(error)})

    def _send(self, status: int, answer: object) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
