from __future__ import annotations

import sys

import pytest

import framework_iterator

NAMES = [
    "AlreadyIteratingError",
    "Batch",
    "Ended",
    "InvalidOptionError",
    "InvalidStartError",
    "Iterator",
    "IteratorError",
    "NotIteratingError",
    "PartitionReport",
    "Plan",
    "PlannedPartition",
    "Report",
    "Scan",
    "ScanError",
    "Start",
    "export",
    "scan",
    "sql",
]


def test_the_public_names() -> None:
    assert framework_iterator.__all__ == NAMES
    assert sorted(NAMES) == NAMES


def test_nothing_else_is_public() -> None:
    modules = {name.split(".")[1] for name in sys.modules if name.startswith("framework_iterator.")}
    names = {name for name in dir(framework_iterator) if not name.startswith("_")}
    assert names - modules == set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "Start"])
def test_every_public_name_is_explained(name: str) -> None:
    assert getattr(framework_iterator, name).__doc__
