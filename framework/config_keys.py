"""The settings of librdkafka: names, kinds of clients, and what they take as values. Pure data."""

from __future__ import annotations

from typing import Final

# A setting under two names would not be merged: each layer gets the name on the right.
ALIASES: Final = {
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

# Left out for the other kind of client: librdkafka would log a warning.
CONSUMER_ONLY: Final = frozenset(
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
PRODUCER_ONLY: Final = frozenset(
    """
    acks batch.num.messages batch.size compression.level compression.type delivery.report.only.error
    delivery.timeout.ms enable.gapless.guarantee enable.idempotence linger.ms on_delivery partitioner
    produce.offset.report queue.buffering.backpressure.threshold queue.buffering.max.kbytes
    queue.buffering.max.messages queuing.strategy request.timeout.ms retries sticky.partitioning.linger.ms
    transaction.timeout.ms transactional.id
    """.split()
)

COMMON: Final = frozenset(
    """
    bootstrap.servers client.id client.rack debug error_cb logger oauth_cb sasl.kerberos.keytab
    sasl.kerberos.principal sasl.kerberos.service.name sasl.mechanism sasl.oauthbearer.config
    sasl.oauthbearer.method sasl.password sasl.username ssl.ca.location ssl.ca.pem
    ssl.certificate.location ssl.certificate.pem ssl.crl.location ssl.key.location ssl.key.password
    ssl.key.pem ssl.keystore.location ssl.keystore.password stats_cb throttle_cb
    """.split()
)
"""Settings of all clients whose values are texts or functions; not complete."""


def _ranges(table: str) -> dict[str, tuple[int, int]]:
    rows = (line.split() for line in table.strip().splitlines())
    return {key: (int(least), int(most)) for key, least, most in rows}


INTEGERS: Final = _ranges("""
    acks -1 1000
    api.version.fallback.ms 0 604800000
    api.version.request.timeout.ms 1 300000
    auto.commit.interval.ms 0 86400000
    batch.num.messages 1 1000000
    batch.size 1 2147483647
    broker.address.ttl 0 86400000
    compression.level -1 12
    connections.max.idle.ms 0 2147483647
    consume.callback.max.messages 0 1000000
    coordinator.query.interval.ms 1 3600000
    delivery.timeout.ms 0 2147483647
    fetch.error.backoff.ms 0 300000
    fetch.max.bytes 0 2147483135
    fetch.min.bytes 0 2147483647
    fetch.queue.backoff.ms 0 300000
    fetch.wait.max.ms 0 300000
    heartbeat.interval.ms 1 3600000
    log_level 0 7
    max.in.flight.requests.per.connection 1 1000000
    max.partition.fetch.bytes 1 1000000000
    max.poll.interval.ms 1 86400000
    max.poll.records 1 2147483647
    message.copy.max.bytes 0 1000000000
    message.max.bytes 1000 1000000000
    metadata.max.age.ms 1 86400000
    metadata.recovery.rebootstrap.trigger.ms 0 2147483647
    offset.store.sync.interval.ms -1 86400000
    queue.buffering.backpressure.threshold 1 1000000
    queue.buffering.max.kbytes 1 2147483647
    queue.buffering.max.messages 0 2147483647
    queued.max.messages.kbytes 1 2097151
    queued.min.messages 1 10000000
    receive.message.max.bytes 1000 2147483647
    reconnect.backoff.jitter.ms 0 3600000
    reconnect.backoff.max.ms 0 3600000
    reconnect.backoff.ms 0 3600000
    request.timeout.ms 1 900000
    retries 0 2147483647
    retry.backoff.max.ms 1 300000
    retry.backoff.ms 1 300000
    sasl.kerberos.min.time.before.relogin 0 86400000
    sasl.oauthbearer.assertion.claim.exp.seconds 1 2147483647
    sasl.oauthbearer.assertion.claim.nbf.seconds 0 2147483647
    session.timeout.ms 1 3600000
    socket.blocking.max.ms 1 60000
    socket.connection.setup.timeout.ms 1000 2147483647
    socket.max.fails 0 1000000
    socket.receive.buffer.bytes 0 100000000
    socket.send.buffer.bytes 0 100000000
    socket.timeout.ms 10 300000
    statistics.interval.ms 0 86400000
    sticky.partitioning.linger.ms 0 900000
    topic.metadata.propagation.max.ms 0 3600000
    topic.metadata.refresh.fast.cnt 0 1000
    topic.metadata.refresh.fast.interval.ms 1 60000
    topic.metadata.refresh.interval.ms -1 3600000
    transaction.timeout.ms 1000 2147483647
""")
"""The whole numbers that a setting takes: the least and the most."""

FRACTIONS: Final = {"linger.ms": (0, 900000)}
"""The same of settings that take a part of a millisecond."""

BOOLEANS: Final = frozenset(
    """
    allow.auto.create.topics api.version.request check.crcs delivery.report.only.error
    enable.auto.commit enable.auto.offset.store enable.gapless.guarantee enable.idempotence
    enable.metrics.push enable.partition.eof enable.random.seed enable.sasl.oauthbearer.unsecure.jwt
    enable.ssl.certificate.verification log.connection.close log.queue log.thread.name
    produce.offset.report sasl.oauthbearer.assertion.claim.jti.include socket.keepalive.enable
    socket.nagle.disable topic.metadata.refresh.sparse
    """.split()
)

PROTOCOLS: Final = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
"""The values of `security.protocol`."""

MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI")
"""The values of `sasl.mechanism`."""

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "auto.offset.reset": ("earliest", "latest", "error"),
    "broker.address.family": ("any", "v4", "v6"),
    "client.dns.lookup": ("use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"),
    "compression.type": ("none", "gzip", "snappy", "lz4", "zstd"),
    "group.protocol": ("classic", "consumer"),
    "isolation.level": ("read_committed", "read_uncommitted"),
    "security.protocol": PROTOCOLS,
    "ssl.endpoint.identification.algorithm": ("https", "none"),
}
"""What to write, in any case, where a setting takes one of a few words."""

OTHER_WORDS: Final[dict[str, frozenset[str]]] = {
    "auto.offset.reset": frozenset({"smallest", "beginning", "largest", "end"}),
}
"""Older words for the same."""

MEANT: Final[dict[tuple[str, str], str]] = {
    ("auto.offset.reset", "none"): "error",  # as it is called in Java
    ("auto.offset.reset", "newest"): "latest",
    ("auto.offset.reset", "oldest"): "earliest",
    ("sasl.mechanism", "aws_msk_iam"): "OAUTHBEARER",  # with oauth_cb
    ("ssl.endpoint.identification.algorithm", ""): "none",
    ("ssl.endpoint.identification.algorithm", "false"): "none",
    ("security.protocol", "tls"): "ssl",
    ("security.protocol", "sasl"): "sasl_ssl",
    ("security.protocol", "sasl_tls"): "sasl_ssl",
}
"""Words of other clients, and what they mean here."""

EXAMPLES: Final = {
    "debug": "'all', or a list such as 'broker,topic,fetch'",
    "partitioner": "the name of a partitioner, such as 'murmur2_random'",
    "sasl.oauthbearer.method": "'default' or 'oidc'",
}
"""What to write where librdkafka checks the value."""

KNOWN: Final = frozenset(
    {*COMMON, *CONSUMER_ONLY, *PRODUCER_ONLY, *INTEGERS, *FRACTIONS, *BOOLEANS, *WORDS, *ALIASES}
)
"""All names in this file: to suggest the right one for a wrong one."""
