"""The options --payload-as and --key-as, and the deserializers of the topics on the line."""

from __future__ import annotations

import collections.abc as cabc
import importlib
import operator
import pathlib
import re
import sys
from typing import Any, Final

import click

from framework import App, Deserializers, RoutingError, Topic, deserializers
from framework.cli.common import is_recognized
from framework.deserializers.ready import text_or_bytes
from framework.deserializers.recognized import auto_or_fail
from framework.importing import import_named
from framework.models import is_framed
from framework.suggest import did_you_mean
from framework.types import NOT_GIVEN
from framework_iterator.cli.framing import Framing

_READY: Final = {
    "auto": "auto",
    "bytes": "raw",
    "float32": "float32",
    "float64": "float64",
    "int32": "int32",
    "int64": "int64",
    "json": "json",
    "msgpack": "msgpack",
    "raw": "raw",
    "text": "text",
    "uuid": "uuid",
    "xml": "xml",
}
"""Names on the command line, and those in framework.deserializers."""
_SCHEMAS: Final = {"avro": "avro", "json-schema": "json_schema", "protobuf": "protobuf"}
"""The same for framework.schemas."""
NAMES: Final = tuple(sorted(_READY | _SCHEMAS))


def find_deserializer(option: str, part: str, name: str) -> Any:
    """Return the deserializer of this name: a ready one, or `module:object`.

    A name that is no deserializer is a BadParameter; an error inside the module is raised with its own
    traceback.

    Args:
        option: The option, as `--payload-as`.
        part: "payload" or "key".
        name: What was written.
    """
    try:
        found = _object(name) if ":" in name else _ready(name)
        Deserializers(**{part: found})
    except (_UnknownError, RoutingError) as error:
        raise click.BadParameter(str(error), param_hint=f"'{option}'") from error
    return found


def declare(app: App, name: str, payload: Any = NOT_GIVEN, key: Any = NOT_GIVEN) -> Topic[Any]:
    """Return a topic as the application declares it, except for a given payload or key.

    The payload of a topic that nobody declared is `auto`, unless the application has a default.
    """
    declared = app.routes.find_or_default(name)
    own = declared.deserializers
    default = deserializers.auto if is_recognized(app, name) else own.payload
    topic: Topic[Any] = Topic(
        name,
        payload=default if payload is NOT_GIVEN else payload,
        key=own.key if key is NOT_GIVEN else key,
        headers=own.headers,
        active=declared.active,
        tombstones=declared.tombstones,
        partitioner=declared.partitioner,
    )
    return topic


def declare_decoded(app: App, name: str, payload: Any = NOT_GIVEN, key: Any = NOT_GIVEN) -> Topic[Any]:
    """Return a topic for files and tables: what a schema registry doesn't decode is an error in them."""
    own = declare(app, name, payload, key).deserializers
    payload, key = (auto_or_fail if each is deserializers.auto else each for each in (own.payload, own.key))
    return declare(app, name, payload, key)


def framing_of(app: App, topics: cabc.Iterable[Topic[Any]]) -> Framing:
    """Return what explains bytes that were not decoded, for these topics."""
    return Framing(app.schema_registry, {topic.name: app.routes.deserializers(topic) for topic in topics})


def declare_raw(app: App, name: str, **given: Any) -> Topic[Any]:
    """Return a topic of which nothing is deserialized, so that no schema registry is needed.

    Args:
        app: The application.
        name: The topic's name.
        given: Deserializers of parts that are read all the same; NOT_GIVEN means as declared.
    """
    return declare(app, name, **{"payload": deserializers.raw, "key": deserializers.raw} | given)


def declare_hex(app: App, name: str, **given: Any) -> Topic[Any]:
    """Return a topic whose payloads stay bytes, and whose keys need no schema registry either."""
    declared = app.routes.deserializers(app.routes.find_or_default(name)).key
    key = text_or_bytes if is_framed(declared) else NOT_GIVEN
    return declare_raw(app, name, **{"key": key} | given)


class _UnknownError(Exception):
    """There is no deserializer of this name."""


def _ready(name: str) -> Any:
    if name in _READY:
        return getattr(deserializers, _READY[name])
    if name in _SCHEMAS:
        return getattr(importlib.import_module("framework.schemas"), _SCHEMAS[name])()
    raise _UnknownError(
        f"No deserializer '{name}'.{did_you_mean(name, NAMES)} There are {', '.join(NAMES)}, and "
        "module:object for your own."
    )


def _object(name: str) -> Any:
    if not re.fullmatch(r"\w+(\.\w+)*:\w+(\.\w+)*", name):
        raise _UnknownError(
            f"'{name}' doesn't name a deserializer. Write module:object, as shop.models:Order."
        )
    module_name, attribute = name.split(":")
    if (here := str(pathlib.Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    module = import_named(module_name)
    if isinstance(module, str):
        raise _UnknownError(f"No module '{module}'; searched from {here}.")
    try:
        return operator.attrgetter(attribute)(module)
    except AttributeError:
        raise _UnknownError(
            f"Module '{module_name}' has no '{attribute}'.{did_you_mean(attribute, vars(module))}"
        ) from None
