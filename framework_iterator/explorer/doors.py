"""Who may come in: the token, the names of this server, and what a page may do. An ASGI middleware.

A page of any other site can send a browser here, so being on 127.0.0.1 protects nothing. A request needs the
cookie that the first address gave (as with Jupyter's token), must name this server (DNS rebinding), and must
not come from a page of another origin.
"""

from __future__ import annotations

import hmac
import secrets
import urllib.parse
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_OTHERS: Final = "Pages of other sites can't read from here.\n"
_REFUSED: Final = """\
This page needs the token of its server.

Open the address that `framework explore` has printed. If you came by a link on another site, and have opened
that address before, load this page again: browsers keep the cookie from such links.
"""


class Doors:
    """Lets in requests that name this server and bear its token, and adds the headers of `HEADERS`.

    Args:
        app: The application behind.
        token: What the first address has to bear.
        port: The port on which the server listens.
        host: The address on which it listens.
    """

    def __init__(self, app: ASGIApp, *, token: str, port: int, host: str) -> None:
        """Nobody has come in yet."""
        self._app = app
        self._token = token
        # Cookies don't tell ports apart: two servers would log each other's users out.
        self._cookie = f"framework-explore-{port}"
        names = {"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host}
        self._hosts = {f"{name}:{port}" for name in names} | (names if port == 80 else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have it answered."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        request = Request(scope)
        refusal = self._refusal(request)
        if refusal is None:
            await self._app(scope, receive, send_with_headers)
        else:
            await refusal(scope, receive, send_with_headers)

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("host", "").lower() not in self._hosts:
            return PlainTextResponse("This server has another name.\n", 403)
        origins = {each.lower() for each in request.headers.getlist("origin")}
        if not origins <= {f"http://{each}" for each in self._hosts}:
            return PlainTextResponse(_OTHERS, 403)
        # Cookies don't tell ports apart: another server of this machine could have its pages read from here.
        is_page = request.headers.get("sec-fetch-mode", "navigate") == "navigate"
        if request.headers.get("sec-fetch-site", "none") in ("cross-site", "same-site") and not is_page:
            return PlainTextResponse(_OTHERS, 403)
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse("Nothing can be changed here.\n", 405, {"Allow": "GET, HEAD"})
        if (token := request.query_params.get("token")) is not None:
            return self._enter(request, token)
        if not self._is_token(request.cookies.get(self._cookie, "")):
            return PlainTextResponse(_REFUSED, 403)
        return None

    def _enter(self, request: Request, token: str) -> Response:
        """Give the cookie for a token, and lead to the same address without it."""
        if not self._is_token(token):
            return PlainTextResponse(_REFUSED, 403)
        query = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
        # One slash: with two in front it would be the address of another server.
        path = "/" + urllib.parse.quote(request.url.path.lstrip("/\\"))
        answer = RedirectResponse(f"{path}?{urllib.parse.urlencode(query)}" if query else path, 303)
        answer.set_cookie(self._cookie, self._token, httponly=True, samesite="strict", path="/")
        return answer

    def _is_token(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(errors="replace"), self._token.encode())


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(24)
