"""Names of settings that other Kafka clients have, and what to use instead of them. Pure data."""

from __future__ import annotations

from typing import Final

_SERVERS: Final = "use 'bootstrap.servers'"
_PAYLOAD: Final = "declare it, as in app.topic('flights', payload=Flight)"
_KEY: Final = "declare it, as in app.topic('flights', key=str)"
_SERIALIZER: Final = "remove it, and serialize before produce()"
_BATCHES: Final = "use Iterator.batches(size=...)"
_NEGOTIATED: Final = "remove it: client and broker negotiate it"
_LIBRDKAFKAS: Final = "it belongs to librdkafka's C interface: "

HINTS: Final[dict[str, str]] = {
    # Java's
    "key.deserializer": _KEY,
    "value.deserializer": _PAYLOAD,
    "key.serializer": _SERIALIZER,
    "value.serializer": _SERIALIZER,
    "ssl.truststore.location": "use 'ssl.ca.location', with a PEM file",
    "ssl.truststore.certificates": "use 'ssl.ca.pem'",
    "ssl.truststore.password": "remove it: the PEM file of 'ssl.ca.location' has no password",
    "ssl.truststore.type": "remove it: the file of 'ssl.ca.location' is PEM",
    "ssl.keystore.type": "remove it: the file of 'ssl.keystore.location' is PKCS#12",
    "ssl.keystore.key": "use 'ssl.key.pem'",
    "ssl.keystore.certificate.chain": "use 'ssl.certificate.pem'",
    "ssl.protocol": _NEGOTIATED,
    "ssl.enabled.protocols": _NEGOTIATED,
    "sasl.jaas.config": "use 'sasl.username' and 'sasl.password'",
    "sasl.login.callback.handler.class": "use 'oauth_cb', or 'sasl.oauthbearer.method': 'oidc'",
    "sasl.client.callback.handler.class": "use 'oauth_cb', or 'sasl.oauthbearer.method': 'oidc'",
    "sasl.login.class": "remove it, and use 'sasl.mechanism'",
    "default.api.timeout.ms": "use App(broker_timeout=...), in seconds",
    "fetch.max.wait.ms": "use 'fetch.wait.max.ms'",
    "max.poll.records": _BATCHES,
    "send.buffer.bytes": "use 'socket.send.buffer.bytes'",
    "receive.buffer.bytes": "use 'socket.receive.buffer.bytes'",
    "max.request.size": "use 'message.max.bytes'",
    "buffer.memory": "use 'queue.buffering.max.kbytes'",
    "max.block.ms": "use App(broker_timeout=...), in seconds",
    "partitioner.class": "use 'partitioner'",
    "interceptor.classes": "remove it",
    "metric.reporters": "use 'stats_cb' and 'statistics.interval.ms'",
    "exclude.internal.topics": "remove it: topics are named",
    # kafka-python's and aiokafka's, where the name with dots isn't librdkafka's
    "consumer_timeout_ms": "remove it: a run ends by itself; see App(stall_timeout=...)",
    "key_deserializer": _KEY,
    "value_deserializer": _PAYLOAD,
    "key_serializer": _SERIALIZER,
    "value_serializer": _SERIALIZER,
    "request_timeout_ms": "use App(broker_timeout=...), in seconds",
    "max_poll_records": _BATCHES,
    "fetch_max_wait_ms": "use 'fetch.wait.max.ms'",
    "max_request_size": "use 'message.max.bytes'",
    "api_version": _NEGOTIATED,
    "api_version_auto_timeout_ms": _NEGOTIATED,
    "sasl_plain_username": "use 'sasl.username'",
    "sasl_plain_password": "use 'sasl.password'",
    "sasl_oauth_token_provider": "use 'oauth_cb'",
    "sasl_kerberos_service_name": "use 'sasl.kerberos.service.name'",
    "ssl_cafile": "use 'ssl.ca.location'",
    "ssl_certfile": "use 'ssl.certificate.location'",
    "ssl_keyfile": "use 'ssl.key.location'",
    "ssl_password": "use 'ssl.key.password'",
    "ssl_crlfile": "use 'ssl.crl.location'",
    "ssl_check_hostname": "use 'ssl.endpoint.identification.algorithm'",
    "ssl_context": "use 'ssl.ca.location', 'ssl.certificate.location' and 'ssl.key.location'",
    "ssl_ciphers": "use 'ssl.cipher.suites'",
    "metadata_max_age_ms": "use 'metadata.max.age.ms'",
    "retry_backoff_ms": "use 'retry.backoff.ms'",
    "connections_max_idle_ms": "use 'connections.max.idle.ms'",
    # Near misses
    "bootstrap.server": _SERVERS,
    "bootstrap_server": _SERVERS,
    "bootstrap": _SERVERS,
    "broker": _SERVERS,
    "brokers": _SERVERS,
    "servers": _SERVERS,
    "host": _SERVERS,
    "hosts": _SERVERS,
    "username": "use 'sasl.username'",
    "password": "use 'sasl.password'",
    # librdkafka's, under their names in C
    "log_cb": f"{_LIBRDKAFKAS}use 'logger'",
    "dr_cb": f"{_LIBRDKAFKAS}use 'on_delivery'",
    "dr_msg_cb": f"{_LIBRDKAFKAS}use 'on_delivery'",
    "offset_commit_cb": f"{_LIBRDKAFKAS}use 'on_commit'",
    "oauthbearer_token_refresh_cb": f"{_LIBRDKAFKAS}use 'oauth_cb'",
    "rebalance_cb": f"{_LIBRDKAFKAS}remove it, a run joins no group",
}

PROTOCOLS: Final = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
"""The values of `security.protocol`."""

VALUES: Final[dict[str, tuple[str, ...]]] = {
    "security.protocol": PROTOCOLS,
    "isolation.level": ("read_committed", "read_uncommitted"),
    "acks": ("all", "0", "1", "-1"),
    "compression.type": ("none", "gzip", "snappy", "lz4", "zstd"),
    "sasl.oauthbearer.method": ("default", "oidc"),
    "broker.address.family": ("any", "v4", "v6"),
    "ssl.endpoint.identification.algorithm": ("https", "none"),
    "debug": ("all", "broker", "topic", "metadata", "security", "fetch", "protocol", "consumer", "admin"),
}
"""What to write, for the text of an error: librdkafka checks the value, and may take more."""

MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI")
"""The values of `sasl.mechanism`."""
