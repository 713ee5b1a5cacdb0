"""Columns need a library that may be missing, which is said before anything is read."""

from __future__ import annotations

import importlib.util
import pathlib

import pytest

import framework_iterator
from framework import App, FrameworkError
from framework_iterator import Iterator


def test_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    iterator = Iterator("flights", app=App(kafka={"bootstrap.servers": "127.0.0.1:1"}))
    with pytest.raises(FrameworkError) as caught:
        iterator.to_arrow()
    assert str(caught.value) == 'to_arrow() needs pyarrow: pip install "framework-iterator[arrow]"'
    with pytest.raises(FrameworkError) as caught:
        framework_iterator.export(iterator, tmp_path / "flights.csv")
    assert str(caught.value) == 'export() needs pyarrow: pip install "framework-iterator[arrow]"'
    assert list(tmp_path.iterdir()) == []
