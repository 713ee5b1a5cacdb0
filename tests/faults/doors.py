"""A broker with locked doors: passwords in two ways, TLS, and rights that only some have."""

from __future__ import annotations

import base64
import collections.abc as cabc
import contextlib
import json
import pathlib
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Producer
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from framework import App, Deserializers
from tests import support
from tests.child_server import free_port
from tests.kafka_server import KafkaServer

SECRET = "open-sesame"
HOST = "127.0.0.1"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"
OAUTH = (
    "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required "
    'unsecuredLoginStringClaim_sub="broker";'
)
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


@dataclass(frozen=True)
class Certificate:
    """A key of its own, and the certificate that it signs for itself: broker and authority in one."""

    keystore: pathlib.Path
    pem: pathlib.Path

    @classmethod
    def made(cls, folder: pathlib.Path, name: str) -> Certificate:
        """A new one, in two files of this name."""
        made = cls(folder / f"{name}.p12", folder / f"{name}.pem")
        store = ["-keystore", str(made.keystore), "-storetype", "PKCS12", "-storepass", SECRET]
        pair = ["-genkeypair", "-alias", name, "-keyalg", "EC", "-validity", "2"]
        _keytool(*pair, "-dname", f"CN={HOST}", "-ext", f"SAN=ip:{HOST}", *store)
        _keytool("-exportcert", "-rfc", "-alias", name, "-file", str(made.pem), *store)
        return made


@dataclass(frozen=True)
class Places:
    """Where the doors are, and the certificates: that of the broker, and one that isn't."""

    plain: int
    sasl_plain: int
    sasl_scram: int
    sasl_oauth: int
    tls: int
    right: Certificate
    wrong: Certificate


@contextlib.contextmanager
def opened() -> cabc.Iterator[Places]:
    """Start the broker. Whoever comes by its plain address may do everything; the others need rights."""
    with tempfile.TemporaryDirectory(prefix="doors-") as name:
        folder = pathlib.Path(name)
        controller, plain, sasl_plain, sasl_scram, sasl_oauth, tls = (free_port() for _ in range(6))
        right, wrong = Certificate.made(folder, "right"), Certificate.made(folder, "wrong")
        places = Places(plain, sasl_plain, sasl_scram, sasl_oauth, tls, right, wrong)
        with KafkaServer(port=plain, settings=_settings(places, controller)) as server:
            _admit_reader(server.bootstrap_servers)
            yield places


def _admit_reader(servers: str) -> None:
    credential = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096)
    given = UserScramCredentialUpsertion("reader", credential, SECRET.encode())
    admin = support.make_admin(servers)
    _done(admin.alter_user_scram_credentials([given]))


def _settings(places: Places, controller: int) -> dict[str, object]:
    listeners = {
        "PLAINTEXT": places.plain,
        "SASLPLAIN": places.sasl_plain,
        "SASLSCRAM": places.sasl_scram,
        "SASLOAUTH": places.sasl_oauth,
        "TLS": places.tls,
    }
    shown = ",".join(f"{name}://{HOST}:{port}" for name, port in listeners.items())
    return {
        "controller.quorum.voters": f"1@{HOST}:{controller}",
        "listeners": f"{shown},CONTROLLER://{HOST}:{controller}",
        "advertised.listeners": shown,
        "listener.security.protocol.map": (
            "PLAINTEXT:PLAINTEXT,SASLPLAIN:SASL_PLAINTEXT,SASLSCRAM:SASL_PLAINTEXT,SASLOAUTH:SASL_PLAINTEXT,"
            "TLS:SSL,CONTROLLER:PLAINTEXT"
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "listener.name.saslplain.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.saslplain.plain.sasl.jaas.config": (
            f'{PLAIN} user_reader="{SECRET}" user_other="{SECRET}";'
        ),
        "listener.name.saslscram.sasl.enabled.mechanisms": "SCRAM-SHA-256",
        "listener.name.saslscram.scram-sha-256.sasl.jaas.config": SCRAM,
        "listener.name.sasloauth.sasl.enabled.mechanisms": "OAUTHBEARER",
        "listener.name.sasloauth.oauthbearer.sasl.jaas.config": OAUTH,
        "listener.name.tls.ssl.keystore.location": places.right.keystore,
        "listener.name.tls.ssl.keystore.type": "PKCS12",
        "listener.name.tls.ssl.keystore.password": SECRET,
        "listener.name.tls.ssl.key.password": SECRET,
    }


class Doors:
    """The broker as a test sees it."""

    def __init__(self, places: Places) -> None:
        self.right, self.wrong = places.right, places.wrong
        self.plain_port, self.scram_port, self.tls_port = places.sasl_plain, places.sasl_scram, places.tls
        self.oauth_port = places.sasl_oauth
        self.straight = f"{HOST}:{places.plain}"
        self.admin: AdminClient = support.make_admin(self.straight)
        self.producer: Producer = support.make_producer(self.straight)

    def topic(self, messages: support.Messages = ("a", "b")) -> str:
        """A new topic with these messages."""
        name = f"t-{uuid.uuid4().hex[:8]}"
        support.create_topic(self.admin, name)
        support.fill(self.producer, name, messages)
        return name

    def by_password(self, user: str, password: str = SECRET, **options: Any) -> App:
        """An application that logs in by SASL/PLAIN."""
        return self._app(self.plain_port, "sasl_plaintext", "PLAIN", user, password, **options)

    def by_scram(self, user: str, password: str = SECRET, **options: Any) -> App:
        """An application that logs in by SASL/SCRAM."""
        return self._app(self.scram_port, "sasl_plaintext", "SCRAM-SHA-256", user, password, **options)

    def by_token(self, oauth_cb: cabc.Callable[[str], object], **options: Any) -> App:
        """An application that logs in by SASL/OAUTHBEARER."""
        kafka = {"security.protocol": "sasl_plaintext", "sasl.mechanism": "OAUTHBEARER", "oauth_cb": oauth_cb}
        return _made(f"{HOST}:{self.oauth_port}", kafka, **options)

    def by_tls(self, authority: Certificate, **options: Any) -> App:
        """An application that trusts this authority."""
        kafka: dict[str, object] = {"security.protocol": "ssl", "ssl.ca.location": str(authority.pem)}
        return _made(f"{HOST}:{self.tls_port}", kafka, **options)

    def _app(self, port: int, protocol: str, way: str, user: str, password: str, **options: Any) -> App:
        login = {"sasl.mechanism": way, "sasl.username": user, "sasl.password": password}
        return _made(f"{HOST}:{port}", {"security.protocol": protocol, **login}, **options)

    @staticmethod
    def token(user: str, seconds: float = 3600.0) -> tuple[str, float]:
        """What an `oauth_cb` returns: a token that nobody signed, and its expiry."""
        expiry = time.time() + seconds
        claims = {"sub": user, "iat": time.time() - 1, "exp": expiry}
        parts = (json.dumps(each).encode() for each in ({"alg": "none"}, claims))
        return ".".join(
            [*(base64.urlsafe_b64encode(each).decode().rstrip("=") for each in parts), ""]
        ), expiry

    def allow(self, user: str, operation: str, kind: str, name: str) -> AclBinding:
        """Give a user a right, such as `READ` on the `TOPIC` of a name; return it, for `withdraw`."""
        binding = AclBinding(
            ResourceType[kind],
            name,
            ResourcePatternType.LITERAL,
            f"User:{user}",
            "*",
            AclOperation[operation],
            AclPermissionType.ALLOW,
        )
        _done(self.admin.create_acls([binding]))
        support.wait_until(lambda: self._holds(binding), "a right that the broker knows")
        return binding

    def withdraw(self, binding: AclBinding) -> None:
        """Take a right away again."""
        _done(self.admin.delete_acls([_filter(binding)]))
        support.wait_until(lambda: not self._holds(binding), "a right that the broker has forgotten")

    def _holds(self, binding: AclBinding) -> bool:
        """Whether the broker goes by a right: its controller answers a change a moment before."""
        return bool(self.admin.describe_acls(_filter(binding)).result(support.LIMIT))


def _filter(binding: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        binding.restype,
        binding.name,
        binding.resource_pattern_type,
        binding.principal,
        binding.host,
        binding.operation,
        binding.permission_type,
    )


def _done(futures: cabc.Mapping[Any, Any]) -> None:
    for done in futures.values():
        done.result(support.LIMIT)


def _made(servers: str, kafka: dict[str, object], broker_timeout: float = support.LIMIT) -> App:
    settings = {"bootstrap.servers": servers, "reconnect.backoff.max.ms": 300, **kafka}
    return App(kafka=settings, defaults=Deserializers(payload=str), broker_timeout=broker_timeout)


def _keytool(*arguments: str) -> None:
    # It comes with Java, which Kafka needs anyway.
    quick = ["-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"]
    subprocess.run(["keytool", *quick, *arguments], check=True, capture_output=True)
