"""Try the addresses of a registry until one answers."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import email.utils
import http
import itertools
import ssl
from typing import Final, NamedTuple

from framework.errors import RegistryUnavailableError
from framework.registry import refusals
from framework.registry.addresses import Address
from framework.registry.answers import INVALID, Answer, error_code, error_text
from framework.registry.http import Response, get
from framework.registry.logins import Login
from framework.registry.request_errors import RequestError
from framework.registry.settings import RegistrySettings
from framework.registry.tls import tls_context
from framework.retry import Clock, Deadline

_RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PAUSES: Final = (0.05, 0.1, 0.2, 0.4)
"""Seconds between the rounds over all addresses; the last one is repeated."""
_KNOWN: Final = frozenset(http.HTTPStatus)


class _Failure(NamedTuple):
    reason: str
    not_before: float  # by the clock
    cause: BaseException | None = None


class Transport:
    """Sends requests to the address that answered last, and to the others where it fails.

    Args:
        settings: Addresses, logins and files.
        clock: Where the time comes from.
        pause: Waits the seconds it is given.
    """

    def __init__(
        self, settings: RegistrySettings, clock: Clock, pause: cabc.Callable[[float], object]
    ) -> None:
        """Send nothing yet."""
        self._settings = settings
        self._logins = [Login.of(address, settings) for address in settings.addresses]
        self._clock = clock
        self._pause = pause
        self._last = 0
        self._context: ssl.SSLContext | None = None

    def get(self, path: str, deadline: Deadline) -> Answer:
        """Return the first answer that is a success or a 404; any other end is a SchemaRegistryError."""
        failures: dict[int, _Failure] = {}
        count = len(self._settings.addresses)
        for pause in itertools.chain(_PAUSES, itertools.repeat(_PAUSES[-1])):
            first = self._last
            for step in range(count):
                index = (first + step) % count
                if index in failures and failures[index].not_before > self._clock():
                    continue
                # A share of the time: a silent address leaves some for the others.
                share = Deadline(deadline.remaining / (count - step), self._clock)
                outcome = self._try(index, path, share)
                if isinstance(outcome, Answer):
                    self._last = index
                    return outcome
                failures[index] = outcome
            earliest = min(failure.not_before for failure in failures.values()) - self._clock()
            wait = max(pause, earliest)
            if wait >= deadline.remaining:
                raise self._unavailable(failures, deadline, earliest) from _last_cause(failures)
            self._pause(wait)
            if deadline.has_passed:  # a try without any time would hide why the others failed
                raise self._unavailable(failures, deadline, 0.0) from _last_cause(failures)
        raise AssertionError("unreachable: the pauses have no end")

    def _unavailable(
        self, failures: dict[int, _Failure], deadline: Deadline, earliest: float
    ) -> RegistryUnavailableError:
        addresses = self._settings.addresses
        reasons = {addresses[index]: failure.reason for index, failure in sorted(failures.items())}
        if earliest > _PAUSES[-1] and earliest >= deadline.remaining:
            return refusals.paused(reasons, earliest, deadline)
        return refusals.unavailable(reasons, deadline.seconds)

    def _try(self, index: int, path: str, deadline: Deadline) -> Answer | _Failure:
        """Return an answer, or a failure that is worth a retry; raise for any other."""
        address, login = self._settings.addresses[index], self._logins[index]
        try:
            response = get(address, path, deadline, login=login, context=self._tls_context(address))
        except RequestError as error:
            failure = error
        else:
            return self._judge(address, login, path, response)
        if failure.retriable:
            return _Failure(str(failure), self._clock(), failure.__cause__)
        self._context = None  # its files may be replaced
        raise refusals.unusable(address, str(failure)) from failure.__cause__

    def _judge(self, address: Address, login: Login, path: str, response: Response) -> Answer | _Failure:
        code, url = response.status, f"{address}{path}"
        if code in (200, 404):
            return Answer(address, url, code, response.body, login.redact)
        if code in _REDIRECTS and response.location:
            raise refusals.redirected(address, path, response.location, login.redact)
        status = f"{code} {http.HTTPStatus(code).phrase if code in _KNOWN else ''}".rstrip()
        text = error_text(response.body, login.redact)
        if code in (401, 403):
            raise refusals.refused(address, status, text, login)
        if code == 422 and error_code(response.body) in INVALID:
            raise refusals.invalid(url, status, text)
        if code not in _RETRIED:
            raise refusals.unexpected(address, path, status, text)
        reason = f"{status}: {text}" if text else status
        return _Failure(reason, self._clock() + _seconds(response.retry_after))

    def _tls_context(self, address: Address) -> ssl.SSLContext | None:
        if address.scheme != "https":
            return None
        if self._context is None:
            self._context = tls_context(self._settings)
        return self._context


def _last_cause(failures: dict[int, _Failure]) -> BaseException | None:
    return next((failure.cause for failure in reversed(failures.values()) if failure.cause), None)


def _seconds(retry_after: str | None) -> float:
    """Return the seconds of a Retry-After header, which may hold a moment; 0 without one."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return max(0.0, (moment - datetime.datetime.now(datetime.UTC)).total_seconds())
