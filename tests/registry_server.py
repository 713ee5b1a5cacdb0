"""A real Schema Registry for the tests: Apicurio Registry, in memory, on 127.0.0.1.

It speaks the REST API of Confluent's registry below `/apis/ccompat/v7`, without GUIDs.

`python -m tests.registry_server --port 8081` runs one by hand until Ctrl-C,
`python -m tests.registry_server --install` only makes sure of what it needs.
"""

from __future__ import annotations

import argparse
import collections.abc as cabc
import http.client
import os
import sys
import tarfile
import tempfile
from pathlib import Path

from tests import maven
from tests.child_server import ChildServer

JAVA_21_VERSION = "3.3.3"
JAVA_17_VERSION = "3.0.9"
ARTIFACT = "apicurio-registry-app"
API = "/apis/ccompat/v7"

# The artifact's own pom names a parent that not every repository serves. Maven asks the folder first and
# finds a pom without a parent; what the server needs is all in the archive.
POM = """\
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>tests</groupId>
  <artifactId>registry</artifactId>
  <version>1</version>
  <repositories>
    <repository>
      <id>stub</id>
      <url>{stub}</url>
    </repository>
  </repositories>
  <dependencies>
    <dependency>
      <groupId>io.apicurio</groupId>
      <artifactId>apicurio-registry-app</artifactId>
      <version>{version}</version>
      <type>tar.gz</type>
      <classifier>all</classifier>
    </dependency>
  </dependencies>
</project>
"""
STUB_POM = """\
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>io.apicurio</groupId>
  <artifactId>apicurio-registry-app</artifactId>
  <version>{version}</version>
</project>
"""

# As for Kafka: with the first compiler only and the serial collector, a short life starts sooner.
JAVA = ("java", "-Xmx400m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

SETTINGS: dict[str, object] = {
    "quarkus.http.host": "127.0.0.1",
    "quarkus.http.access-log.enabled": "false",
    "quarkus.banner.enabled": "false",
    # It answers no browser and knows no other machine.
    "quarkus.http.cors": "false",
    "quarkus.oidc.tenant-enabled": "false",
    # The list of subjects is cut at 1000 otherwise, and the tests of a run share one registry.
    "apicurio.ccompat.max-subjects": 100_000,
}


class RegistryServer(ChildServer):
    """A Schema Registry as a child process.

    It keeps schemas in memory: after `stop()` or `kill()`, `start()` gives an empty registry on the same
    port, whose ids begin with 1 again. Should this process die in whatever way, the registry dies with it.
    """

    def __init__(self, *, port: int | None = None, settings: cabc.Mapping[str, object] | None = None) -> None:
        super().__init__(port)
        self._settings = SETTINGS | dict(settings or {})

    @property
    def url(self) -> str:
        """The address for `schema.registry.url`."""
        return f"http://{self.address}{API}"

    @property
    def title(self) -> str:
        return f"Apicurio Registry {version()}"

    def _install(self) -> Path:
        return install()

    def _command(self, installed: Path) -> cabc.Sequence[str]:
        settings = self._settings | {"quarkus.http.port": self.port, "java.io.tmpdir": self.home}
        options = [f"-D{name}={value}" for name, value in settings.items()]
        return [*JAVA, *options, "-jar", str(_jar(installed))]

    def _probe(self) -> cabc.Callable[[], bool]:
        return self._answers

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=0.5)
        try:
            connection.request("GET", f"{API}/subjects")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def version() -> str:
    """The newest that this machine's Java runs, unless APICURIO_VERSION names one."""
    newest = JAVA_21_VERSION if maven.java_major() >= 21 else JAVA_17_VERSION
    return os.environ.get("APICURIO_VERSION") or newest


def install() -> Path:
    """Make sure of Java, Maven and Apicurio; return the folder with its files."""
    maven.require("Apicurio Registry", maven=False)  # first: the version depends on Java's
    target = maven.cached(f"apicurio-{version()}")
    maven.fill(target, f"Apicurio Registry {version()}", _download)
    return target


def _download(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        stubs, archives = Path(temporary, "stubs"), Path(temporary, "archives")
        stub = stubs / "io" / "apicurio" / ARTIFACT / version() / f"{ARTIFACT}-{version()}.pom"
        stub.parent.mkdir(parents=True)
        stub.write_text(STUB_POM.format(version=version()))
        pom = POM.format(version=version(), stub=stubs.as_uri())
        # -U: Maven remembers for a day what it did not find, also where a repository was only out of reach.
        maven.copy_dependencies(pom, archives, f"Apicurio Registry {version()}", "-U")
        for archive in archives.glob("*.tar.gz"):
            with tarfile.open(archive) as files:
                files.extractall(folder, filter="data")
    _jar(folder)


def _jar(folder: Path) -> Path:
    """Find what starts the server: the layout changes with its version."""
    for pattern in (f"{ARTIFACT}-*-runner.jar", "quarkus-run.jar", "*-runner.jar"):
        for found in sorted(folder.rglob(pattern)):
            return found
    raise maven.ServerMissingError(f"{folder} holds no jar that starts Apicurio Registry {version()}.")


def main() -> None:
    """Run a Schema Registry by hand, or install what one needs."""
    parser = argparse.ArgumentParser(prog="python -m tests.registry_server", description=main.__doc__)
    parser.add_argument("--port", type=int, default=8081, help="port on 127.0.0.1 (%(default)s)")
    parser.add_argument("--install", action="store_true", help="only make sure of Java, Maven and Apicurio")
    arguments = parser.parse_args()
    try:
        if arguments.install:
            install()
            return
        with RegistryServer(port=arguments.port) as server:
            print(f"{server.title} answers on {server.url}. Ctrl-C ends it.", flush=True)
            server.wait()
            sys.exit(f"{server.title} ended by itself:\n{server.log()}")
    except KeyboardInterrupt:
        print()
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
