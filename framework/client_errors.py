"""The errors that a librdkafka client reports to its callback."""

from __future__ import annotations

import collections.abc as cabc
from typing import Final

from confluent_kafka import KafkaError

from framework import errors, kafka_errors
from framework.callbacks import Failures
from framework.port_probe import find_mismatch
from framework.tokens import Tokens

_NO_TOKEN: Final = "Failed to acquire SASL OAUTHBEARER token"


class ClientErrors:
    """The errors that one client reports to its callback: a call that times out doesn't say why.

    Args:
        servers: The addresses the client tries, for error messages.
        callback: The application's own `error_cb`, which gets every error as well.
        protocol: The `security.protocol`, to find out whether a port without an answer speaks the other one;
            None leaves it.
        tokens: The application's own `oauth_cb`, whose exceptions librdkafka doesn't report.
    """

    def __init__(
        self,
        servers: str,
        callback: cabc.Callable[[KafkaError], object] | None = None,
        tokens: Tokens | None = None,
        *,
        protocol: str | None = None,
    ) -> None:
        """Nothing was reported yet."""
        self.tokens = tokens
        self._protocol = protocol
        self.failures = Failures()
        """What the callbacks of the settings raised."""
        self.servers = servers
        self.callback = callback
        self._last: KafkaError | None = None
        self._group_denial: KafkaError | None = None
        self._untrusted: dict[str, KafkaError] = {}

    def __call__(self, error: KafkaError) -> None:
        """Record an error; this is librdkafka's `error_cb`."""
        # "All brokers are down" repeats, without a reason, what was reported of each of them.
        is_repeated = error.code() == KafkaError._ALL_BROKERS_DOWN and self._last is not None
        # The callback's own exception says more than "OAuth callback raised exception".
        is_known = self.tokens is not None and _NO_TOKEN in error.str()
        if not is_repeated and not is_known:
            self._last = error
        if error.code() == KafkaError._SSL and kafka_errors.is_certificate_refused(error):
            self._untrusted[kafka_errors.text_of(error).partition(": ")[0]] = error
        if self.callback is not None:
            self.callback(error)

    @property
    def last(self) -> KafkaError | None:
        """The last error with a reason, or None."""
        return self._last

    @property
    def group_denial(self) -> KafkaError | None:
        """Why the broker doesn't name the group's coordinator, which librdkafka looks up by itself."""
        return self._group_denial

    def record_group_denial(self, error: KafkaError) -> bool:
        """Keep an error about the group, and say whether it was one: reading needs no right on a group."""
        if error.code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
            return False
        self._group_denial = error
        return True

    def clear_group_denial(self) -> None:
        """Forget a denial: a commit succeeded, so the right was granted since."""
        self._group_denial = None

    def record_messages(self) -> None:
        """Forget the last error: messages arrive, so it has passed."""
        self._last = None

    @property
    def is_login_refused(self) -> bool:
        """Whether the login was refused."""
        return self._last is not None and kafka_errors.is_login_refused(self._last)

    @property
    def is_untrusted(self) -> bool:
        """Whether none of the bootstrap addresses shows a trusted certificate.

        A port without TLS and a broker that is starting never cause this. One trusted address is enough.
        """
        # The same error comes again with less text, as _TRANSPORT.
        if self._last is None or not kafka_errors.is_certificate_refused(self._last):
            return False
        bootstrap = [name for name in self._untrusted if name.endswith("/bootstrap")]
        return len(bootstrap) >= len([each for each in self.servers.split(",") if each.strip()])

    @property
    def is_final(self) -> bool:
        """Whether retrying is of no use."""
        return self.is_login_refused or self.is_untrusted or self.failure is not None

    @property
    def failure(self) -> BaseException | None:
        """What a callback raised: any of them, or `oauth_cb` once there is no valid token; or None."""
        return self.failures.first or (None if self.tokens is None else self.tokens.failure)

    def raise_failure(self, *, keep: bool = False) -> None:
        """Raise what a callback raised, if any: once, but again if kept or where there is no valid token."""
        failure = self.failure
        if not keep:
            self.failures.take()
        if failure is not None:
            raise failure

    def _without_login(self, reason: str) -> str:
        """Return what to pass where the broker refused because it has no logins on this port."""
        if "not valid in current SASL state" not in reason or self._protocol is None:
            return ""
        protocol = self._protocol.removeprefix("sasl_")
        return f" It has no logins on this port: pass security.protocol={protocol!r}, or another port."

    def begin_close(self) -> None:
        """Have no callback called after this, except `logger`, whose exceptions nobody could catch."""
        self.failures.begin_close()

    def unavailable(self, waited: float, consequence: str = "") -> errors.BrokerError:
        """Return the error for brokers that did not answer: the addresses, the seconds, the last reason."""
        if self.is_login_refused and self.tokens is not None and (pending := self.tokens.pending) is not None:
            # The token ended at this moment. Why there is no other says more than how the login failed.
            without_token = errors.AuthenticationError(f"{consequence}{pending}")
            without_token.__cause__ = pending.__cause__
            return without_token
        reason = "no error was reported" if self._last is None else kafka_errors.text_of(self._last)
        kind: type[errors.BrokerError] = errors.BrokerUnavailableError
        error = self._last
        if self.is_login_refused:
            kind = errors.AuthenticationError
            sentence = f"{self.servers} refused the login: {reason}.{self._without_login(reason)}"
        elif self.is_untrusted:
            error = list(self._untrusted.values())[-1]
            sentence = f"No broker at {self.servers} can be trusted: {kafka_errors.text_of(error)}."
        elif self._protocol is not None and (found := find_mismatch(self.servers, self._protocol)):
            sentence = f"No broker answered at {self.servers} within {waited:g} s: {found}."
        else:
            tried = f"No broker answered at {self.servers} within {waited:g} s: {reason}."
            sentence = f"{tried} Is Kafka running there?"
        unavailable = kafka_errors.build(kind, consequence + sentence, error)
        self.failures.add_note(unavailable)
        return unavailable
