"""No byte that a scan sends to its workers has a secret of the application; secret settings are refused."""

from __future__ import annotations

import collections.abc as cabc
import functools
import operator
import pickle
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from framework import App, Deserializers
from framework.testing import mock_cluster, reset_current_app
from framework_iterator import InvalidOptionError, scan
from framework_iterator.scanning import processes
from tests.scenarios import scanning

SECRET = "correct-horse-battery"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> cabc.Iterator[App]:
    with mock_cluster() as servers:
        reset_current_app()
        app = App(
            kafka={"bootstrap.servers": servers, "ssl.key.password": SECRET},
            schema_registry={"schema.registry.url": f"http://me:{SECRET}@127.0.0.1:1"},
            defaults=Deserializers(payload=str),
        )
        with app.producer() as producer:
            producer.produce("x", b"1")
        monkeypatch.setattr(scanning, "secret_app", app, raising=False)
        yield app
        reset_current_app()


def test_the_pickles_of_processes(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []

    class Stop(Exception):  # noqa: N818
        pass

    def start(self: processes.Processes, each: bytes) -> None:
        sent.append(each)
        if len(sent) == 1:
            raise Stop

    monkeypatch.setattr(processes.Processes, "_start", start)
    with pytest.raises(Stop):
        scan("x", scanning.places, operator.add, app=app, workers=2)
    assert pickle.loads(sent[0]).app == "tests.scenarios.scanning:secret_app"
    assert SECRET.encode() not in sent[0]


def test_the_work_of_an_executor(app: App) -> None:
    sent: list[bytes] = []

    class Spy(ThreadPoolExecutor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            sent.append(pickle.dumps((fn, args, kwargs)))
            return super().submit(fn, *args, **kwargs)

    with Spy(2) as executor:
        result = scan("x", scanning.places, operator.add, app=app, executor=executor, workers=2)
    assert len(result.value) == 1
    assert len(sent) == 1
    assert SECRET.encode() not in sent[0]


@pytest.mark.parametrize("key", ["sasl.password", "ssl.key.pem", "sasl.oauthbearer.client.secret"])
def test_settings_that_are_secrets(app: App, key: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        scan("x", scanning.places, operator.add, app=app, settings={key: SECRET})
    assert str(caught.value) == (
        f"settings has {key!r}, a secret, and a scan sends its settings to the workers. Set it in the app's "
        "module, or in the environment of the workers (KAFKA_SASL_PASSWORD)."
    )


def test_a_function_that_holds_the_app(app: App) -> None:
    function: Any = functools.partial(operator.eq, app)
    text = "can't be pickled or copied, since its settings may have secrets"
    with pytest.raises(InvalidOptionError, match=text):
        scan("x", function, operator.add, app=app)
