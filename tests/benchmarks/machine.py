"""The machine and the versions of the software."""

from __future__ import annotations

import collections.abc as cabc
import importlib.metadata
import os
import platform
import re
import subprocess

import confluent_kafka

from tests.kafka_server import VERSION

PACKAGES = (
    "framework-iterator",
    "confluent-kafka",
    "pydantic",
    "pydantic-core",
    "msgspec",
    "fastavro",
    "protobuf",
    "jsonschema",
    "jsonschema-rs",
)


def describe() -> dict[str, object]:
    """Return processor, cores, memory and load."""
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": model[1] if model else platform.processor(),
        "cores": os.cpu_count(),
        "memory": memory,
        "system": platform.platform(),
        "load": round(os.getloadavg()[0], 2),
    }


def versions(peers: cabc.Mapping[str, str]) -> dict[str, str]:
    """Return versions by name; `peers` are those of the clients in environments of their own."""
    ours = {name: importlib.metadata.version(name) for name in PACKAGES}
    java = first_line("java", "-version")
    return {
        "python": platform.python_version(),
        **ours,
        "librdkafka": confluent_kafka.libversion()[0],
        "kafka": VERSION,
        "java": java,
        **peers,
    }


def first_line(*command: str) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout.partition("\n")[0].strip()
