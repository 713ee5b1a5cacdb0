"""Variables of the environment that hold settings, and those that people take for them."""

from __future__ import annotations

import collections.abc as cabc
import logging
import os
from typing import Final

from framework.errors import ConfigError

logger = logging.getLogger(__name__)

_NEAR: Final = {
    "KAFKA_BOOTSTRAP_SERVERS": (
        "KAFKA_BOOTSTRAP_SERVER KAFKA_BOOTSTRAP KAFKA_BROKERS KAFKA_BROKER KAFKA_BROKER_LIST KAFKA_SERVERS "
        "KAFKA_SERVER KAFKA_HOSTS KAFKA_URL BOOTSTRAP_SERVERS"
    ),
    "KAFKA_SASL_USERNAME": "KAFKA_SASL_USER KAFKA_USERNAME KAFKA_USER SASL_USERNAME",
    "KAFKA_SASL_PASSWORD": "KAFKA_SASL_PASS KAFKA_PASSWORD SASL_PASSWORD",
    "SCHEMA_REGISTRY_URL": (
        "SCHEMA_REGISTRY_URI SCHEMA_REGISTRY SCHEMA_REGISTRY_ADDRESS SCHEMA_REGISTRY_HOST "
        "KAFKA_SCHEMA_REGISTRY_URL"
    ),
}
"""Names that others give to the same."""
_CLOSE: Final = 0.94
"""So alike are a name and one with a wrong letter or two. KAFKA_SSL_CRL_LOCATION is less alike."""


def read_variables(
    environ: cabc.Mapping[str, str], names: cabc.Mapping[str, str], secret: str, content: str
) -> dict[str, str]:
    """Return the settings of some variables; empty ones count as unset.

    Args:
        environ: The environment.
        names: The setting of each variable.
        secret: The variable whose value may also be in a file, which `<secret>_FILE` names.
        content: What the file holds, for messages.
    """
    settings = {key: environ[name] for name, key in names.items() if environ.get(name)}
    for name in names:
        _warn_about_ends(name, environ.get(name, ""))
    if path := environ.get(file := f"{secret}_FILE"):
        if environ.get(secret):
            raise ConfigError(f"{secret} and {file} exclude each other: unset one of them.")
        settings[names[secret]] = _read(file, path, content)
    return settings


def near_variable(name: str, environ: cabc.Mapping[str, str] = os.environ) -> str:
    """Return ` KAFKA_BROKERS is set, but ...` to append to a sentence, where this variable isn't set."""
    found = next((near for near in _NEAR.get(name, "").split() if environ.get(near)), None)
    if found is None:
        return misspelt_variable(name, environ)
    return _mention(found, name, environ)


def misspelt_variable(name: str, environ: cabc.Mapping[str, str] = os.environ) -> str:
    """Return the same for a variable whose name is almost this one, which is hardly meant for others."""
    prefix = name[: name.index("_") + 1]
    candidates = [each for each, value in environ.items() if value and each.startswith(prefix)]
    if not candidates:
        return ""
    import difflib  # late: few processes have such variables

    close = difflib.get_close_matches(name, candidates, n=1, cutoff=_CLOSE)
    return _mention(close[0], name, environ) if close else ""


def _mention(found: str, name: str, environ: cabc.Mapping[str, str]) -> str:
    if environ.get(name) or environ.get(f"{name}_FILE"):
        return ""
    return f" {found} is set, but the variable that is read is {name}."


def _warn_about_ends(name: str, value: str) -> None:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    if is_quoted or value != value.strip():
        ends = "quotes" if is_quoted else "white space"
        logger.warning("%s begins or ends with %s, which belong to the value.", name, ends)


def _read(file: str, path: str, content: str) -> str:
    try:
        with open(path, encoding="utf-8") as opened:
            text = opened.read().rstrip("\r\n")
    except OSError as error:
        raise ConfigError(f"{file}={path!r} is unreadable: {error.strerror}.") from error
    except ValueError:
        # Without the cause, which contains what may be the password.
        raise ConfigError(f"{file}={path!r} is not UTF-8 text: save it as UTF-8.") from None
    if not text:
        raise ConfigError(f"{file}={path!r} is empty: write {content} into it.")
    return text
