"""Certificates: the registry's, its host name, and the client's own."""

from __future__ import annotations

import ssl

import pytest

from framework.errors import ConfigError, FrameworkError, RegistryUnavailableError
from framework.mock_registry import mock_registry
from framework.registry import Registry, Schema, merge
from tests.certificates import Certificates
from tests.scripted_registry import ScriptedRegistry, response

STRING = Schema("AVRO", '"string"', ())


def ask(url: str, timeout: float = 10.0, **files: str) -> Schema:
    keys = {f"ssl.{name.replace('_', '.')}": value for name, value in files.items()}
    settings = merge(url, keys)
    assert settings is not None
    return Registry(settings, timeout).schema(7)


def failure_of(url: str, timeout: float = 10.0, **files: str) -> FrameworkError:
    with pytest.raises(FrameworkError) as raised:
        ask(url, timeout, **files)
    return raised.value


def test_a_certificate_of_a_given_authority_is_trusted(certificates: Certificates) -> None:
    with ScriptedRegistry(response(), tls=certificates.server()) as server:
        assert ask(server.url, ca_location=certificates.here) == STRING


def test_an_unknown_certificate_says_what_to_set_at_once(certificates: Certificates) -> None:
    with ScriptedRegistry(response(), tls=certificates.server()) as server:
        error = failure_of(server.url)
    assert isinstance(error, RegistryUnavailableError)
    assert str(error) == (
        f"Schema registry {server.url} is unusable: its certificate isn't trusted: self-signed "
        "certificate. Set ssl.ca.location to the certificate of the authority that signed it."
    )
    assert isinstance(error.__cause__, ssl.SSLCertVerificationError)
    assert server.requests == []


def test_the_name_of_the_host_is_checked(certificates: Certificates) -> None:
    with ScriptedRegistry(response(), tls=certificates.server("other")) as server:
        error = failure_of(server.url, ca_location=certificates.other)
    assert isinstance(error, RegistryUnavailableError)
    assert "IP address mismatch, certificate is not valid for '127.0.0.1'. Use a host name" in str(error)
    assert "ssl.ca.location" not in str(error)


def test_a_client_certificate_is_sent(certificates: Certificates) -> None:
    context = certificates.server()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificates.other)
    with ScriptedRegistry(response(), tls=context) as server:
        schema = ask(
            server.url,
            ca_location=certificates.here,
            certificate_location=certificates.other,
            key_location=certificates.other_key,
            key_password="s3cr3t",
        )
        # A server that closes the connection first is tried again.
        error = failure_of(server.url, timeout=60.0, ca_location=certificates.here)
    assert schema == STRING
    assert isinstance(error, RegistryUnavailableError)
    assert "certificate required" in str(error)


@pytest.mark.parametrize("password", [{}, {"key_password": "wr0ng"}], ids=["none", "wrong"])
def test_an_encrypted_key_needs_its_password_and_never_asks(
    certificates: Certificates, password: dict[str, str]
) -> None:
    with ScriptedRegistry(response(), tls=certificates.server()) as server:
        error = failure_of(
            server.url,
            10.0,
            certificate_location=certificates.other,
            key_location=certificates.other_key,
            **password,
        )
    assert isinstance(error, ConfigError)
    assert "setting ssl.certificate.location=" in str(error)
    assert "wr0ng" not in str(error)


def test_a_file_that_is_missing_or_no_certificate_is_named(certificates: Certificates) -> None:
    missing = failure_of("https://127.0.0.1:1", ca_location="/missing.pem")
    assert str(missing) == (
        "Schema registry setting ssl.ca.location='/missing.pem' is unusable: No such file or directory. "
        "Expected a PEM file."
    )
    text = failure_of("https://127.0.0.1:1", ca_location=str(certificates.text))
    assert isinstance(missing, ConfigError)
    assert isinstance(text, ConfigError)
    assert "is unusable: no certificate or crl found" in str(text)


def test_a_server_that_speaks_plain_http_is_named() -> None:
    with mock_registry() as url:
        error = failure_of(url.replace("http:", "https:"))
    assert isinstance(error, RegistryUnavailableError)
    assert "TLS failed: wrong version number (does it speak plain http?)" in str(error)


def test_a_handshake_that_hangs_ends_with_the_timeout() -> None:
    # The server waits for the end of a request, which a handshake doesn't have.
    with ScriptedRegistry(response()) as server:
        error = failure_of(server.url.replace("http:", "https:"), timeout=0.3)
    assert isinstance(error, RegistryUnavailableError)
    assert "was not available within 0.3 s: timed out" in str(error)
