"""A registry that is away ends the run that needs it; a known schema is read without it."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import pickle
import re
import threading
import uuid
from typing import Any

import pytest

from framework import App, Message, RegistryUnavailableError
from framework.schemas import avro
from framework.testing import reset_current_app
from framework_iterator import Iterator
from tests import support
from tests.child_server import closed_port
from tests.confluent_serializers import Confluent, avro_record
from tests.registry_server import RegistryServer
from tests.scenarios.reading import report_of

NOTE = avro_record("shop.Note", text="string")
WORD = avro_record("shop.Word", word="string")

# For the tests that may find nothing known: each has a timeout of its own, and so a client of its own.
COUNTED, BUSY, SILENT, SKIPPED, GONE = 31.0, 32.0, 0.3, 1.0, 2.0


@contextlib.contextmanager
def started() -> cabc.Iterator[RegistryServer]:
    """A registry that logs each request."""
    with RegistryServer(settings={"quarkus.http.access-log.enabled": "true"}) as server:
        yield server


@pytest.fixture(scope="module")
def _one(registry: str) -> cabc.Iterator[RegistryServer]:
    with started() as server:  # installed by now, as the shared one runs
        yield server


@pytest.fixture
def own(_one: RegistryServer) -> cabc.Iterator[RegistryServer]:
    """A registry that a test may freeze."""
    yield _one
    _one.resume()
    reset_current_app()


@pytest.fixture
def mortal(registry: str) -> cabc.Iterator[RegistryServer]:
    """A registry that a test may stop, which then has forgotten everything."""
    with started() as server:
        yield server
    reset_current_app()


def requests(server: RegistryServer, *schema_ids: int | uuid.UUID | None) -> list[str]:
    """The ids that were asked for, of these, in order.

    The registry logs a request after its answer, and one that a client gave up when it goes on after a
    pause: lines of one test may come in the next one. So a test counts requests for schemas of its own.
    """
    asked = re.findall(r'method="GET" path="[^"]*/schemas/ids/(\d+)', server.log(10_000))
    return [each for each in asked if each in map(str, schema_ids)]


def written(server: RegistryServer, schema: str, values: cabc.Iterable[object]) -> list[support.Item]:
    with Confluent(server.url, "any", subjects="record") as confluent:
        return [*confluent.avro(schema).record(*values)]


def notes(server: RegistryServer, *texts: str) -> list[support.Item]:
    return written(server, NOTE, ({"text": text} for text in texts))


def words(server: RegistryServer, *texts: str) -> list[support.Item]:
    return written(server, WORD, ({"word": text} for text in texts))


def same(server: RegistryServer, record: str, count: int) -> list[support.Item]:
    """Messages with a schema that no other test has."""
    return written(server, avro_record(record, text="string"), [{"text": "hi"}] * count)


def app_of(kafka: str, url: str, timeout: float = support.LIMIT) -> App:
    return App(kafka={"bootstrap.servers": kafka}, schema_registry=url, registry_timeout=timeout)


def learn(app: App, name: str) -> None:
    """Know the schema of a topic, though a busy registry may not always answer within the app's time-out."""
    [message] = Iterator(app.topic(name, payload=avro()), app=app)

    def is_known() -> bool:
        try:
            return message.payload is not None
        except RegistryUnavailableError:
            return False

    support.wait_until(is_known, "the schema of a message")


def test_schemas_are_asked_for_once_per_process(
    own: RegistryServer, kafka: str, topic: support.TopicFactory
) -> None:
    items = [*same(own, "shop.First", 500), *same(own, "shop.Second", 500)]
    topics = [topic(2, {0: items, 1: items}) for _ in range(2)]
    read: list[Message[Any]] = []
    for _ in range(2):
        app = app_of(kafka, own.url, COUNTED)
        declared = [app.topic(each, payload=avro()) for each in topics]
        read += Iterator(declared, app=app)
    assert len([message.payload for message in read]) == 2 * 4000
    first, second = {message.schema_id for message in read}
    support.wait_until(lambda: len(requests(own, first, second)) >= 2, "the log of the registry")
    assert sorted(requests(own, first, second)) == sorted([str(first), str(second)])


def test_many_threads_ask_once(own: RegistryServer, kafka: str, topic: support.TopicFactory) -> None:
    app = app_of(kafka, own.url, BUSY)
    messages = list(Iterator(app.topic(topic(1, same(own, "shop.Busy", 8)), payload=avro()), app=app))
    [schema_id] = {message.schema_id for message in messages}
    found: list[Any] = []
    own.pause()  # so that all of them ask before anything is known
    threads = [threading.Thread(target=lambda each=each: found.append(each.payload)) for each in messages]
    for each in threads:
        each.start()
    own.resume()
    for each in threads:
        each.join(support.LIMIT)
    assert found == [{"text": "hi"}] * 8
    support.wait_until(lambda: len(requests(own, schema_id)) > 0, "the log of the registry")
    assert requests(own, schema_id) == [str(schema_id)]


def test_known_schemas_are_read_while_the_registry_restarts(
    mortal: RegistryServer, kafka: str, topic: support.TopicFactory
) -> None:
    texts = [f"{number}" for number in range(2000)]
    name = topic(1, notes(mortal, *texts))
    app = app_of(kafka, mortal.url)
    read = []
    for message in Iterator(app.topic(name, payload=avro()), app=app):
        read.append(message.payload["text"])
        if message.offset == 0:
            mortal.kill()
        if message.offset == 1000:
            mortal.start()
    assert read == texts


def test_a_registry_that_is_gone_ends_the_run(
    mortal: RegistryServer, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(1, [*notes(mortal, "a", "b"), *words(mortal, "c"), *notes(mortal, "d")])
    app = app_of(kafka, mortal.url, GONE)
    learn(app, topic(1, notes(mortal, "x")))
    read: list[str] = []
    with pytest.raises(RegistryUnavailableError) as caught:
        for message in Iterator(app.topic(name, payload=avro()), app=app):
            read.append(message.payload["text"])
            if mortal.is_running:
                mortal.stop()
    assert str(caught.value) == (
        f"Schema registry {mortal.url} was not available within 2 s: connection refused. "
        "Is it running, and is the address right?"
    )
    assert read == ["a", "b"]


def test_a_registry_that_never_answers_ends_the_run(
    own: RegistryServer, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(1, notes(own, "a"))
    app = app_of(kafka, own.url, SILENT)
    own.pause()
    with pytest.raises(RegistryUnavailableError, match=r"was not available within 0\.3 s"):
        [message.payload for message in Iterator(name, app=app)]


def test_what_cant_be_asked_for_is_not_skipped(
    own: RegistryServer, kafka: str, topic: support.TopicFactory
) -> None:
    app = app_of(kafka, own.url, SKIPPED)
    learn(app, topic(1, notes(own, "x")))
    name = topic(1, [*notes(own, "a", "b"), *words(own, "c"), *notes(own, "d")])
    iterator = Iterator(app.topic(name, payload=avro()), app=app, errors="skip")
    read: list[Any] = []
    own.pause()
    with pytest.raises(RegistryUnavailableError):
        read.extend(message.payload for message in iterator)
    [partition] = report_of(iterator)
    assert (partition.position, partition.messages, partition.unreadable) == (len(read), len(read), 0)
    own.resume()
    app = app_of(kafka, own.url)
    rest = Iterator(app.topic(name, payload=avro()), app=app, resume=report_of(iterator).positions)
    read += [message.payload for message in rest]
    assert read == [{"text": "a"}, {"text": "b"}, {"word": "c"}, {"text": "d"}]


def test_the_next_address_is_asked(own: RegistryServer, kafka: str, topic: support.TopicFactory) -> None:
    name = topic(1, notes(own, "a"))
    app = app_of(kafka, f"http://127.0.0.1:{closed_port()},{own.url}")
    assert [message.payload for message in Iterator(name, app=app)] == [{"text": "a"}]


def test_a_login_stays_in_this_process(own: RegistryServer, kafka: str, topic: support.TopicFactory) -> None:
    name = topic(1, notes(own, "a"))
    app = app_of(kafka, own.url.replace("http://", "http://user:sesame@"))
    [message] = Iterator(app.topic(name, payload=avro()), app=app)
    for pickled in (pickle.dumps(message), message.payload and pickle.dumps(message)):
        assert b"sesame" not in pickled
        loaded: Message[Any] = pickle.loads(pickled)
        assert (loaded.payload, loaded.schema_id) == ({"text": "a"}, message.schema_id)
    assert "sesame" not in f"{app!r} {app.schema_registry!r} {message!r}"


def test_nothing_but_what_is_read_is_asked_for(
    mortal: RegistryServer, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(1, notes(mortal, "a"))
    mortal.stop()
    app = app_of(kafka, mortal.url, timeout=0.1)
    [message] = Iterator(app.topic(name, payload=avro(), key=avro()), app=app)
    assert (message.key, message.schema_id) == (None, 1)
    [message] = Iterator(name, app=app)
    assert message.schema_id == 1
