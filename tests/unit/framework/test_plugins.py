from __future__ import annotations

import collections.abc as cabc
import pathlib
import sys
from typing import Protocol

import pytest

from framework import PluginError, plugins
from framework.plugins import Plugin


class Install(Protocol):
    """Puts a distribution with one plugin on the path."""

    def __call__(self, name: str, target: str, *, metadata: str | None = ..., source: str = ...) -> None: ...


@pytest.fixture
def install(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> cabc.Iterator[Install]:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)

    def install(name: str, target: str, *, metadata: str | None = "", source: str = "") -> None:
        info = tmp_path / f"{name}-1.5.dist-info"
        info.mkdir()
        info.joinpath("entry_points.txt").write_text(f"[framework.plugins]\n{name} = {target}\n")
        if metadata is not None:
            text = metadata or f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n"
            info.joinpath("METADATA").write_text(text)
        if source:
            tmp_path.joinpath(f"{target.split(':')[0]}.py").write_text(source)

    yield install
    for name in set(sys.modules) - before:
        del sys.modules[name]


def load() -> dict[str, Plugin]:
    return {plugin.name: plugin for plugin in plugins.load()}


def test_ours_comes_by_the_same_door() -> None:
    ours = load()["iterator"]

    assert ours.distribution == "framework-iterator"
    assert ours.error is None
    assert ours.offer.shell_names(None).keys() == {"Iterator"}
    assert str(ours) == f"iterator (framework-iterator {ours.version})"


def test_a_plugin_is_what_its_entry_point_names(install: Install) -> None:
    install("zz_kind", "zz_kind_module:plugin", source="plugin = 'what it offers'")
    found = load()["zz_kind"]

    assert (found.name, found.distribution, found.version) == ("zz_kind", "zz_kind", "1.5")
    assert found.offer == "what it offers"
    assert found.error is None


@pytest.mark.parametrize(
    ("target", "source", "reason"),
    [
        pytest.param(
            "aa_missing:plugin",
            "",
            "ModuleNotFoundError: No module named 'aa_missing'",
            id="no module",
        ),
        pytest.param(
            "aa_raises:plugin",
            "raise ValueError('two\\nlines')",
            "ValueError: two lines",
            id="any error, in one line",
        ),
        pytest.param(
            "aa_empty:plugin",
            "pass",
            "AttributeError: module 'aa_empty' has no attribute 'plugin'",
            id="no such name",
        ),
        pytest.param(
            "aa_leaves:plugin",
            "raise SystemExit(3)",
            "SystemExit: 3",
            id="sys.exit",
        ),
    ],
)
def test_a_broken_plugin_is_reported_and_harms_nothing(
    target: str, source: str, reason: str, install: Install
) -> None:
    install("aa_broken", target, source=source)
    found = load()

    assert type(found["aa_broken"].error) is PluginError
    assert str(found["aa_broken"].error) == f"Plugin aa_broken (aa_broken 1.5) doesn't load: {reason}"
    assert found["aa_broken"].error.__cause__ is not None
    assert found["aa_broken"].offer is None
    assert found["iterator"].error is None


def test_ctrl_c_in_a_plugin_is_ctrl_c(install: Install) -> None:
    install("aa_slow", "aa_slow_module:plugin", source="raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        plugins.load()


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        pytest.param(None, "aa_hurt (unknown ?)", id="no METADATA"),
        pytest.param("Metadata-Version: 2.1\nName: aa_hurt\n", "aa_hurt (aa_hurt ?)", id="no version"),
    ],
)
def test_a_damaged_installation_harms_nothing(metadata: str | None, text: str, install: Install) -> None:
    install("aa_hurt", "json:dumps", metadata=metadata)
    found = load()

    assert str(found["aa_hurt"]) == text
    assert found["iterator"].error is None


def test_plugins_come_by_name(install: Install) -> None:
    install("zz_last", "json:dumps")
    install("aa_first", "json:dumps")

    assert list(load()) == ["aa_first", "iterator", "zz_last"]


def test_an_empty_variable_leaves_only_ours(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("aa_noisy", "aa_noisy_module:plugin", source="raise KeyboardInterrupt")
    monkeypatch.setenv("FRAMEWORK_PLUGINS", "")

    assert list(load()) == ["iterator"]
