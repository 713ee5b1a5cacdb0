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
    "consumer.timeout.ms": "remove it: a run ends by itself; see App(stall_timeout=...)",
    "request_timeout_ms": "use App(broker_timeout=...), in seconds",
    "api.version": _NEGOTIATED,
    "api.version.auto.timeout.ms": _NEGOTIATED,
    "sasl.plain.username": "use 'sasl.username'",
    "sasl.plain.password": "use 'sasl.password'",
    "sasl.oauth.token.provider": "use 'oauth_cb'",
    "ssl.cafile": "use 'ssl.ca.location'",
    "ssl.certfile": "use 'ssl.certificate.location'",
    "ssl.keyfile": "use 'ssl.key.location'",
    "ssl.password": "use 'ssl.key.password'",
    "ssl.crlfile": "use 'ssl.crl.location'",
    "ssl.check.hostname": "use 'ssl.endpoint.identification.algorithm'",
    "ssl.context": "use 'ssl.ca.location', 'ssl.certificate.location' and 'ssl.key.location'",
    "ssl.ciphers": "use 'ssl.cipher.suites'",
    # Near misses
    "bootstrap.server": _SERVERS,
    "bootstrap": _SERVERS,
    "broker": _SERVERS,
    "timeout": "use App(broker_timeout=...), in seconds",
    "topic": "name it in Iterator(...)",
    "topics": "name them in Iterator(...)",
    "group": "use 'group.id'",
    "ssl.ca": "use 'ssl.ca.location'",
    "auto.create.topics.enable": "remove it: it belongs to the broker",
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
    "enabled_events": f"{_LIBRDKAFKAS}remove it",
    "builtin.features": "remove it: librdkafka sets it itself",
    "rebalance_cb": f"{_LIBRDKAFKAS}remove it, a run joins no group",
}
