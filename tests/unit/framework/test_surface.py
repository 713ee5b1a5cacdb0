from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

import framework
import framework_iterator

NAMES = [
    "App",
    "AppNotFoundError",
    "AuthenticationError",
    "AuthorizationError",
    "BrokerError",
    "BrokerTimeoutError",
    "BrokerUnavailableError",
    "CallbackError",
    "CommitError",
    "ConfigError",
    "DeserializationError",
    "Deserializers",
    "FrameworkError",
    "Message",
    "MessageCleanedError",
    "PartitionNotFoundError",
    "PluginError",
    "RegistryAuthError",
    "RegistryUnavailableError",
    "Routes",
    "RoutingError",
    "SchemaNotFoundError",
    "SchemaRegistryError",
    "Topic",
    "TopicNotFoundError",
    "UnknownTopicError",
]


def test_the_public_names() -> None:
    assert framework.__all__ == NAMES
    assert sorted(NAMES) == NAMES


def test_every_public_name_is_there() -> None:
    assert [name for name in NAMES if not hasattr(framework, name)] == []


def test_nothing_else_is_public() -> None:
    modules = {name.rpartition(".")[2] for name in sys.modules if name.startswith("framework.")}
    names = {name for name in dir(framework) if not name.startswith("_")}

    assert names - modules == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_explained(name: str) -> None:
    assert getattr(framework, name).__doc__


def test_a_name_that_is_not_public_is_none_of_ours() -> None:
    with pytest.raises(AttributeError, match="module 'framework' has no attribute 'Ap'"):
        framework.Ap  # type: ignore[attr-defined]  # noqa: B018


def test_the_ready_deserializers() -> None:
    from framework import deserializers

    for name in ("int32", "int64", "json", "raw", "text", "xml"):
        assert callable(getattr(deserializers, name))


@pytest.mark.parametrize("package", [framework, framework_iterator])
def test_types_are_shipped(package: object) -> None:
    assert pathlib.Path(str(getattr(package, "__file__", ""))).with_name("py.typed").is_file()


# What a run of most payloads doesn't need, 25 to 100 ms each.
HEAVY = ("click", "rich", "pydantic", "pydantic_core", "importlib_metadata", "matplotlib")


@pytest.mark.parametrize(
    ("program", "heavy"),
    [
        pytest.param("import framework", ("confluent_kafka", *HEAVY), id="framework"),
        pytest.param("from framework import App; App()", ("confluent_kafka", *HEAVY), id="an app"),
        pytest.param("import framework_iterator", HEAVY, id="framework_iterator"),
        pytest.param(
            "from framework import App; from framework_iterator import Iterator; Iterator('x', app=App())",
            HEAVY,
            id="an Iterator",
        ),
    ],
)
def test_importing_is_light(program: str, heavy: tuple[str, ...], tmp_path: pathlib.Path) -> None:
    program = f"import sys; {program}; print(*sorted(set({heavy!r}) & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )

    assert run.stdout.strip() == ""
