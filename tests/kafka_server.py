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
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

VERSION = os.environ.get("KAFKA_VERSION", "4.1.1")
START_LIMIT = 60.0
STOP_LIMIT = 30.0

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
COPY_JARS = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

JAVA_PACKAGE = "openjdk-17-jre-headless"

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
    # A killed broker may register again only when its former self has timed out.
    "broker.session.timeout.ms": 2000,
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


class KafkaMissingError(RuntimeError):
    """Java, Maven or the jars of Kafka are missing; the text says what to install."""


class KafkaServer:
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
        self.port = port or free_port()
        self._settings = dict(settings or {})
        self._command = java
        """Empty for JAVA with its archive of classes, which is made with the help of another server."""
        self._at_exit: cabc.Sequence[str] = ()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    def __repr__(self) -> str:
        state = "running" if self.is_running else "stopped"
        return f"<KafkaServer {VERSION} {self.bootstrap_servers} {state}>"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the broker; return when it answers and every partition has its leader."""
        if self.is_running:
            raise RuntimeError(f"{self!r} was started before.")
        if not is_free(self.port):
            raise RuntimeError(f"Port {self.port} is in use by another process.")
        libraries = install()
        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="kafka-", ignore_cleanup_errors=True)
                self._format(libraries)
            self._spawn(libraries)
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    def stop(self) -> None:
        """End the broker in good order."""
        if self._process is not None and self.is_running:
            self.resume()
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_LIMIT)
        self.kill()

    def kill(self) -> None:
        """End the broker as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._guard is not None:
            self._guard.communicate(b"off duty\n")
            self._guard = None

    def restart(self) -> None:
        """Stop and start again, on the same port, with the same data."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze the broker: its connections stay open, and nothing answers."""
        self._send(signal.SIGSTOP)
        if self._process is not None:
            # On a busy machine its threads may answer until the signal has reached them all.
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self) -> None:
        """Go on after `pause()`."""
        self._send(signal.SIGCONT)

    def wait(self) -> None:
        """Return when the broker has ended by itself."""
        if self._process is not None:
            self._process.wait()

    def close(self) -> None:
        """End the broker and remove its data."""
        self.kill()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def log(self, lines: int = 30) -> str:
        """Return the last lines the broker wrote."""
        if self._folder is None or not self.log_file.exists():
            return ""
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])

    @property
    def _home(self) -> Path:
        if self._folder is None:
            raise RuntimeError(f"{self!r} has no data: start it first.")
        return Path(self._folder.name)

    @property
    def log_file(self) -> Path:
        """Where the broker writes; the folder goes when the server is closed."""
        return self._home / "kafka.log"

    def _send(self, number: signal.Signals) -> None:
        if self._process is None or not self.is_running:
            raise RuntimeError(f"{self!r} isn't running.")
        self._process.send_signal(number)

    def _format(self, libraries: Path) -> None:
        # The same port may be drawn twice: nobody listens yet.
        controller = f"127.0.0.1:{next(port for port in iter(free_port, None) if port != self.port)}"
        settings = SETTINGS | {
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"PLAINTEXT://{self.bootstrap_servers},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap_servers}",
            "log.dirs": self._home / "data",
        }
        lines = [f"{name}={value}\n" for name, value in (settings | self._settings).items()]
        (self._home / "server.properties").write_text("".join(lines))
        cluster = "dGVzdHMtb2YtZnJhbWV3bw"  # any 16 bytes, in base64
        command = self._java(libraries, "kafka.tools.StorageTool", "format", "-t", cluster, "-c")
        done = _run([*command, str(self._home / "server.properties")])
        if done.returncode != 0:
            raise RuntimeError(f"Kafka {VERSION} could not format its storage:\n{done.stdout}")

    def _spawn(self, libraries: Path) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the tests alone, and they end the broker.
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *self._java(libraries, *self._at_exit, "kafka.Kafka"),
                    str(self._home / "server.properties"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        # When this process dies, even by SIGKILL, the system closes the pipe, and the guard cleans up.
        guard = 'read -r _ || { kill -KILL "$1"; sleep 1; rm -rf "$2"; }'
        self._guard = subprocess.Popen(
            ["sh", "-c", guard, "sh", str(self._process.pid), str(self._home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _java(self, libraries: Path, *arguments: str) -> list[str]:
        command = self._command or (*JAVA, *class_archive(libraries))
        return [*command, "-cp", f"{libraries}/*", *arguments]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_LIMIT
        client = AdminClient(
            {"bootstrap.servers": self.bootstrap_servers, "reconnect.backoff.max.ms": 100, "log_level": 0}
        )
        while not self._answers(client):
            if not self.is_running or time.monotonic() > deadline:
                state = "did not answer in time" if self.is_running else "ended by itself"
                raise RuntimeError(f"Kafka {VERSION} on {self.bootstrap_servers} {state}:\n{self.log()}")

    def _answers(self, client: AdminClient) -> bool:
        try:
            metadata = client.list_topics(timeout=0.5)
        except KafkaException:
            return False
        # After a restart the broker is there before its partitions are.
        partitions = [part for topic in metadata.topics.values() for part in topic.partitions.values()]
        return bool(metadata.brokers) and all(part.leader >= 0 for part in partitions)


def install() -> Path:
    """Make sure of Java, Maven and the jars of Kafka; return the folder with the jars.

    What is missing is installed where that needs no question (apt as root); else the error says what to do.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "framework-iterator"
    libraries = cache / f"kafka-{VERSION}"
    packages = [] if int(_java_version().partition(".")[0]) >= 17 else [JAVA_PACKAGE]
    if not libraries.exists() and not shutil.which("mvn"):
        packages.append("maven")
    if packages:
        _apt_install(packages)
        _java_version.cache_clear()
    if not libraries.exists():
        _download(libraries)
    return libraries


@functools.cache
def _java_version() -> str:
    """Such as "17.0.15"; "0" where there is no Java."""
    if not shutil.which("java"):
        return "0"
    version = re.search(r'version "([\d.]+)', _run(["java", "-version"]).stdout)
    return version[1] if version else "0"


@functools.cache
def class_archive(libraries: Path) -> cabc.Sequence[str]:
    """Options that give Java Kafka's classes ready-made, from a file beside the jars: half of a start's work.

    The file is of one version of Java, and made once. Where it can't be made, a start only takes longer.
    """
    archive = libraries.with_name(f"{libraries.name}-java-{_java_version()}.jsa")
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


def _apt_install(packages: list[str]) -> None:
    advice = f"Kafka needs Java 17 or later and Maven: apt-get install {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise KafkaMissingError(advice)
    print(f"Installing {' '.join(packages)}", file=sys.stderr, flush=True)
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    _run([*apt, "update"])
    if _run(["apt-cache", "show", JAVA_PACKAGE]).returncode != 0:  # newer systems have only newer ones
        packages = [name.replace(JAVA_PACKAGE, "default-jre-headless") for name in packages]
    command = [*apt, "install", "-y", "--no-install-recommends", *packages]
    done = _run(command, DEBIAN_FRONTEND="noninteractive")
    if done.returncode != 0:
        raise KafkaMissingError(f"{advice} (it failed here: {done.stdout.strip()[-500:]})")


def _download(libraries: Path) -> None:
    """Let Maven bring the jars. They come into a folder beside, which gets its name when complete."""
    print(f"Downloading Kafka {VERSION} into {libraries}", file=sys.stderr, flush=True)
    libraries.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{libraries.name}-", dir=libraries.parent) as folder:
        pom = Path(folder) / "pom.xml"
        pom.write_text(POM)
        jars = Path(folder) / "jars"
        done = _run(["mvn", "-q", "-B", "-f", str(pom), COPY_JARS, f"-DoutputDirectory={jars}"])
        if done.returncode != 0 or not any(jars.glob("kafka_*.jar")):
            reason = done.stdout.strip().partition("\n")[0]  # the rest is advice on Maven
            raise KafkaMissingError(f"Maven could not bring Kafka {VERSION}: {reason}")
        try:
            jars.rename(libraries)
        except OSError:
            if not libraries.exists():  # otherwise another process was faster, with the same jars
                raise


def _run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | environment,
        check=False,
    )


def free_port() -> int:
    """Return a free port that stays free while a broker restarts.

    The system gives ports above 32768 to outgoing connections: there, a client that tries and tries to reach
    a stopped broker can at last connect to itself, and keeps the broker from coming back.
    """
    draw = random.SystemRandom()  # the tests seed the usual one, in every process alike
    while not is_free(port := draw.randrange(15_000, 32_000)):
        pass
    return port


def is_free(port: int) -> bool:
    """Can a server listen on this port?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def main() -> None:
    """Run a broker by hand, or install what one needs."""
    parser = argparse.ArgumentParser(prog="python -m tests.kafka_server", description=main.__doc__)
    parser.add_argument("--port", type=int, default=9092, help="port on 127.0.0.1 (%(default)s)")
    parser.add_argument("--install", action="store_true", help="only make sure of Java, Maven and the jars")
    arguments = parser.parse_args()
    try:
        if arguments.install:
            class_archive(install())
            return
        with KafkaServer(port=arguments.port) as server:
            print(f"Kafka {VERSION} answers on {server.bootstrap_servers}. Ctrl-C ends it.", flush=True)
            server.wait()
            sys.exit(f"Kafka ended by itself:\n{server.log()}")
    except KeyboardInterrupt:
        print()
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
