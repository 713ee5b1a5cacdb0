"""Check the addresses of brokers: what librdkafka would misread, or try until the time is over. Pure."""

from __future__ import annotations

import collections.abc as cabc
import ipaddress
import re
from typing import Final

from framework.config_keys import PROTOCOLS
from framework.errors import ConfigError
from framework.types import KafkaSettings

# librdkafka takes a host with several colons for an IPv6 address, and the rest as it is.
_ADDRESS: Final = re.compile(
    r"(?P<host>[\w.-]+|\[(?P<v6>[0-9a-fA-F:.]+)(%[\w.-]+)?\]|(?P<bare>[0-9a-fA-F.]*:[0-9a-fA-F:.]*:[^\s/]*))"
    r"(:(?P<port>[0-9]+))?"
)
# What programs write for a value that they don't have.
_MISSING: Final = frozenset({"none", "null", "undefined"})
_PLACEHOLDER: Final = re.compile(r"\$|\{\{|<.*>|%\(")
_EXPECTED: Final = "expected host:port, several separated by commas"


def check_servers(servers: object) -> None:
    """Raise a ConfigError for anything but a str of addresses that librdkafka reads as they are meant."""
    if not isinstance(servers, str):
        check_server(str(servers) if "@" in str(servers) else "host")
        given = (_joined(servers) if isinstance(servers, list | tuple | set) else "") or "host:9092"
        raise ConfigError(f"bootstrap.servers={servers!r} is invalid: expected a str, such as {given!r}.")
    for server in servers.strip(" ,").split(","):
        check_server(server.strip())


def _joined(servers: cabc.Collection[object]) -> str:
    """Return addresses as one text; pairs of host and port, and one pair alone, are addresses."""
    if isinstance(servers, tuple) and len(servers) == 2 and isinstance(servers[1], int):
        servers = [servers]
    return ",".join(
        ":".join(map(str, each)) if isinstance(each, list | tuple) else str(each) for each in servers
    )


def check_server(server: str) -> None:
    """Raise a ConfigError for one address that is not host, host:port, or one of these behind a scheme."""
    if "@" in server:  # it may be followed by a password, so it isn't shown
        raise ConfigError(
            "A broker with '@' is invalid: pass host:port, and the login as sasl.username and sasl.password."
        )
    scheme, separator, rest = server.rpartition("://")
    if separator and scheme.lower() not in PROTOCOLS:
        address = rest.partition("/")[0] or "host:9092"
        raise ConfigError(
            f"Broker {server!r} is invalid: Kafka has no scheme {scheme + '://'!r}. Pass {address!r}."
        )
    if problem := _problem(rest):
        raise ConfigError(f"Broker {server!r} is invalid: {problem}.")


def check_scheme(settings: KafkaSettings) -> None:
    """Raise a ConfigError for an address with another protocol than the settings: it is never tried."""
    protocol = str(settings.get("security.protocol", "plaintext")).lower()
    for server in str(settings.get("bootstrap.servers", "")).split(","):
        scheme, separator, _ = server.strip().partition("://")
        if separator and scheme.lower() != protocol:
            raise ConfigError(
                f"Broker {server.strip()!r} contradicts security.protocol={protocol!r}: "
                f"pass {scheme.lower()!r}, or leave out {scheme + '://'!r}."
            )


def _problem(address: str) -> str:
    if _PLACEHOLDER.search(address):
        return "a placeholder was not replaced by its value"
    found = _ADDRESS.fullmatch(address)
    if found is None or found["host"].isdecimal():
        return _EXPECTED
    if found["host"].lower() in _MISSING:
        return f"its text stands for a missing value; {_EXPECTED}"
    if found["port"] is not None and not 0 < int(found["port"]) < 1 << 16:
        return "expected a port from 1 to 65535"
    if (bare := found["bare"]) is not None:
        return _problem_without_brackets(bare)
    return "" if found["v6"] is None or _is_v6(found["v6"]) else _EXPECTED


def _problem_without_brackets(address: str) -> str:
    """Of `::1:9092`, librdkafka takes the port as a part of the address; `::1` alone is clear."""
    host, _, port = address.rpartition(":")
    if re.fullmatch("[0-9]{4,5}", port) and _is_v6(host):
        return f"an IPv6 address with a port has brackets: pass {f'[{host}]:{port}'!r}"
    return "" if _is_v6(address) else _EXPECTED


def _is_v6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True
