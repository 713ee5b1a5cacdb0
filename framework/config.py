"""Settings: what the environment and the code say, merged, checked, and fit to be shown.

Keys are librdkafka's own dotted ones (its CONFIGURATION.md), untouched but for aliases.
"""

from __future__ import annotations

import collections.abc as cabc
import fnmatch
import pathlib
from typing import Any

from framework.errors import ConfigError
from framework.types import KafkaSettings

DEFAULT_SERVERS = "127.0.0.1:9092"

ENVIRONMENT = {
    "KAFKA_BOOTSTRAP_SERVERS": "bootstrap.servers",
    "KAFKA_SECURITY_PROTOCOL": "security.protocol",
    "KAFKA_SASL_MECHANISM": "sasl.mechanism",
    "KAFKA_SASL_USERNAME": "sasl.username",
    "KAFKA_SASL_PASSWORD": "sasl.password",
    "KAFKA_SSL_CA_LOCATION": "ssl.ca.location",
}
PASSWORD_FILE = "KAFKA_SASL_PASSWORD_FILE"

# One setting under two names would escape merging: each layer is brought to the right-hand one.
_ALIASES = {
    "metadata.broker.list": "bootstrap.servers",
    "sasl.mechanisms": "sasl.mechanism",
    "queue.buffering.max.ms": "linger.ms",
    "compression.codec": "compression.type",
    "request.required.acks": "acks",
    "message.send.max.retries": "retries",
    "message.timeout.ms": "delivery.timeout.ms",
    "max.in.flight": "max.in.flight.requests.per.connection",
    "fetch.message.max.bytes": "max.partition.fetch.bytes",
    "auto.commit.enable": "enable.auto.commit",
    "sasl.oauthbearer.client.credentials.client.id": "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.credentials.client.secret": "sasl.oauthbearer.client.secret",
}

# librdkafka warns of a key that belongs to the other kind of client; these are left out before it does.
CONSUMER_ONLY = frozenset(
    """
    auto.commit.interval.ms auto.offset.reset check.crcs consume.callback.max.messages
    coordinator.query.interval.ms enable.auto.commit enable.auto.offset.store enable.partition.eof
    fetch.error.backoff.ms fetch.max.bytes fetch.min.bytes fetch.queue.backoff.ms fetch.wait.max.ms
    group.id group.instance.id group.protocol group.protocol.type group.remote.assignor heartbeat.interval.ms
    isolation.level max.partition.fetch.bytes max.poll.interval.ms max.poll.records offset.store.method
    offset.store.path offset.store.sync.interval.ms on_commit partition.assignment.strategy
    queued.max.messages.kbytes queued.min.messages session.timeout.ms share.acknowledgement.mode
    """.split()
)
PRODUCER_ONLY = frozenset(
    """
    acks batch.num.messages batch.size compression.level compression.type delivery.report.only.error
    delivery.timeout.ms enable.gapless.guarantee enable.idempotence linger.ms on_delivery partitioner
    produce.offset.report queue.buffering.backpressure.threshold queue.buffering.max.kbytes
    queue.buffering.max.messages queuing.strategy request.timeout.ms retries sticky.partitioning.linger.ms
    transaction.timeout.ms transactional.id
    """.split()
)

COMMON = frozenset(
    """
    bootstrap.servers broker.address.family client.id client.rack connections.max.idle.ms debug error_cb
    log_level logger message.max.bytes metadata.max.age.ms reconnect.backoff.max.ms reconnect.backoff.ms
    retry.backoff.max.ms retry.backoff.ms sasl.kerberos.keytab sasl.kerberos.principal
    sasl.kerberos.service.name sasl.mechanism sasl.oauthbearer.config sasl.oauthbearer.method sasl.password
    sasl.username security.protocol socket.connection.setup.timeout.ms socket.keepalive.enable
    socket.timeout.ms ssl.ca.location ssl.ca.pem ssl.certificate.location ssl.certificate.pem
    ssl.endpoint.identification.algorithm ssl.key.location ssl.key.password ssl.key.pem
    ssl.keystore.location ssl.keystore.password stats_cb statistics.interval.ms
    topic.metadata.refresh.interval.ms
    """.split()
)
"""What is often set and belongs to all: for suggesting the right name, not complete."""

_SECRET = (
    "*pas*w*",  # also misspelt, and passwd
    "*pwd*",
    "*passphrase*",
    "*secret*",
    "sasl.jaas.config",
    "sasl.kerberos.kinit.cmd",
    "sasl.oauthbearer.config",
    "sasl.oauthbearer.extensions",
    "ssl.key.*",
    "ssl_key",
    "*.pem",
)


def merge(*layers: KafkaSettings | None) -> dict[str, Any]:
    """One dictionary of several, later ones winning key by key, a setting's aliases counting as one."""
    merged: dict[str, Any] = {}
    for layer in layers:
        if layer is None:
            continue
        if not isinstance(layer, cabc.Mapping):
            raise ConfigError(
                f"Kafka settings are a dictionary of librdkafka's keys, not {type(layer).__name__}."
            )
        for key, value in layer.items():
            if not isinstance(key, str):
                raise ConfigError(
                    f"Kafka settings have text as keys, such as 'bootstrap.servers', not {key!r}."
                )
            merged[_ALIASES.get(key, key)] = value
    return merged


def from_environment(environ: cabc.Mapping[str, str]) -> dict[str, str]:
    """The settings that the environment gives; a password may stand in a file of its own."""
    settings = {key: environ[name] for name, key in ENVIRONMENT.items() if environ.get(name)}
    if (path := environ.get(PASSWORD_FILE)) and "sasl.password" not in settings:
        try:
            settings["sasl.password"] = pathlib.Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise ConfigError(
                f"{PASSWORD_FILE} names {path!r}, which can't be read: {error.strerror}."
            ) from error
        except UnicodeDecodeError:
            # Without the cause, which holds what may be the password.
            raise ConfigError(
                f"{PASSWORD_FILE} names {path!r}, which isn't text in UTF-8: save it as such."
            ) from None
    return settings


def without(settings: KafkaSettings, keys: cabc.Container[str]) -> dict[str, Any]:
    """A copy that leaves some keys out."""
    return {key: value for key, value in settings.items() if key not in keys}


def redact(settings: KafkaSettings) -> dict[str, Any]:
    """A copy that may be shown: secrets become `***`."""
    return {key: "***" if is_secret(key) else value for key, value in settings.items()}


def is_secret(key: str) -> bool:
    """Whether a setting's value must never be shown."""
    return any(fnmatch.fnmatchcase(key.lower(), pattern) for pattern in _SECRET)


def is_true(value: object) -> bool:
    """A setting as librdkafka reads a boolean: True, "true", "t" or "1"."""
    return str(value).lower() in {"true", "t", "1"}


def check_seconds(name: str, value: object) -> float:
    """A positive, finite number of seconds, or a ConfigError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise ConfigError(f"{name}={value!r} can't be: give a positive number of seconds.")
    return float(value)


def check_servers(servers: str) -> None:
    """A ConfigError for what librdkafka would read as something else: no host, or a port past 65535.

    Of such a port it takes 16 bits, and an empty text it leaves to its default.
    """
    for server in servers.strip(",").split(","):
        host, _, port = server.strip().rpartition("://")[2].partition(":")
        # More than one colon is an IPv6 address: that is left to the library.
        if not host or (":" not in port and port and not (port.isdecimal() and 0 < int(port) < 1 << 16)):
            raise ConfigError(f"{server!r} is no broker. Write host:port, several with commas.")
