"""Check settings before a client is made: what people write, with the right key or value.

librdkafka checks the rest. Some of what is refused here, it would take for something else.
"""

from __future__ import annotations

import os
import re
from typing import Any, Final

from framework.broker_addresses import check_scheme, check_servers
from framework.config import ENVIRONMENT, is_secret, is_true, merge
from framework.config_hints import HINTS
from framework.config_keys import ALIASES, EXAMPLES, KNOWN, MECHANISMS
from framework.config_values import check_value, one_of
from framework.environment import near_variable
from framework.errors import ConfigError
from framework.suggest import did_you_mean
from framework.tls_files import FILES, check_files, explain_tls
from framework.types import KafkaSettings

_HAVE_PASSWORD: Final = frozenset({"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
# What Spring and others put in front of Java's names.
_PREFIXES: Final = re.compile(
    r"((spring|cloud|stream|quarkus|kafka|rdkafka|librdkafka|binder|configuration|properties|consumer|producer"
    r"|admin|java)\.)+"
)


def merge_checked(
    base: KafkaSettings, *layers: KafkaSettings | None, environment: KafkaSettings | None = None
) -> dict[str, Any]:
    """Merge settings key by key; a ConfigError for what is wrong in a layer, whatever the others hold.

    The environment is below the layers, and above the base.
    """
    merged = merge(base, environment, *layers)
    variables = {key: name for name, key in ENVIRONMENT.items()}
    for key, value in (environment or {}).items():
        try:
            _check(key, value)
        except ConfigError as error:
            raise ConfigError(f"{error} It is set by {variables[key]}.") from error
    for layer in (environment, *layers):
        _check_layer(layer or {})
    return merged


def _check_layer(layer: KafkaSettings) -> None:
    for key, value in layer.items():
        _check(key, value)
        name = ALIASES.get(key, key)
        if name != key and layer.get(name, value) != value:
            raise ConfigError(f"{_shown(name, layer)} contradicts {_shown(key, layer)}: pass one of them.")
    if layer.get("security.protocol") is not None:
        _check_protocol(layer, str(layer["security.protocol"]).lower())


def _check(key: str, value: object) -> None:
    _check_name(key)
    if ALIASES.get(key, key) == "bootstrap.servers":
        check_servers(value)
    else:
        check_value(key, value)


def _check_protocol(layer: KafkaSettings, protocol: str) -> None:
    if not protocol.startswith("sasl") and (given := _login_key(layer)):
        raise ConfigError(
            f"{given} contradicts security.protocol={protocol!r}: pass 'sasl_{protocol}' to log in."
        )
    if not protocol.endswith("ssl") and (given := _file_key(layer)):
        secure = protocol.replace("plaintext", "ssl")
        raise ConfigError(f"{given} contradicts security.protocol={protocol!r}: pass {secure!r} for TLS.")


def check_together(settings: KafkaSettings) -> None:
    """Raise a ConfigError where settings that belong together are incomplete, once all are known."""
    check_scheme(settings)
    check_statistics(settings)
    if "security.protocol" not in settings:
        _check_plaintext(settings)
        return
    protocol = str(settings["security.protocol"]).lower()
    if protocol.endswith("ssl"):
        check_files(settings)
    if protocol.startswith("sasl_"):
        _check_login(settings)


def check_statistics(settings: KafkaSettings) -> None:
    """Raise a ConfigError for a `stats_cb` that is never called."""
    if settings.get("stats_cb") is not None and "statistics.interval.ms" not in settings:
        raise ConfigError("stats_cb is never called without statistics.interval.ms: pass the milliseconds.")


def _check_plaintext(settings: KafkaSettings) -> None:
    """Raise a ConfigError where the settings ask for a login or TLS, but the default has neither."""
    if given := _login_key(settings) or _file_key(settings):
        protocols = ("sasl_ssl", "sasl_plaintext") if given.startswith("sasl") else ("ssl", "sasl_ssl")
        hint = near_variable("KAFKA_SECURITY_PROTOCOL") or _set_by(given.partition("=")[0], settings)
        raise ConfigError(f"{given} has no effect without security.protocol: pass {one_of(protocols)}.{hint}")


def explain(text: str, settings: KafkaSettings) -> str:
    """Return what librdkafka refused, by the names that are used here."""
    if unknown := re.fullmatch(r'No such configuration property: "(.*)"', text):
        return f"Kafka setting {unknown[1]!r} is unknown.{did_you_mean(unknown[1], KNOWN)}"
    if about_tls := explain_tls(text, settings):
        return about_tls
    for alias, name in ALIASES.items():
        if name in settings:
            text = text.replace(f'"{alias}"', f'"{name}"').replace(f"`{alias}`", f"`{name}`")
    found = re.match(r'Invalid value (?:"[^"]*" )?for configuration property "([^"]+)"', text)
    if found and found[1] in settings and not is_secret(found[1]):
        expected = f": expected {EXAMPLES[found[1]]}" if found[1] in EXAMPLES else ""
        return f"Kafka setting refused: {found[1]}={settings[found[1]]!r} is invalid{expected}."
    return f"Kafka setting refused: {text}."


def _check_name(key: str) -> None:
    dotted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", ".", key.strip()).lower().replace("_", ".").replace("-", ".")
    bare = _PREFIXES.sub("", dotted, count=1) if _PREFIXES.match(dotted) else dotted
    hint = HINTS.get(key)
    if hint is None and key not in KNOWN:
        hint = next((HINTS[name] for name in (dotted, bare) if name in HINTS), None)
        right = next((name for name in (dotted, bare) if name in KNOWN), None)
        hint = hint or (right and f"use {right!r}")
    if hint:
        raise ConfigError(f"Kafka setting {key!r} is unknown here: {hint}.")


def _check_login(settings: KafkaSettings) -> None:
    protocol, mechanism = settings["security.protocol"], settings.get("sasl.mechanism")
    if not mechanism:
        if any(key.startswith("sasl.kerberos.") for key in settings):
            return  # librdkafka's default mechanism
        raise ConfigError(
            f"security.protocol={protocol!r} needs sasl.mechanism: pass {one_of(MECHANISMS[:4])}."
            f"{near_variable('KAFKA_SASL_MECHANISM') or _set_by('security.protocol', settings)}"
        )
    missing = [key for key in ("sasl.username", "sasl.password") if settings.get(key) in (None, "")]
    if mechanism in _HAVE_PASSWORD and missing:
        near = near_variable("KAFKA_SASL_" + missing[0].removeprefix("sasl.").upper())
        raise ConfigError(f"sasl.mechanism={mechanism!r} needs {' and '.join(missing)}.{near}")
    if mechanism == "OAUTHBEARER" and settings.get("oauth_cb") is None and not _has_other_tokens(settings):
        raise ConfigError(
            "sasl.mechanism='OAUTHBEARER' needs oauth_cb, a function that returns (token, expiry), "
            "or 'sasl.oauthbearer.method': 'oidc' with its settings."
        )


def _has_other_tokens(settings: KafkaSettings) -> bool:
    """Whether librdkafka gets the tokens by itself."""
    return (
        str(settings.get("sasl.oauthbearer.method", "")).lower() == "oidc"
        or is_true(settings.get("enable.sasl.oauthbearer.unsecure.jwt", False))
        or settings.get("sasl.oauthbearer.metadata.authentication.type", "none") != "none"
    )


def _login_key(settings: KafkaSettings) -> str:
    """Return one of the settings that ask for a login, as text, or an empty text."""
    given = (key for key in ("sasl.mechanism", "sasl.mechanisms", "sasl.username") if settings.get(key))
    key = next(given, "")
    return _shown(key, settings) if key.startswith("sasl.mech") else key


def _file_key(settings: KafkaSettings) -> str:
    """Return one of the settings that ask for TLS, or an empty text."""
    return next((key for key in FILES if settings.get(key)), "")


def _set_by(key: str, settings: KafkaSettings) -> str:
    """Return ` It is set by KAFKA_SASL_MECHANISM.` for a setting of the environment, or an empty text."""
    name = ALIASES.get(key, key)
    variable = next((variable for variable, known in ENVIRONMENT.items() if known == name), "")
    is_from_there = variable in os.environ and os.environ[variable] == settings.get(name)
    return f" {key} is set by {variable}." if is_from_there else ""


def _shown(key: str, settings: KafkaSettings) -> str:
    return key if is_secret(key) else f"{key}={settings[key]!r}"
