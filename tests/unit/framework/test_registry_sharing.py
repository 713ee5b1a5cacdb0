"""One registry for threads, forks and pickles; and secrets stay where they are."""

from __future__ import annotations

import json
import logging
import os
import pickle
import signal
import socket
import threading
import traceback

import pytest

from framework.errors import FrameworkError, RegistryUnavailableError, SchemaRegistryError
from framework.registry import Registry, RegistrySettings, Schema, client, merge
from framework.registry.once import Once
from framework.retry import Deadline
from tests.child_server import closed_port
from tests.clock import Clock
from tests.scripted_registry import NOT_FOUND, Answer, ScriptedRegistry, drip, response

STRING = Schema("AVRO", '"string"', ())
SECRET = "s3cr3t"
ENCODED = "bWU6czNjcjN0"
"""`me:s3cr3t` in base64."""


def settings_of(*layers: str | dict[str, str]) -> RegistrySettings:
    settings = merge(*layers)
    assert settings is not None
    return settings


@pytest.fixture
def no_registry_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has made no registry, and whose environment names none."""
    monkeypatch.setattr(client, "_REGISTRIES", {})
    for name in list(os.environ):
        if name.startswith("SCHEMA_REGISTRY_"):
            monkeypatch.delenv(name)


def test_ctrl_c_ends_a_request_and_the_next_one_asks_again() -> None:
    def interrupt(connection: socket.socket, ended: threading.Event) -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        ended.wait(30)

    with ScriptedRegistry(interrupt, response()) as server:
        registry = Registry(settings_of(server.url), 60.0)
        with pytest.raises(KeyboardInterrupt):
            registry.schema(7)
        assert registry.schema(7) == STRING


def test_a_thread_that_waited_for_an_interrupted_one_asks_itself() -> None:
    once: Once[int, str] = Once(Clock(), lambda _: 1.0)
    is_asking, may_end = threading.Event(), threading.Event()

    def ask_and_be_interrupted() -> str:
        is_asking.set()
        may_end.wait(30)
        raise KeyboardInterrupt

    def first() -> None:
        with pytest.raises(KeyboardInterrupt):
            once.get(7, ask_and_be_interrupted, Deadline(30.0))

    found: list[str] = []
    threads = [threading.Thread(target=first)]
    threads[0].start()
    assert is_asking.wait(30)
    threads += [
        threading.Thread(target=lambda: found.append(once.get(7, lambda: "answer", Deadline(30.0))))
        for _ in range(3)
    ]
    for thread in threads[1:]:
        thread.start()
    may_end.set()
    for thread in threads:
        thread.join(30)
    assert found == ["answer"] * 3


def test_a_thread_that_waits_for_another_gives_up_by_its_own_deadline() -> None:
    once: Once[int, str] = Once(Clock(), lambda _: 1.0)
    is_asking, may_end = threading.Event(), threading.Event()

    def ask() -> str:
        is_asking.set()
        may_end.wait(30)
        return "answer"

    thread = threading.Thread(target=lambda: once.get(7, ask, Deadline(30.0)))
    thread.start()
    assert is_asking.wait(30)
    with pytest.raises(TimeoutError):
        once.get(7, ask, Deadline(0.05))
    may_end.set()
    thread.join(30)
    assert once.get(7, ask, Deadline(0.0)) == "answer"


def test_the_error_of_a_thread_that_gave_up_says_so() -> None:
    with ScriptedRegistry(response()) as server:
        registry = Registry(settings_of(server.url), 0.05)

        def hold(key: object, ask: object, deadline: object) -> Schema:
            raise TimeoutError

        registry._schemas.get = hold  # type: ignore[method-assign]
        with pytest.raises(RegistryUnavailableError, match="the request of another thread is still running"):
            registry.schema(7)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_waits_for_no_thread_of_its_parent() -> None:
    is_asking, may_end = threading.Event(), threading.Event()

    def hold(connection: socket.socket, ended: threading.Event) -> None:
        is_asking.set()
        may_end.wait(60)
        connection.sendall(response())

    with ScriptedRegistry(hold, response(body=b'{"schema": "child"}')) as server:
        registry = Registry.of(settings_of(server.url), 60.0)
        thread = threading.Thread(target=lambda: registry.schema(7))
        thread.start()
        assert is_asking.wait(30)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(writing, registry.schema(7).text.encode())
            finally:
                os._exit(0)
        os.close(writing)
        with open(reading, "rb") as pipe:
            assert pipe.read() == b"child"
        os.waitpid(child, 0)
        may_end.set()
        thread.join(30)
        # What the parent knows, a child knows too, without a request.
        assert registry.schema(7) == STRING


@pytest.mark.usefixtures("no_registry_yet")
def test_a_pickled_registry_is_loaded_as_the_one_of_its_process() -> None:
    layers = (f"http://me:{SECRET}@a:1", {"ssl.key.password": SECRET, "bearer.auth.token": SECRET})
    registry = Registry.of(settings_of(*layers))
    pickled = pickle.dumps(registry)
    assert SECRET.encode() not in pickled
    assert pickle.loads(pickled) is registry
    # Another timeout, the same login.
    slower = pickle.loads(pickle.dumps(Registry(settings_of("http://a:1"), 60.0)))
    assert (slower.settings, slower.timeout) == (registry.settings, 60.0)


@pytest.mark.usefixtures("no_registry_yet")
def test_a_registry_is_loaded_with_the_login_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of("http://a:1/", {"basic.auth.user.info": "x:y", "ssl.ca.location": "ca.pem"})
    pickled = pickle.dumps(Registry(settings, 3.0))
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", "http://a:1")
    monkeypatch.setenv("SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO", f"me:{SECRET}")
    loaded = pickle.loads(pickled)
    assert (loaded.settings.user_info, loaded.settings.ca_location, loaded.timeout) == (
        f"me:{SECRET}",
        "ca.pem",
        3.0,
    )


@pytest.mark.usefixtures("no_registry_yet")
def test_a_registry_of_other_addresses_is_loaded_without_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    pickled = pickle.dumps(Registry(settings_of(f"http://me:{SECRET}@a:1")))
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", "http://b:1")
    monkeypatch.setenv("SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO", f"me:{SECRET}")
    loaded = pickle.loads(pickled)
    assert loaded.settings == settings_of("http://a:1")
    assert pickle.loads(pickled) is loaded


def echo(status: str) -> Answer:
    """Answer with the login, as some proxies do that quote the request."""

    def answer(connection: socket.socket, ended: threading.Event) -> None:
        request = servers[-1].requests[-1]
        header = request.partition("Authorization: ")[2].strip()
        # The second one is cut within the secret.
        message = f"{header} me:{SECRET}" + " x" * 80 + f" {header}"
        connection.sendall(response(status, json.dumps({"message": message}).encode()))

    return answer


servers: list[ScriptedRegistry] = []


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="closed"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nA"), id="dripping"),
        pytest.param(b"no HTTP", id="no HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", id="cut"),
        pytest.param(response(body=b"{}"), id="no schema"),
        pytest.param(response("401 Unauthorized"), id="401"),
        pytest.param(response("403 Forbidden"), id="403"),
        pytest.param(response("404 Not Found", NOT_FOUND), id="404"),
        pytest.param(response("404 Not Found"), id="wrong path"),
        pytest.param(response("418 I'm a teapot"), id="418"),
        pytest.param(response("302 Found", Location=f"http://me:{SECRET}@h/?t={SECRET}"), id="redirect"),
        pytest.param(echo("500 Internal Server Error"), id="500 with the login"),
        pytest.param(echo("200 OK"), id="200 with the login"),
    ],
)
@pytest.mark.parametrize(
    "layer",
    [
        pytest.param({"basic.auth.user.info": f"me:{SECRET}"}, id="basic"),
        pytest.param({"bearer.auth.token": SECRET}, id="bearer"),
        pytest.param(None, id="address"),
    ],
)
def test_no_error_holds_a_secret(
    answer: Answer | None, layer: dict[str, str] | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with ScriptedRegistry(answer or response()) as server:
        servers[:] = [server]
        place = f"127.0.0.1:{server.port if answer else closed_port()}"
        settings = (
            settings_of(f"http://{place}", layer) if layer else settings_of(f"http://me:{SECRET}@{place}")
        )
        registry = Registry(settings, 0.2)
        # The second error is the remembered one.
        errors = [failure_of(registry), failure_of(registry)]
    for error in errors:
        text = "".join(traceback.format_exception(error)) + repr(error) + str(vars(error))
        text += pickle.dumps(error).decode("latin-1") + caplog.text + repr(registry)
        assert SECRET not in text.replace(f'SECRET = "{SECRET}"', "")
        assert ENCODED not in text


def failure_of(registry: Registry) -> FrameworkError:
    with pytest.raises(SchemaRegistryError) as raised:
        registry.schema(7)
    return raised.value
