from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
import uuid
import warnings
from typing import Any

import pytest

from framework.mock_registry import mock_registry
from framework.registry import Registry, Schema, merge

PLANE = '{"type": "record", "name": "Plane", "fields": [{"name": "tailnum", "type": "string"}]}'
OWNED = '{"type": "record", "name": "Owned", "fields": [{"name": "plane", "type": "Plane"}]}'


class Client:
    """Sends JSON, and gives status and JSON of the answer."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, path: str, body: Any = None) -> tuple[int, Any]:
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)


@pytest.fixture
def client() -> Any:
    with mock_registry() as url:
        yield Client(url)


def test_a_schema_is_registered_and_read_back(client: Client) -> None:
    status, registered = client("/subjects/planes-value/versions", {"schema": PLANE})
    guid = registered["guid"]
    assert (status, registered) == (200, {"id": 1, "guid": guid, "version": 1})
    assert str(uuid.UUID(guid)) == guid
    assert client("/schemas/ids/1") == (200, {"schema": PLANE, "guid": guid})
    assert client(f"/schemas/guids/{guid}") == (200, {"schema": PLANE, "guid": guid})
    version = {"subject": "planes-value", "version": 1, "id": 1, "schema": PLANE, "guid": guid}
    assert client("/subjects/planes-value/versions/1") == (200, version)
    assert client("/subjects/planes-value/versions/latest") == (200, version)
    assert client("/subjects/planes-value", {"schema": PLANE}) == (200, version)
    assert client("/subjects/planes-value/versions") == (200, [1])
    assert client("/subjects?prefix=") == (200, ["planes-value"])
    assert client("/schemas/types") == (200, ["JSON", "PROTOBUF", "AVRO"])


def test_ids_of_a_registry_that_had_the_port_before_are_forgotten() -> None:
    port, found = 0, []
    for text in ('"string"', '"long"'):
        with mock_registry(port) as url:
            port = int(url.rpartition(":")[2])
            assert Client(url)("/subjects/orders-value/versions", {"schema": text})[1]["id"] == 1
            settings = merge(url)
            assert settings is not None
            found.append(Registry.of(settings).schema(1).text)
    assert found == ['"string"', '"long"']


def test_an_equal_schema_has_the_same_id_under_any_subject(client: Client) -> None:
    bodies = [
        ("a", {"schema": PLANE}),
        ("b", {"schema": PLANE.replace(" ", ""), "schemaType": "AVRO"}),
        ("a", {"schema": PLANE, "schemaType": "JSON"}),
        ("a", {"schema": PLANE}),
    ]
    answers = [client(f"/subjects/{subject}/versions", body)[1] for subject, body in bodies]
    assert [answer["id"] for answer in answers] == [1, 1, 2, 1]
    assert [answer["version"] for answer in answers] == [1, 1, 2, 1]


def test_guids_are_the_same_in_each_run() -> None:
    guids = []
    for _ in range(2):
        with mock_registry() as url:
            guids.append(Client(url)("/subjects/a/versions", {"schema": PLANE})[1]["guid"])
    assert guids[0] == guids[1]


def test_a_subject_may_have_any_characters(client: Client) -> None:
    client("/subjects/a%2Fb%3Ac%20%C3%A9/versions", {"schema": PLANE})
    assert client("/subjects") == (200, ["a/b:c é"])
    assert client("/subjects/a%2Fb%3Ac%20%C3%A9/versions/1")[1]["subject"] == "a/b:c é"


def test_references_are_kept(client: Client) -> None:
    client("/subjects/plane/versions", {"schema": PLANE})
    reference = {"name": "Plane", "subject": "plane", "version": 1}
    client("/subjects/owned/versions", {"schema": OWNED, "references": [reference]})
    assert client("/schemas/ids/2")[1]["references"] == [reference]
    settings = merge(client.url)
    assert settings is not None
    assert Registry(settings).schema(2) == Schema("AVRO", OWNED, (("Plane", PLANE),))


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        pytest.param("/schemas/ids/9", None, 404, 40403, id="id"),
        pytest.param("/schemas/ids/x", None, 404, 40403, id="no id"),
        pytest.param(f"/schemas/guids/{uuid.UUID(int=0)}", None, 404, 40403, id="GUID"),
        pytest.param("/subjects/x/versions", None, 404, 40401, id="subject"),
        pytest.param("/subjects/x/versions/1", None, 404, 40401, id="version of no subject"),
        pytest.param("/subjects/a/versions/9", None, 404, 40402, id="version"),
        pytest.param("/subjects/a/versions/0", None, 422, 42202, id="version 0"),
        pytest.param("/subjects/a/versions/x", None, 422, 42202, id="no version"),
        pytest.param("/subjects/x", {"schema": PLANE}, 404, 40401, id="look up without a subject"),
        pytest.param("/subjects/a", {"schema": OWNED}, 404, 40403, id="look up"),
        pytest.param("/subjects/a/versions", {"schema": "{"}, 422, 42201, id="no JSON"),
        pytest.param("/subjects/a/versions", {"schema": "7"}, 422, 42201, id="no Avro"),
        pytest.param("/subjects/a/versions", {}, 422, 42201, id="no schema"),
        pytest.param("/subjects/a/versions", {"schema": PLANE, "schemaType": "XML"}, 422, 42201, id="type"),
        pytest.param(
            "/subjects/a/versions",
            {"schema": PLANE, "references": [{"name": "a", "subject": "x", "version": 1}]},
            422,
            42201,
            id="missing reference",
        ),
        pytest.param(
            "/subjects/a/versions", {"schema": PLANE, "references": [7]}, 422, 42201, id="reference"
        ),
        pytest.param("/subjects/a/versions", b"{", 400, 400, id="no body"),
        pytest.param("/subjects/a/versions", [], 422, 42201, id="a list"),
        pytest.param(
            "/subjects/a/versions", {"schema": " ", "schemaType": "PROTOBUF"}, 422, 42201, id="nothing"
        ),
        pytest.param("/nothing", None, 404, 404, id="path"),
    ],
)
def test_errors_are_those_of_a_registry(client: Client, path: str, body: Any, status: int, code: int) -> None:
    client("/subjects/a/versions", {"schema": PLANE})
    answered, error = client(path, body)
    assert (answered, error["error_code"]) == (status, code)
    assert error["message"]
    # A schema that was refused takes no id.
    assert client("/subjects/a/versions", {"schema": '"int"'})[1]["id"] == 2


def test_it_ends_with_its_block_and_writes_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with mock_registry() as url:
        Client(url)("/subjects")
        port = int(url.rpartition(":")[2])
        # A client that leaves in the middle of its request.
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"POST /subjects/a HTTP/1.1\r\nContent-Length: 90\r\n\r\n")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert capfd.readouterr() == ("", "")


@pytest.mark.filterwarnings("ignore")  # those of Confluent's package
@pytest.mark.parametrize("framing", ["prefix", "header"])
def test_confluents_serializers_use_it_as_a_real_one(framing: str) -> None:
    # Recorded, because a library that it imports shows its warning whatever the filters say.
    with warnings.catch_warnings(record=True):
        registries = pytest.importorskip("confluent_kafka.schema_registry")
        avro = pytest.importorskip("confluent_kafka.schema_registry.avro")
    from confluent_kafka.serialization import MessageField, SerializationContext

    with mock_registry() as url:
        client = registries.SchemaRegistryClient({"url": url})
        serializer = avro.AvroSerializer(
            client,
            PLANE,
            conf={"schema.id.serializer": getattr(registries, f"{framing}_schema_id_serializer")},
        )
        headers: Any = []
        context = SerializationContext("planes", MessageField.VALUE, headers)
        payload = serializer({"tailnum": "N14228"}, context)
        assert avro.AvroDeserializer(client)(payload, context) == {"tailnum": "N14228"}
        settings = merge(url)
        assert settings is not None
        registry = Registry(settings)
        assert registry.subjects() == ["planes-value"]
        if framing == "prefix":
            schema_id: int | uuid.UUID = int.from_bytes(payload[1:5], "big")
            assert payload == b"\x00\x00\x00\x00\x01\x0cN14228"
        else:
            schema_id = uuid.UUID(bytes=dict(headers)["__value_schema_id"][1:])
            assert payload == b"\x0cN14228"
        assert json.loads(registry.schema(schema_id).text) == json.loads(PLANE)
        assert registry.latest("planes-value") == registry.schema(schema_id)
