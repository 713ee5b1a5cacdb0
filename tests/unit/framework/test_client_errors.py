from __future__ import annotations

import time

import pytest
from confluent_kafka import KafkaError

from framework import AuthenticationError, BrokerUnavailableError, CallbackError
from framework.client_errors import ClientErrors
from framework.tokens import Tokens

REFUSED = KafkaError(KafkaError._TRANSPORT, "127.0.0.1:1: Connection refused")
DOWN = KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down")
LOGIN = KafkaError(KafkaError._AUTHENTICATION, "Invalid username or password")
UNTRUSTED = "ssl://127.0.0.1:1/bootstrap: SSL handshake failed: certificate verify failed: see ssl.ca"


@pytest.mark.parametrize(
    ("errors", "sentence"),
    [
        pytest.param(
            [],
            "No broker answered at 127.0.0.1:1 within 2.5 s: no error was reported. Is Kafka running there?",
            id="nothing",
        ),
        pytest.param(
            [REFUSED, DOWN],
            "No broker answered at 127.0.0.1:1 within 2.5 s: 127.0.0.1:1: Connection refused. "
            "Is Kafka running there?",
            id="the reason stays when all are down",
        ),
        pytest.param(
            [DOWN],
            "No broker answered at 127.0.0.1:1 within 2.5 s: 1/1 brokers are down. Is Kafka running there?",
            id="all down is better than nothing",
        ),
    ],
)
def test_the_last_reason_is_in_the_error(errors: list[KafkaError], sentence: str) -> None:
    reported = ClientErrors("127.0.0.1:1")
    for each in errors:
        reported(each)
    error = reported.unavailable(2.5)

    assert type(error) is BrokerUnavailableError
    assert str(error) == sentence
    assert error.code == (errors[0].code() if errors else None)


def test_a_refused_login_is_no_missing_broker() -> None:
    reported = ClientErrors("127.0.0.1:1")
    reported(LOGIN)
    reported(DOWN)
    error = reported.unavailable(2.5, "Nothing was sent. ")

    assert reported.is_login_refused
    assert type(error) is AuthenticationError
    assert str(error) == "Nothing was sent. 127.0.0.1:1 refused the login: Invalid username or password."


def test_a_login_without_a_new_token_fails_by_what_oauth_cb_raised() -> None:
    """The broker may end the connection in its handshake at the moment at which the last token is over."""
    raised = ValueError("no second one")
    calls = iter([("first", time.time() + 60), raised])

    def oauth_cb(_: str) -> object:
        found = next(calls)
        if isinstance(found, Exception):
            raise found
        return found

    tokens = Tokens(oauth_cb, None, "h:1", 5.0)
    tokens(None)
    with pytest.raises(AuthenticationError):
        tokens(None)
    reported = ClientErrors("h:1", None, tokens)
    reported(KafkaError(KafkaError._AUTHENTICATION, "handshake failed: Local: Broker transport failure"))
    error = reported.unavailable(1.0)
    assert isinstance(error, AuthenticationError)
    assert str(error) == (
        "There is no token for the login at h:1: oauth_cb raised ValueError: no second one."
    )
    assert error.__cause__ is raised


def test_a_broker_without_logins_on_this_port_is_one() -> None:
    reported = ClientErrors("127.0.0.1:1", protocol="sasl_plaintext")
    reported(KafkaError(KafkaError._AUTHENTICATION, "Broker: Request not valid in current SASL state"))

    assert str(reported.unavailable(2.5)) == (
        "127.0.0.1:1 refused the login: Broker: Request not valid in current SASL state. "
        "It has no logins on this port: pass security.protocol='plaintext', or another port."
    )


def untrusted(sentence: str = UNTRUSTED, code: int = KafkaError._SSL) -> KafkaError:
    return KafkaError(code, sentence)


@pytest.mark.parametrize(
    "errors",
    [
        pytest.param([untrusted(), DOWN], id="said once"),
        pytest.param(
            [untrusted(), untrusted("x: certificate verify failed", KafkaError._TRANSPORT)],
            id="said again in fewer words",
        ),
    ],
)
def test_an_untrusted_certificate_is_quoted_in_full(errors: list[KafkaError]) -> None:
    reported = ClientErrors("127.0.0.1:1")
    for each in errors:
        reported(each)
    error = reported.unavailable(2.5, "Nothing was sent. ")

    assert (type(error), error.name) == (BrokerUnavailableError, "_SSL")
    assert str(error) == f"Nothing was sent. No broker at 127.0.0.1:1 can be trusted: {UNTRUSTED}."


@pytest.mark.parametrize(
    ("servers", "errors"),
    [
        pytest.param("127.0.0.1:1,h:2", [untrusted(), untrusted()], id="another address may do"),
        pytest.param("127.0.0.1:1", [untrusted(), REFUSED], id="it was stopped since"),
        pytest.param("127.0.0.1:1", [untrusted(UNTRUSTED.replace("bootstrap", "7"))], id="a later broker"),
        pytest.param("127.0.0.1:1", [untrusted("a/bootstrap: wrong version number")], id="another reason"),
        pytest.param("127.0.0.1:1", [], id="nothing"),
    ],
)
def test_what_may_become_trusted_is_no_final_error(servers: str, errors: list[KafkaError]) -> None:
    reported = ClientErrors(servers)
    for each in errors:
        reported(each)

    assert not reported.is_untrusted
    assert str(reported.unavailable(2.5)).startswith(f"No broker answered at {servers} within 2.5 s: ")


def test_the_applications_own_callback_gets_every_error() -> None:
    errors: list[KafkaError] = []
    reported = ClientErrors("127.0.0.1:1", errors.append)
    reported(REFUSED)
    reported(DOWN)

    assert errors == [REFUSED, DOWN]


def test_nothing_was_reported_at_first() -> None:
    reported = ClientErrors("127.0.0.1:1")

    assert (reported.last, reported.group_denial) == (None, None)
    assert not any([reported.is_final, reported.is_login_refused, reported.is_untrusted])


def test_messages_show_that_the_last_error_has_passed() -> None:
    reported = ClientErrors("127.0.0.1:1")
    reported(REFUSED)
    reported.record_messages()

    assert reported.last is None


def test_a_denial_of_the_group_is_kept_until_a_commit_succeeds() -> None:
    reported, denial = ClientErrors("127.0.0.1:1"), KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED)

    assert reported.record_group_denial(denial)
    assert not reported.record_group_denial(REFUSED)
    assert reported.group_denial is denial
    reported.clear_group_denial()
    assert reported.group_denial is None


def test_what_a_callback_raised_is_a_note_of_an_error_that_is_raised_instead() -> None:
    reported = ClientErrors("127.0.0.1:1")
    reported.failures.record(CallbackError("error_cb raised ValueError: mine."))
    assert reported.unavailable(2.5).__notes__ == ["error_cb raised ValueError: mine."]
    assert reported.failure is None


def test_what_a_callback_raised_is_raised_once_unless_it_is_kept() -> None:
    reported = ClientErrors("127.0.0.1:1")
    reported.failures.record(CallbackError("error_cb raised ValueError: mine."))
    for keep in (True, False):
        with pytest.raises(CallbackError, match="mine"):
            reported.raise_failure(keep=keep)
    reported.raise_failure()
