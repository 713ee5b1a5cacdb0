"""Certificates and keys for an address with https."""

from __future__ import annotations

import ssl
from typing import Final

from framework.errors import ConfigError
from framework.registry.settings import RegistrySettings

# OpenSSL's X509_V_ERR_* codes: self-signed alone and in a chain, no issuer found, first one unverified.
_UNKNOWN_AUTHORITY: Final = frozenset({18, 19, 20, 21})
# A mismatch of the host name, or of the IP address.
_OTHER_HOST: Final = frozenset({62, 64})


def tls_context(settings: RegistrySettings) -> ssl.SSLContext:
    """Return a context that checks certificates and host names; a wrong file is a ConfigError."""
    try:
        context = ssl.create_default_context(cafile=settings.ca_location)
    except OSError as error:  # also ssl.SSLError
        raise _unusable("ssl.ca.location", settings.ca_location, error) from error
    if settings.certificate_location is not None:
        # A password that is None would make OpenSSL ask for one on the terminal.
        password = settings.key_password or ""
        try:
            context.load_cert_chain(settings.certificate_location, settings.key_location, password)
        except OSError as error:
            names = ", ".join(filter(None, (settings.certificate_location, settings.key_location)))
            raise _unusable("ssl.certificate.location", names, error) from error
    return context


def _unusable(key: str, value: str | None, error: OSError) -> ConfigError:
    reason = tls_reason(error) if isinstance(error, ssl.SSLError) else error.strerror
    return ConfigError(f"Schema registry setting {key}={value!r} is unusable: {reason}. Expected a PEM file.")


def tls_reason(error: ssl.SSLError) -> str:
    """Return OpenSSL's reason in words."""
    # Such as WRONG_VERSION_NUMBER.
    reason = (error.reason or error.strerror or "unknown").replace("_", " ").lower()
    return f"{reason} (does it speak plain http?)" if reason == "wrong version number" else reason


def untrusted_reason(error: ssl.SSLCertVerificationError) -> str:
    """Return why a certificate isn't trusted, and what to do."""
    reason = f"its certificate isn't trusted: {error.verify_message.rstrip('.')}"
    if error.verify_code in _UNKNOWN_AUTHORITY:
        return f"{reason}. Set ssl.ca.location to the certificate of the authority that signed it"
    if error.verify_code in _OTHER_HOST:
        return f"{reason}. Use a host name or address that the certificate names"
    return reason
