from __future__ import annotations

import collections.abc as cabc
import subprocess
import sys

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from example_app import app as example
from example_app import console
from example_app import seed as seed_module
from example_app.seed import seed
from framework import App
from framework.testing import mock_cluster, mock_registry, reset_current_app
from tests import support
from tests.example.conftest import Seeded, make_app

WRITTEN = {"flights": 6064, "weather": 417, "planes": 1678, "airlines": 16, "airports": 93}
NOTHING = {"flights": 0, "weather": 0, "planes": 0, "airlines": 0, "airports": 0}


@pytest.fixture
def prefix(request: pytest.FixtureRequest, admin: AdminClient) -> cabc.Iterator[str]:
    """A beginning of names that no topic has; what was made under it goes at the end."""
    prefix = support.topic_name(request.node.name) + "-"
    yield prefix
    support.delete_topics(admin, [prefix + name for name in WRITTEN])


def config_of(admin: AdminClient, topic: str) -> dict[str, str]:
    [answer] = admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values()
    return {name: entry.value for name, entry in answer.result(support.LIMIT).items()}


def test_tells_how_many_messages_it_wrote(seeded: Seeded) -> None:
    assert seeded.written == WRITTEN


def test_makes_topics_of_four_partitions(seeded: Seeded) -> None:
    topics = seeded.app.admin().topics()
    assert [topics[seeded.prefix + name] for name in WRITTEN] == [4, 4, 4, 4, 4]


@pytest.mark.parametrize(
    ("name", "policy"),
    [("flights", "delete"), ("weather", "delete"), ("planes", "compact"), ("airlines", "delete")],
)
def test_keeps_messages_for_good_and_compacts_planes(
    seeded: Seeded, admin: AdminClient, name: str, policy: str
) -> None:
    config = config_of(admin, seeded.prefix + name)
    assert (config["retention.ms"], config["cleanup.policy"]) == ("-1", policy)


def test_a_second_time_leaves_everything_as_it_is(kafka: str, registry: str, prefix: str) -> None:
    app = make_app(kafka, registry=registry)
    seed(app, prefix=prefix)
    names = [prefix + name for name in WRITTEN]
    before = app.admin().watermarks(*names)
    assert seed(app, prefix=prefix) == {prefix + name: 0 for name in NOTHING}
    assert app.admin().watermarks(*names) == before


def test_fills_a_topic_that_is_there_and_empty(
    kafka: str, registry: str, admin: AdminClient, prefix: str
) -> None:
    support.create_topic(admin, prefix + "airlines", 2)
    app = make_app(kafka, registry=registry)
    assert seed(app, prefix=prefix)[prefix + "airlines"] == 16
    assert app.admin().topics()[prefix + "airlines"] == 2


def test_a_topic_that_has_only_some_of_its_messages_is_told_before_anything_is_written(
    kafka: str, admin: AdminClient, producer: Producer, prefix: str
) -> None:
    support.create_topic(admin, prefix + "airlines", 2)
    support.fill(producer, prefix + "airlines", {0: ["a"], 1: ["b", "c"]})
    app = make_app(kafka)
    with pytest.raises(console.Failure) as failure:
        seed(app, prefix=prefix)
    assert str(failure.value) == (
        f"Topic '{prefix}airlines' has 3 messages instead of 16. If a seed was interrupted, delete the topic "
        f"and seed again: app.admin().delete('{prefix}airlines')."
    )
    assert [name for name in app.admin().topics() if name.startswith(prefix)] == [prefix + "airlines"]


def test_works_on_the_embedded_broker_twice() -> None:
    with mock_cluster() as servers, mock_registry() as registry:
        app = make_app(servers, registry=registry)
        assert seed(app, create=False) == WRITTEN
        assert seed(app, create=False) == NOTHING


@pytest.mark.parametrize(
    ("registry", "reason"),
    [
        (None, "Airports are Avro: name a schema registry with SCHEMA_REGISTRY_URL."),
        (
            "http://127.0.0.1:1",
            (
                "The schema registry http://127.0.0.1:1 didn't register a schema: "
                "[Errno 111] Connection refused. Start one, or name another with SCHEMA_REGISTRY_URL."
            ),
        ),
    ],
)
def test_without_a_registry_nothing_is_written(registry: str | None, reason: str) -> None:
    with mock_cluster() as servers:
        app = make_app(servers, registry=registry)
        with pytest.raises(console.Failure) as failure:
            seed(app, create=False)
        assert str(failure.value) == reason
        assert app.admin().topics() == {}


def test_the_program_says_what_it_wrote(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(seed_module, "seed", lambda _app: {"flights": 6064, "airlines": 0})
    assert seed_module.main() == 0
    assert capsys.readouterr().out == (
        "flights   6,064 messages written\nairlines has messages already: left as it is\n"
    )


def test_the_program_says_in_one_line_that_there_is_no_broker(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = App(kafka={"bootstrap.servers": "127.0.0.1:1"}, broker_timeout=0.5)
    reset_current_app()
    monkeypatch.setattr(example, "app", app)
    assert console.run(seed_module.main) == 1
    out, err = capsys.readouterr()
    assert out == ""
    [line] = err.splitlines()
    assert line.startswith("No broker answered at 127.0.0.1:1 within 0.5 s")


def test_a_reader_who_has_seen_enough_ends_the_program_without_noise() -> None:
    program = (
        "import sys; from example_app import console, seed; seed.seed = lambda app: {'flights': 6064}; "
        "sys.exit(console.run(seed.main))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0
