"""The Schema Registry of the tests, and Confluent's serializers in front of it, are what they seem."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests import maven, registry_server
from tests.confluent_serializers import Confluent, Framed, Subjects, avro_record, proto_classes, record
from tests.registry_server import RegistryServer
from tests.support import Record, topic_name, wait_until

DOC = '{"title": "Doc", "type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}'
PROTO = (
    'syntax = "proto3"; message Trip { int64 id = 1; message Leg { string to = 1; } repeated Leg legs = 2; }'
)


def get(url: str) -> Any:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=20) as answer:
        return json.load(answer)


def test_it_speaks_the_api_of_confluents_registry(registry: str) -> None:
    subject = topic_name("api")
    with Confluent(registry, subject) as confluent:
        schema_id = int.from_bytes(confluent.avro('{"type": "string"}').dump("a").data[1:5])
    assert get(f"{registry}/subjects/{subject}-value/versions") == [1]
    assert get(f"{registry}/schemas/ids/{schema_id}")["schema"] == '{"type": "string"}'


@pytest.mark.parametrize(
    ("subjects", "subject"),
    [("topic", "{0}-value"), ("record", "shop.Order{1}"), ("topic-record", "{0}-shop.Order{1}")],
)
def test_confluents_serializers_name_their_subjects(registry: str, subjects: Subjects, subject: str) -> None:
    topic = topic_name("subject")
    name = topic.replace("-", "_")
    with Confluent(registry, topic, subjects=subjects) as confluent:
        order = confluent.avro(avro_record(f"shop.Order{name}", id="long"))
        framed = order.dump({"id": 7})
        assert (framed.data[:1], framed.data[5:], framed.headers) == (b"\0", b"\x0e", [])
        assert order.load(framed) == {"id": 7}
    assert subject.format(topic, name) in get(f"{registry}/subjects")


def test_avro_schemas_may_refer_to_others(registry: str) -> None:
    topic = topic_name("references")
    name = f"shop.Customer_{topic.replace('-', '_')}"
    with Confluent(registry, topic) as confluent:
        reference = confluent.register(name, avro_record(name, n="string"))
        order = confluent.avro(avro_record("Order", by=name), [reference])
        assert order.load(order.dump({"by": {"n": "Ann"}})) == {"by": {"n": "Ann"}}


def test_protobuf_messages_name_themselves_by_index(registry: str) -> None:
    topic = topic_name("protobuf")
    classes = proto_classes(
        {
            f"{topic}/trip.proto": PROTO,
            f"{topic}/log.proto": 'syntax = "proto3"; package far; '
            f'import "{topic}/trip.proto"; import "google/protobuf/timestamp.proto"; '
            "message Log { Trip trip = 1; google.protobuf.Timestamp at = 2; }",
        }
    )
    assert sorted(classes) == ["Trip", "Trip.Leg", "far.Log"]
    with Confluent(registry, topic, subjects="topic-record") as confluent:
        framed = {name: confluent.protobuf(each).dump(each()).data for name, each in classes.items()}
        log = confluent.protobuf(classes["far.Log"])
        written = classes["far.Log"](trip={"id": 3, "legs": [{"to": "BOS"}]}, at={"seconds": 5})
        assert log.load(log.dump(written)) == written
    assert {name: data[5:] for name, data in framed.items()} == {
        "Trip": b"\0",
        "Trip.Leg": b"\x04\0\0",
        "far.Log": b"\0",
    }


def test_json_is_framed_as_payload_and_as_key(registry: str) -> None:
    with Confluent(registry, topic_name("json")) as confluent:
        doc = confluent.json_schema(DOC)
        for key in (False, True):
            framed = doc.dump({"a": 1}, key=key)
            assert framed.data[5:] == b'{"a":1}'
            assert doc.load(framed, key=key) == {"a": 1}


def test_records_carry_the_headers_of_both_parts() -> None:
    payload, key = Framed(b"p", [("__value_schema_id", b"1")]), Framed(b"k", [("__key_schema_id", b"2")])
    assert record(payload, key, ("trace", b"3")) == Record(
        b"p", key=b"k", headers=[("trace", b"3"), ("__value_schema_id", b"1"), ("__key_schema_id", b"2")]
    )
    assert record(None, key) == Record(None, key=b"k", headers=[("__key_schema_id", b"2")])


@pytest.mark.usefixtures("registry")
def test_a_restarted_registry_is_empty_on_the_same_port() -> None:
    with RegistryServer() as server:
        assert repr(server) == f"<RegistryServer 127.0.0.1:{server.port} running>"
        with Confluent(server.url, "kept") as confluent:
            confluent.avro('{"type": "string"}').dump("a")
        assert get(f"{server.url}/subjects") == ["kept-value"]
        server.pause()
        server.restart()
        assert get(f"{server.url}/subjects") == []
        server.kill()
        assert not server.is_running
        with pytest.raises(OSError, match="refused"):
            get(f"{server.url}/subjects")
        folder = server.home
    assert not folder.exists()


@pytest.mark.usefixtures("registry")
def test_a_registry_ends_with_the_process_that_started_it() -> None:
    program = (
        "import os, signal; from tests.registry_server import RegistryServer; server = RegistryServer(); "
        "server.start(); print(server.url, server.home, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    url, folder = done.stdout.split()
    wait_until(lambda: not Path(folder).exists(), "the guard that removes the folder")
    with pytest.raises(OSError, match="refused"):
        get(url)


@pytest.mark.usefixtures("registry")
def test_a_registry_that_does_not_start_says_why() -> None:
    with pytest.raises(RuntimeError, match=r"Apicurio Registry .* ended by itself(.|\n)*no-such-storage"):
        RegistryServer(settings={"apicurio.storage.kind": "no-such-storage"}).start()


@pytest.mark.parametrize(
    ("java", "given", "expected"),
    [
        ("17.0.15", None, "3.0.9"),
        ("21", None, "3.3.3"),
        ("25.0.1", None, "3.3.3"),
        ("17.0.15", "3.1.0", "3.1.0"),
    ],
)
def test_the_version_is_the_newest_that_java_runs(
    monkeypatch: pytest.MonkeyPatch, java: str, given: str | None, expected: str
) -> None:
    monkeypatch.delenv("APICURIO_VERSION", raising=False)
    if given:
        monkeypatch.setenv("APICURIO_VERSION", given)
    monkeypatch.setattr(maven, "java_version", lambda: java)
    assert registry_server.version() == expected


def test_what_is_missing_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("APICURIO_VERSION", "3.0.9")
    monkeypatch.setattr(maven, "java_version", lambda: "17.0.15")
    with pytest.raises(maven.ServerMissingError) as caught:
        registry_server.install()
    assert str(caught.value) == (
        "Apicurio Registry 3.0.9 needs Java 17 or later and Maven: apt-get install maven"
    )


@pytest.mark.parametrize(
    "path", ["apicurio-registry-app-3.0.9-runner.jar", "app/quarkus-run.jar", "app/other-runner.jar"]
)
def test_the_jar_is_found_in_any_layout(tmp_path: Path, path: str) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).touch()
    assert registry_server._jar(tmp_path) == tmp_path / path


def test_the_environment_of_the_registry_is_hidden() -> None:
    assert not [name for name in os.environ if name.startswith("SCHEMA_REGISTRY_")]
