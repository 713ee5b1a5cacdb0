"""Other clients, each in a virtual environment of its own, because they pin their dependencies."""

from __future__ import annotations

import collections.abc as cabc
import subprocess
import sys

from tests.benchmarks.data import PLACE

REQUIREMENTS = {
    "kafka-python": "kafka-python==3.0.12",
    "aiokafka": "aiokafka==0.14.0",
    "quixstreams": "quixstreams==3.28.1",
}


def install(wanted: cabc.Iterable[str], note: cabc.Callable[[str], None]) -> dict[str, str]:
    """Return the Python of each environment; a client that fails to install is reported and left out."""
    found = {}
    for peer in sorted(wanted):
        try:
            found[peer] = _environment(peer, note)
        except subprocess.CalledProcessError as error:
            note(f"{REQUIREMENTS[peer]} failed to install: {error.stderr.strip().splitlines()[-1:]}")
    return found


def versions(pythons: cabc.Mapping[str, str]) -> dict[str, str]:
    """Return the installed versions."""
    return {peer: _output(python, "-c", _VERSION, peer) for peer, python in pythons.items()}


def _environment(peer: str, note: cabc.Callable[[str], None]) -> str:
    folder = PLACE / peer
    python = str(folder / "bin" / "python")
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_text() != REQUIREMENTS[peer]:
        note(f"Installing {REQUIREMENTS[peer]}")
        _output(sys.executable, "-m", "venv", "--clear", str(folder))
        _output(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", REQUIREMENTS[peer])
        stamp.write_text(REQUIREMENTS[peer])
    return python


def _output(*command: str) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    return done.stdout.strip()


_VERSION = "import sys, importlib.metadata; print(importlib.metadata.version(sys.argv[1]))"
