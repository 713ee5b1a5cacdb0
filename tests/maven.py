"""Java, Maven, and what Maven brings for the servers of the tests, kept in a cache folder of the user."""

from __future__ import annotations

import collections.abc as cabc
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

JAVA_PACKAGE = "openjdk-17-jre-headless"
COPY_DEPENDENCIES = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


class ServerMissingError(RuntimeError):
    """Java, Maven or the files of a server are missing; the text says what to install."""


def require(server: str, *, maven: bool) -> None:
    """Make sure of Java 17 or later, and of Maven if it is needed.

    What is missing is installed where that needs no question (apt as root); else the error says what to do.
    """
    packages = [] if java_major() >= 17 else [JAVA_PACKAGE]
    if maven and not shutil.which("mvn"):
        packages.append("maven")
    if packages:
        _apt_install(packages, server)
        java_version.cache_clear()


def cached(name: str) -> Path:
    """Return where a server's files are kept, or will be."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "framework-iterator" / name


def fill(target: Path, server: str, download: cabc.Callable[[Path], None]) -> None:
    """Let Maven bring a server's files, unless they are there. The folder gets its name when complete."""
    require(server, maven=not target.exists())
    if target.exists():
        return
    print(f"Downloading {server} into {target}", file=sys.stderr, flush=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{target.name}-", dir=target.parent) as folder:
        files = Path(folder) / "files"
        files.mkdir()
        download(files)
        try:
            files.rename(target)
        except OSError:
            if not target.exists():  # otherwise another process was faster, with the same files
                raise


def copy_dependencies(pom: str, into: Path, server: str, *options: str) -> None:
    """Copy what a pom depends on into a folder."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pom.xml"
        file.write_text(pom)
        command = ["mvn", "-q", "-B", *options, "-f", str(file), COPY_DEPENDENCIES]
        done = run([*command, f"-DoutputDirectory={into}"])
    if done.returncode != 0:
        reason = done.stdout.strip().partition("\n")[0]  # the rest is advice on Maven
        raise ServerMissingError(f"Maven could not bring {server}: {reason}")


@functools.cache
def java_version() -> str:
    """Such as "17.0.15"; "0" where there is no Java."""
    if not shutil.which("java"):
        return "0"
    version = re.search(r'version "([\d.]+)', run(["java", "-version"]).stdout)
    return version[1] if version else "0"


def java_major() -> int:
    """Such as 17; 0 where there is no Java."""
    return int(java_version().partition(".")[0])


def _apt_install(packages: list[str], server: str) -> None:
    """Install packages of the system, or raise an error that says how."""
    advice = f"{server} needs Java 17 or later and Maven: apt-get install {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise ServerMissingError(advice)
    print(f"Installing {' '.join(packages)}", file=sys.stderr, flush=True)
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    run([*apt, "update"])
    if run(["apt-cache", "show", JAVA_PACKAGE]).returncode != 0:  # newer systems have only newer ones
        packages = [name.replace(JAVA_PACKAGE, "default-jre-headless") for name in packages]
    command = [*apt, "install", "-y", "--no-install-recommends", *packages]
    done = run(command, DEBIAN_FRONTEND="noninteractive")
    if done.returncode != 0:
        raise ServerMissingError(f"{advice} (it failed here: {done.stdout.strip()[-500:]})")


def run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; its output is text, errors included."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | environment,
        check=False,
    )
