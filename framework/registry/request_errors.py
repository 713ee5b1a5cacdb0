"""Why a request got no usable answer, in words that don't quote it."""

from __future__ import annotations

import http.client
import socket
import ssl

from framework.registry.addresses import Address
from framework.registry.tls import tls_reason, untrusted_reason


class RequestError(Exception):
    """A request got no usable answer; its text is the reason.

    Args:
        reason: What went wrong, without a login.
        retriable: Whether the same request may succeed a moment later.
    """

    def __init__(self, reason: str, *, retriable: bool) -> None:
        """Keep both."""
        super().__init__(reason)
        self.retriable = retriable


def explain(error: Exception, address: Address) -> RequestError:
    """Return the error with a reason that doesn't quote the request."""
    match error:
        case ssl.SSLCertVerificationError():
            return RequestError(untrusted_reason(error), retriable=False)
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError() | ConnectionResetError() | BrokenPipeError():
            return RequestError("connection reset", retriable=True)
        case ssl.SSLError():
            return RequestError(f"TLS failed: {tls_reason(error)}", retriable=False)
        case TimeoutError():
            return RequestError("timed out", retriable=True)
        case ConnectionRefusedError():
            return RequestError("connection refused", retriable=True)
        case socket.gaierror():
            return RequestError(f"host name {address.host!r} not resolved: {error.strerror}", retriable=True)
        case OSError():
            return RequestError(error.strerror or str(error), retriable=True)
        case http.client.IncompleteRead():
            return RequestError("connection reset", retriable=True)
        case http.client.BadStatusLine() if "\x15\x03" in str(error):
            return RequestError("it expects https", retriable=False)
    return RequestError("its answer isn't HTTP", retriable=False)


def shareable(error: Exception) -> Exception | None:
    """Return an error that may be the cause of a remembered one, or None."""
    # http.client quotes what it could not parse, which may be anything; and a remembered error must not keep
    # the frames of its request alive, with the header that holds the login.
    return error.with_traceback(None) if isinstance(error, OSError) else None
