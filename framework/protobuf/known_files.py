"""Files that schemas import without having them among their references."""

from __future__ import annotations

import functools
import importlib.util
import re
from typing import TYPE_CHECKING, Final

from framework.protobuf.confluent_files import confluent_file
from framework.protobuf.module_source import descriptor_in_module

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

# Always those of the installed protobuf: its well-known types have methods.
PROTOBUF_FOLDER: Final = "google/protobuf/"
_GOOGLE_FILE: Final = re.compile(r"google(/[a-z][a-z0-9_]*)+\.proto")


@functools.lru_cache(maxsize=256)
def known_file(name: str) -> FileDescriptorProto | None:
    """Return the descriptor of a file of protobuf, Confluent, or googleapis where installed; else None.

    It belongs to the cache: don't change it.
    """
    return _installed(name) if _GOOGLE_FILE.fullmatch(name) else confluent_file(name)


def _installed(name: str) -> FileDescriptorProto | None:
    module = name.removesuffix(".proto").replace("/", ".") + "_pb2"
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:  # its package isn't installed
        return None
    get_source = getattr(spec.loader, "get_source", None) if spec else None
    source = get_source(module) if get_source else None
    return descriptor_in_module(source) if source else None
