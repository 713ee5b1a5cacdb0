"""A real Apache Kafka for the tests: one node, KRaft, everything on 127.0.0.1.

`python -m tests.kafka_server --port 9092` runs one by hand until Ctrl-C,
`python -m tests.kafka_server --install` only makes sure of what it needs.
"""

from __future__ import annotations

import argparse
import collections.abc as cabc
import contextlib
import functools
import os
import sys
import tempfile
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from framework.testing import mock_registry
from tests import maven
from tests.child_server import ChildServer, free_port

VERSION = os.environ.get("KAFKA_VERSION", "4.1.1")

# Kafka logs through SLF4J: without a binding, its reasons for not starting would be lost. The binding comes
# first, because Maven then takes its version of slf4j-api: 2.0 serves callers of 1.7 too, not the reverse.
POM = f"""\
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>tests</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>2.0.17</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>{VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""
# A short life: with the first compiler only and the serial collector, Kafka is up in 3 seconds instead of 4.
JAVA = (
    "java",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)

SETTINGS: dict[str, object] = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.listener.names": "CONTROLLER",
    # One node holds the internal topics alone; few partitions make it start faster.
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 4,
    # Nobody has to wait: groups form, logs are cleaned and transactions time out at once.
    "group.initial.rebalance.delay.ms": 0,
    "log.initial.task.delay.ms": 100,
    "log.retention.check.interval.ms": 200,
    "log.cleaner.backoff.ms": 100,
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": 500,
    # A broker whose machine stalls for so long is fenced: no topic has a leader then, and none can be made.
    # Tests that kill a broker set less, since it may register again only after that.
    "broker.session.timeout.ms": 60_000,
    "broker.heartbeat.interval.ms": 500,
    # On, so that tests can prove that reading creates nothing.
    "auto.create.topics.enable": "true",
    "num.partitions": 1,
    # The sample data are of 2013: with the default of seven days they would go at once.
    "log.retention.ms": -1,
    "message.max.bytes": 12_000_000,
    "replica.fetch.max.bytes": 12_000_000,
    # The default of 128 MB is a quarter of the heap.
    "log.cleaner.dedupe.buffer.size": 4_194_304,
}


class KafkaServer(ChildServer):
    """A Kafka broker as a child process, with its data in a temporary folder.

    `stop()` and `kill()` keep the data and the port, so `start()` goes on with both; `close()`, or the end of
    the `with` block, removes the data. Should this process die in whatever way, the broker dies with it.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        settings: cabc.Mapping[str, object] | None = None,
        java: cabc.Sequence[str] = (),
    ) -> None:
        super().__init__(port)
        self._settings = dict(settings or {})
        self._java_command = java
        """Empty for JAVA with its archive of classes, which is made with the help of another server."""
        self._at_exit: cabc.Sequence[str] = ()

    @property
    def title(self) -> str:
        return f"Kafka {VERSION}"

    @property
    def bootstrap_servers(self) -> str:
        return self.address

    def _install(self) -> Path:
        return install()

    def _prepare(self, installed: Path) -> None:
        controller = f"127.0.0.1:{free_port()}"
        settings = SETTINGS | {
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"PLAINTEXT://{self.bootstrap_servers},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap_servers}",
            "log.dirs": self.home / "data",
        }
        lines = [f"{name}={value}\n" for name, value in (settings | self._settings).items()]
        (self.home / "server.properties").write_text("".join(lines))
        cluster = "dGVzdHMtb2YtZnJhbWV3bw"  # any 16 bytes, in base64
        command = self._java(installed, "kafka.tools.StorageTool", "format", "-t", cluster, "-c")
        done = maven.run([*command, str(self.home / "server.properties")])
        if done.returncode != 0:
            raise RuntimeError(f"{self.title} could not format its storage:\n{done.stdout}")

    def _command(self, installed: Path) -> cabc.Sequence[str]:
        return [
            *self._java(installed, *self._at_exit, "kafka.Kafka"),
            str(self.home / "server.properties"),
        ]

    def _java(self, libraries: Path, *arguments: str) -> list[str]:
        command = self._java_command or (*JAVA, *class_archive(libraries))
        return [*command, "-cp", f"{libraries}/*", *arguments]

    def _probe(self) -> cabc.Callable[[], bool]:
        client = AdminClient(
            {"bootstrap.servers": self.bootstrap_servers, "reconnect.backoff.max.ms": 100, "log_level": 0}
        )
        return functools.partial(_is_ready, client)


def _is_ready(client: AdminClient) -> bool:
    try:
        metadata = client.list_topics(timeout=0.5)
    except KafkaException:
        return False
    # After a restart the broker is there before its partitions are.
    partitions = [part for topic in metadata.topics.values() for part in topic.partitions.values()]
    return bool(metadata.brokers) and all(part.leader >= 0 for part in partitions)


def install() -> Path:
    """Make sure of Java, Maven and the jars of Kafka; return the folder with the jars."""
    libraries = maven.cached(f"kafka-{VERSION}")
    maven.fill(libraries, f"Kafka {VERSION}", _download)
    return libraries


def _download(folder: Path) -> None:
    maven.copy_dependencies(POM, folder, f"Kafka {VERSION}")
    if not any(folder.glob("kafka_*.jar")):
        raise maven.ServerMissingError(f"Maven brought Kafka {VERSION} without its jars.")


@functools.cache
def class_archive(libraries: Path) -> cabc.Sequence[str]:
    """Options that give Java Kafka's classes ready-made, from a file beside the jars: half of a start's work.

    The file is of one version of Java, and made once. Where it can't be made, a start only takes longer.
    """
    archive = libraries.with_name(f"{libraries.name}-java-{maven.java_version()}.jsa")
    if not archive.exists():
        with contextlib.suppress(RuntimeError, OSError):
            _make_class_archive(archive)
    return [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []


def _make_class_archive(archive: Path) -> None:
    """Start a server and stop it: as it ends, Java writes the file. It gets its name when complete."""
    with tempfile.TemporaryDirectory(prefix=f"{archive.name}-", dir=archive.parent) as folder:
        made = Path(folder) / archive.name
        with contextlib.closing(KafkaServer(java=JAVA)) as server:
            server._at_exit = [f"-XX:ArchiveClassesAtExit={made}"]
            server.start()
            server.stop()
        made.rename(archive)


def main() -> None:
    """Run a broker and a schema registry by hand, or install what they need."""
    parser = argparse.ArgumentParser(prog="python -m tests.kafka_server", description=main.__doc__)
    parser.add_argument("--port", type=int, default=9092, help="port on 127.0.0.1 (%(default)s)")
    parser.add_argument(
        "--registry-port", type=int, default=8081, help="port of the schema registry (%(default)s)"
    )
    parser.add_argument("--install", action="store_true", help="only make sure of Java, Maven and the jars")
    arguments = parser.parse_args()
    try:
        if arguments.install:
            class_archive(install())
            return
        with mock_registry(arguments.registry_port) as url, KafkaServer(port=arguments.port) as server:
            print(f"Kafka {VERSION} answers on {server.bootstrap_servers}, and an embedded schema registry")
            print(f"on {url}. Ctrl-C ends both.", flush=True)
            server.wait()
            sys.exit(f"Kafka ended by itself:\n{server.log()}")
    except KeyboardInterrupt:
        print()
    except RuntimeError as error:
        sys.exit(str(error))
    except OSError as error:  # the registry's port
        sys.exit(f"No schema registry on port {arguments.registry_port}: {error}. Try --registry-port 0.")


if __name__ == "__main__":
    main()
