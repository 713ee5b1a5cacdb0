"""Settings of Kafka clients, from the code and the environment: merged, checked and redacted.

The keys are librdkafka's (see its CONFIGURATION.md); only aliases are replaced.
"""

from __future__ import annotations

import collections.abc as cabc
import fnmatch
import logging
from typing import Any

from framework.config_keys import ALIASES
from framework.environment import read_variables
from framework.errors import ConfigError
from framework.types import KafkaSettings

logger = logging.getLogger(__name__)

DEFAULT_SERVERS = "127.0.0.1:9092"

ENVIRONMENT = {
    "KAFKA_BOOTSTRAP_SERVERS": "bootstrap.servers",
    "KAFKA_SECURITY_PROTOCOL": "security.protocol",
    "KAFKA_SASL_MECHANISM": "sasl.mechanism",
    "KAFKA_SASL_USERNAME": "sasl.username",
    "KAFKA_SASL_PASSWORD": "sasl.password",
    "KAFKA_SSL_CA_LOCATION": "ssl.ca.location",
}

_SECRET = (
    "*pas*w*",  # also misspelt, and passwd
    "*pwd*",
    "*passphrase*",
    "*secret*",
    "*auth.user.info",
    "bearer.auth.token",
    "sasl.jaas.config",
    "sasl.kerberos.kinit.cmd",
    "sasl.oauthbearer.config",
    "sasl.oauthbearer.extensions",
    "ssl.key.*",
    "ssl_key",
    "*.pem",
)
_OF_REGISTRY = ("schema.registry.", "basic.auth.", "bearer.auth.")


def merge(*layers: KafkaSettings | None) -> dict[str, Any]:
    """Merge settings key by key; later ones win, and the aliases of a setting are one key."""
    merged: dict[str, Any] = {}
    for layer in layers:
        if layer is None:
            continue
        if not isinstance(layer, cabc.Mapping):
            raise ConfigError(
                f"Kafka settings of type {type(layer).__name__} are invalid: "
                "expected a dict of librdkafka's keys, such as {'bootstrap.servers': 'localhost:9092'}."
            )
        for key, value in layer.items():
            if not isinstance(key, str):
                raise ConfigError(
                    f"Kafka setting {key!r} is invalid: expected a str, such as 'bootstrap.servers'."
                )
            if key.replace("_", ".").startswith(_OF_REGISTRY):
                raise ConfigError(
                    f"Kafka setting {key!r} is one of the schema registry: pass App(schema_registry={{...}})."
                )
            merged[ALIASES.get(key, key)] = value
    return merged


def from_environment(environ: cabc.Mapping[str, str]) -> dict[str, str]:
    """Return the settings of the KAFKA_* variables; the password may be in a file."""
    return read_variables(environ, ENVIRONMENT, "KAFKA_SASL_PASSWORD", "the password")


def without(settings: KafkaSettings, keys: cabc.Container[str]) -> dict[str, Any]:
    """Return a copy without some keys."""
    return {key: value for key, value in settings.items() if key not in keys}


def redact(settings: KafkaSettings) -> dict[str, Any]:
    """Return a copy with `***` in place of secrets."""
    return {key: "***" if is_secret(key) else value for key, value in settings.items()}


def is_secret(key: str) -> bool:
    """Whether the value of a setting must not be shown."""
    return any(fnmatch.fnmatchcase(key.lower(), pattern) for pattern in _SECRET)


def is_true(value: object) -> bool:
    """Whether librdkafka reads a value as true: True, "true", "t" or "1"."""
    return str(value).lower() in {"true", "t", "1"}


def check_seconds(name: str, value: object, *, doubtful: float) -> float:
    """Return a positive, finite number of seconds; anything else is a ConfigError.

    Args:
        name: The option.
        value: What was given.
        doubtful: From here on, the log says that these are seconds: milliseconds may be meant.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise ConfigError(f"{name}={value!r} is invalid: expected a positive number of seconds.")
    if value >= doubtful:
        logger.warning("%s=%r is in seconds. Did you mean %g?", name, value, value / 1000)
    return float(value)


def check_flag(name: str, value: object, error: type[Exception] = ConfigError) -> bool:
    """Return True or False; an error for anything else, as "no" and 0.5 would count as true."""
    if not isinstance(value, bool):
        raise error(f"{name}={value!r} is invalid: expected True or False.")
    return value
