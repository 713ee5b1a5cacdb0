"""Settings of the schema registry, from the code and the environment: merged, checked and redacted.

The keys are those of Confluent's Schema Registry client for Python.
"""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import re
from typing import Final

from framework.environment import read_variables
from framework.errors import ConfigError
from framework.registry.addresses import Address, parse_addresses
from framework.suggest import did_you_mean
from framework.types import Uncopied

URL: Final = "schema.registry.url"
USER_INFO: Final = "basic.auth.user.info"
BEARER_TOKEN: Final = "bearer.auth.token"
CA_LOCATION: Final = "ssl.ca.location"
CERTIFICATE_LOCATION: Final = "ssl.certificate.location"
KEY_LOCATION: Final = "ssl.key.location"
KEY_PASSWORD: Final = "ssl.key.password"

ENVIRONMENT: Final = {
    "SCHEMA_REGISTRY_URL": URL,
    "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO": USER_INFO,
    "SCHEMA_REGISTRY_SSL_CA_LOCATION": CA_LOCATION,
}

_ALIASES: Final = {"url": URL}
_FILES: Final = (CA_LOCATION, CERTIFICATE_LOCATION, KEY_LOCATION)
_SECRETS: Final = (USER_INFO, BEARER_TOKEN, KEY_PASSWORD)
_KEYS: Final = (URL, USER_INFO, BEARER_TOKEN, *_FILES, KEY_PASSWORD)
# An unknown key is shown if it is words: it may be a login in a wrong place.
_WORDS: Final = re.compile(r"(?=.{1,40}\Z)[a-z]+(?:[._-][a-z]+)*", re.IGNORECASE)

Layer = str | cabc.Mapping[str, str]
"""Settings of one source: addresses separated by commas, or a mapping of keys."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class RegistrySettings(Uncopied):
    """How to reach the schema registry. Neither its repr nor a pickle of it holds a secret.

    Args:
        addresses: Tried in this order.
        user_info: "user:password", for the addresses that have no login of their own.
        bearer_token: Used in place of `user_info`.
        ca_location: A PEM file of trusted certificates, in place of the system's.
        certificate_location: A PEM file with the client's certificate.
        key_location: A PEM file with its key, if that is not in the same file.
        key_password: What the key is encrypted with.
    """

    addresses: tuple[Address, ...]
    user_info: str | None = None
    bearer_token: str | None = None
    ca_location: str | None = None
    certificate_location: str | None = None
    key_location: str | None = None
    key_password: str | None = None

    def __repr__(self) -> str:
        """Return the addresses, without a login."""
        return f"<RegistrySettings {', '.join(map(str, self.addresses))}>"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle addresses without logins, and the names of files."""
        return RegistrySettings, (self.addresses, None, None, *self.files)

    @property
    def files(self) -> tuple[str | None, str | None, str | None]:
        """Return the locations of the CA's certificates, the client's certificate and its key."""
        return self.ca_location, self.certificate_location, self.key_location


def merge(*layers: Layer | None) -> RegistrySettings | None:
    """Return the settings of all layers, or None if no layer names an address.

    Later layers win key by key. A login wins over one of the other kind from an earlier layer.
    """
    merged: dict[str, str] = {}
    for layer in layers:
        if layer is None:
            continue
        checked = _check_layer(layer)
        if USER_INFO in checked and BEARER_TOKEN in checked:
            raise ConfigError(f"{USER_INFO} and {BEARER_TOKEN} exclude each other: give one of them.")
        if USER_INFO in checked or BEARER_TOKEN in checked:
            merged.pop(USER_INFO, None)
            merged.pop(BEARER_TOKEN, None)
        merged.update(checked)
    _check_key_files(merged)
    if URL not in merged:
        return None
    others = (merged.get(key) for key in _KEYS if key != URL)
    return RegistrySettings(parse_addresses(merged[URL]), *others)


def from_environment(environ: cabc.Mapping[str, str]) -> dict[str, str]:
    """Return the settings of the SCHEMA_REGISTRY_* variables; the login may be in a file."""
    return read_variables(environ, ENVIRONMENT, "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO", "user:password")


def describe(settings: RegistrySettings) -> dict[str, str]:
    """Return keys and values to show: addresses without a login, `***` in place of secrets."""
    values = (settings.user_info, settings.bearer_token, *settings.files, settings.key_password)
    described = {URL: ",".join(map(str, settings.addresses))}
    for key, value in zip(_KEYS[1:], values, strict=True):
        if value is not None:
            described[key] = "***" if key in _SECRETS else value
    return described


def _check_layer(layer: Layer) -> dict[str, str]:
    if isinstance(layer, str):
        layer = {URL: layer}
    if not isinstance(layer, cabc.Mapping):
        raise ConfigError(
            f"Schema registry settings of type {type(layer).__name__} are invalid: "
            "expected a text with the addresses, separated by commas, such as 'http://127.0.0.1:8081', "
            "or a dict."
        )
    checked: dict[str, str] = {}
    for key, value in layer.items():
        name = _ALIASES.get(key, key)
        if name not in _KEYS:
            raise ConfigError(_describe_unknown(key))
        if name in checked:
            raise ConfigError(f"Schema registry settings have both 'url' and {name!r}: give one of them.")
        _check_value(name, value)
        checked[name] = value
    return checked


def _describe_unknown(key: object) -> str:
    expected = f"is unknown: expected one of {', '.join(_KEYS)}."
    if isinstance(key, str) and _WORDS.fullmatch(key):
        return f"Schema registry setting {key!r} {expected}{did_you_mean(key, (*_KEYS, *_ALIASES))}"
    return f"A schema registry setting, not shown, {expected}"


def _check_value(key: str, value: object) -> None:
    if not isinstance(value, str):
        # Without the value: a list of addresses may have logins.
        wanted = "one text with the addresses, separated by commas" if key == URL else "a text"
        kind = type(value).__name__
        raise ConfigError(f"Schema registry setting {key} of type {kind} is invalid: expected {wanted}.")
    if not value.strip():
        raise ConfigError(f"Schema registry setting {key}='' is invalid: expected a text, not empty.")
    if key == URL:
        parse_addresses(value)
    elif key == USER_INFO:
        user, colon, _ = value.partition(":")
        if not user or not colon or not value.isprintable():
            raise ConfigError(f"{key} is invalid: expected 'user:password' without control characters.")
    elif key == BEARER_TOKEN and not (value.isascii() and value.isprintable() and " " not in value):
        raise ConfigError(f"{key} is invalid: expected the token alone, in ASCII and without white space.")


def _check_key_files(settings: cabc.Mapping[str, str]) -> None:
    if KEY_LOCATION in settings and CERTIFICATE_LOCATION not in settings:
        raise ConfigError(f"{KEY_LOCATION} is set without {CERTIFICATE_LOCATION}: set that too.")
