"""Check the value of one setting as librdkafka would read it, and say what to write. Pure."""

from __future__ import annotations

import re
from typing import Final

from framework.config import is_secret
from framework.config_keys import (
    ALIASES,
    BOOLEANS,
    FRACTIONS,
    INTEGERS,
    MEANT,
    MECHANISMS,
    OTHER_WORDS,
    WORDS,
)
from framework.errors import ConfigError
from framework.suggest import did_you_mean

# librdkafka reads the digits at the beginning of "5ms" and of 1.5, and a number that is octal in C.
_INTEGER: Final = re.compile(r"\s*[+-]?(0|[1-9][0-9]*|0[xX][0-9a-fA-F]+)(\.0)?\s*")
_FRACTION: Final = re.compile(r"\s*[+-]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?\s*")
_TRUTHS: Final = frozenset({"true", "t", "1", "false", "f", "0"})
_UNITS: Final = {
    ".ms": " of milliseconds",
    ".kbytes": " of kilobytes",
    ".bytes": " of bytes",
    "batch.size": " of bytes",
    ".seconds": " of seconds",
}
_LOGIN: Final = frozenset({"sasl.username", "sasl.password"})
# As Confluent Cloud, shells and documentation write them.
_PLACEHOLDER: Final = re.compile(r"\{\{.*\}\}|\$\{.*\}|<[A-Z_ -]+>")
_TEXTS: Final = frozenset({"client.id", "group.id"})


def check_value(key: str, value: object) -> None:
    """Raise a ConfigError for a value that librdkafka would refuse or misread; `key` as it was written."""
    name = ALIASES.get(key, key)
    text = value if isinstance(value, str) else str(value)
    if name in INTEGERS or name in FRACTIONS:
        if not (name == "acks" and text.lower() == "all"):
            _check_number(key, name, value, text)
    elif name in BOOLEANS:
        if text.lower() not in _TRUTHS:
            raise ConfigError(f"{key}={value!r} is invalid: expected True or False.")
    elif name in WORDS:
        _check_word(key, name, value, text)
    elif name == "sasl.mechanism":
        if value not in MECHANISMS:
            hint = _meant(name, text) or did_you_mean(text.replace("_", "-"), MECHANISMS)
            raise ConfigError(f"{key}={value!r} is invalid: expected {one_of(MECHANISMS)}.{hint}")
    elif name in _TEXTS:
        if not isinstance(value, str) or not value.strip():
            raise ConfigError(f"{key}={value!r} is invalid: expected a non-empty str, or leave it out.")
    else:
        _check_text(key, value)


def one_of(values: tuple[str, ...]) -> str:
    """Return `'a', 'b' or 'c'`."""
    return f"{', '.join(map(repr, values[:-1]))} or {values[-1]!r}"


def _check_number(key: str, name: str, value: object, text: str) -> None:
    is_fraction = name in FRACTIONS
    least, most = FRACTIONS[name] if is_fraction else INTEGERS[name]
    pattern = _FRACTION if is_fraction else _INTEGER
    if isinstance(value, bool) or not pattern.fullmatch(text) or not least <= _number(text) <= most:
        kind = "a number" if is_fraction else "a whole number"
        unit = next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "")
        other = "'all' or " if name == "acks" else ""
        raise ConfigError(f"{key}={value!r} is invalid: expected {other}{kind}{unit}, {least} to {most}.")


def _number(text: str) -> float:
    return int(text, 16) if "x" in text.lower() else float(text)


def _check_word(key: str, name: str, value: object, text: str) -> None:
    words, word = WORDS[name], text.lower()
    if value is None:
        raise ConfigError(f"{key}=None is invalid: expected {one_of(words)}, or leave it out.")
    if word not in words and word not in OTHER_WORDS.get(name, ()):
        hint = _meant(name, word) or did_you_mean(text.replace("-", "_"), words)
        raise ConfigError(f"{key}={value!r} is invalid: expected {one_of(words)}.{hint}")


def _meant(name: str, word: str) -> str:
    meant = MEANT.get((name, word.lower()))
    return f" Did you mean {meant!r}?" if meant else ""


def _check_text(key: str, value: object) -> None:
    if key in _LOGIN and isinstance(value, str) and _PLACEHOLDER.fullmatch(value):
        raise ConfigError(f"{key} is invalid: a placeholder was not replaced by its value.")
    # The client would send the text of the object, such as "b'secret'".
    if isinstance(value, bytes | bytearray | list | tuple | set | frozenset):
        shown = "" if is_secret(key) else f"={value!r}"
        how = "decode it" if isinstance(value, bytes | bytearray) else "join several by commas"
        raise ConfigError(f"{key}{shown} is invalid: expected a str, not {type(value).__name__}; {how}.")
