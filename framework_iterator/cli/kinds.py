"""Recognize objects of libraries that nothing here imports."""

from __future__ import annotations

import sys
from typing import Any


def is_protobuf(value: object) -> bool:
    """Whether it is a Protobuf message."""
    return _is_instance(value, "google.protobuf.message", "Message")


def xml_text(value: Any) -> str | None:
    """Return the XML of an element; None for anything else."""
    if not _is_instance(value, "xml.etree.ElementTree", "Element"):
        return None
    from xml.etree.ElementTree import tostring

    return tostring(value, encoding="unicode")


def _is_instance(value: object, module: str, name: str) -> bool:
    # An object of this class exists only where its module was imported: the others need no import here.
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and isinstance(value, kind)
