"""A login that is refused, and a broker that isn't trusted, are told with address and reason, at once."""

from __future__ import annotations

import collections.abc as cabc
from concurrent.futures import ThreadPoolExecutor

import pytest

from framework import App, AuthenticationError, BrokerUnavailableError
from framework_iterator import Iterator
from tests import support
from tests.faults.brokers import BOUND, bounded
from tests.faults.doors import SECRET, Doors


def read(app: App, name: str) -> list[str]:
    return [str(message.payload) for message in Iterator(name, app=app)]


def allowed(doors: Doors) -> str:
    name = doors.topic(["a", "b"])
    doors.allow("reader", "READ", "TOPIC", name)
    return name


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port may take its time to say what it speaks."""
    monkeypatch.setattr("framework.port_probe._SECONDS", support.LIMIT)


Login = cabc.Callable[..., App]
WAYS = pytest.mark.parametrize(
    "login",
    [
        pytest.param(Doors.by_password, id="plain"),
        pytest.param(Doors.by_scram, id="scram"),
    ],
)


@WAYS
def test_the_right_password_opens(doors: Doors, login: Login) -> None:
    assert read(login(doors, "reader", SECRET), allowed(doors)) == ["a", "b"]


@WAYS
@pytest.mark.parametrize(("user", "password"), [("reader", "wrong-password"), ("nobody", SECRET)])
def test_a_wrong_one_is_refused_long_before_broker_timeout(
    doors: Doors, login: Login, user: str, password: str
) -> None:
    name = allowed(doors)
    app = login(doors, user, password, broker_timeout=2 * BOUND)
    calls = (lambda: Iterator(name, app=app).plan(), lambda: read(app, name), app.admin().topics)
    with bounded(), ThreadPoolExecutor() as pool:  # the broker takes its time with a refusal
        errors = [pool.submit(call).exception() for call in calls]
    for error in errors:
        assert isinstance(error, AuthenticationError)
    for error in errors[:2]:
        assert app.kafka["bootstrap.servers"] in str(error)
        assert "refused the login: " in str(error)
        assert "Authentication failed" in str(error)
        assert password not in str(error)
    assert read(login(doors, "reader", SECRET), name) == ["a", "b"]


def test_a_mechanism_that_the_broker_does_not_have_is_named(doors: Doors) -> None:
    app = doors.by_password("reader")
    with (
        bounded(),
        app.override({"sasl.mechanism": "SCRAM-SHA-512"}),
        pytest.raises(AuthenticationError, match=r"SCRAM-SHA-512.*PLAIN"),
    ):
        read(app, allowed(doors))
    assert read(doors.by_password("reader"), allowed(doors)) == ["a", "b"]


def test_no_login_where_one_is_asked_for_is_no_endless_wait(doors: Doors) -> None:
    app = doors.by_password("reader", broker_timeout=1.0)
    with (
        bounded(),
        app.override({"security.protocol": "plaintext"}),
        pytest.raises(BrokerUnavailableError, match="within 1 s: "),
    ):
        read(app, "flights")
    assert read(doors.by_password("reader"), allowed(doors)) == ["a", "b"]


def test_an_authority_that_signed_the_broker_is_trusted(doors: Doors) -> None:
    assert read(doors.by_tls(doors.right), doors.topic(["a", "b"])) == ["a", "b"]


def test_one_that_did_not_is_told_long_before_broker_timeout(doors: Doors) -> None:
    name = doors.topic(["a"])
    app = doors.by_tls(doors.wrong, broker_timeout=2 * BOUND)
    for call in (lambda: Iterator(name, app=app).plan(), lambda: read(app, name), app.admin().topics):
        with bounded(), pytest.raises(BrokerUnavailableError, match="certificate verify failed") as caught:
            call()
        assert f"No broker at 127.0.0.1:{doors.tls_port} can be trusted: " in str(caught.value)
        assert "ssl.ca.location" in str(caught.value)
    assert read(doors.by_tls(doors.right), name) == ["a"]


def test_tls_to_a_port_without_it_is_waited_for_and_told(doors: Doors, patient: None) -> None:
    app = doors.by_tls(doors.right, broker_timeout=1.0)
    plain = doors.straight
    with (
        bounded(),
        app.override({"bootstrap.servers": plain}),
        pytest.raises(BrokerUnavailableError) as caught,
    ):
        read(app, "flights")
    assert str(caught.value) == (
        f"No broker answered at {plain} within 1 s: {plain} speaks Kafka without TLS, but "
        "security.protocol is 'ssl'. Pass 'plaintext', or 'sasl_plaintext' to log in."
    )
    assert read(doors.by_tls(doors.right), doors.topic(["a"])) == ["a"]


def test_a_port_with_tls_is_told_to_a_client_without(doors: Doors, patient: None) -> None:
    app = doors.by_tls(doors.right, broker_timeout=1.0)
    with (
        bounded(),
        app.override({"security.protocol": "plaintext"}),
        pytest.raises(BrokerUnavailableError, match=r" speaks TLS, .* Pass 'ssl', or 'sasl_ssl' to log in\."),
    ):
        read(app, "flights")
    assert read(doors.by_tls(doors.right), doors.topic(["a"])) == ["a"]
