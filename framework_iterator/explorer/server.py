"""Serve the pages until Ctrl-C."""

from __future__ import annotations

import collections.abc as cabc
import logging
import socket
import webbrowser
from typing import Final

import uvicorn

from framework import App, FrameworkError
from framework_iterator.explorer.doors import Doors, new_token
from framework_iterator.explorer.pages import Pages

_GRACE: Final = 1
"""Seconds that open streams have after Ctrl-C; their runs end with them."""


def serve(
    app: App,
    *,
    host: str,
    port: int,
    is_internal: cabc.Callable[[str], bool],
    announce: cabc.Callable[[str], object],
    opens: bool,
) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        app: The application.
        host: The address to listen on.
        port: The port to listen on; 0 takes one that is free.
        is_internal: Which topics of the broker are Kafka's own.
        announce: Gets the first address, which has the token.
        opens: Whether to open it in the browser.
    """
    token = new_token()
    listener = _listen(host, port)
    port = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/?token={token}"
    doors = Doors(Pages(app, is_internal).application(), token=token, port=port, host=host)
    config = uvicorn.Config(
        doors, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=_GRACE
    )
    with listener:
        announce(address)
        if opens:
            webbrowser.open(address)
        _run(uvicorn.Server(config), listener)


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    # After Ctrl-C it would log each view that it ends, with a traceback.
    logging.getLogger("uvicorn.error").addFilter(lambda _record: not server.should_exit)
    server.run([listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()  # before the address is announced: a browser that comes at once is answered
    except OSError as error:
        listener.close()
        raise FrameworkError(
            f"Can't listen on {host}:{port}: {error.strerror}. Choose another --port."
        ) from error
    return listener
