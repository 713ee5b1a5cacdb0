"""Say what to write instead of an expression that failed on a message."""

from __future__ import annotations

import ast
from typing import Any, Final

from framework import DeserializationError, Message
from framework.suggest import did_you_mean
from framework_iterator.cli.where_names import PARTS

_UNKNOWN: Final = object()


def hint_for(error: Exception, tree: ast.Expression, text: str, message: Message[Any]) -> str:
    """Return a sentence on what to write instead, with a space before it; or nothing.

    Args:
        error: What the expression raised.
        tree: The expression.
        text: The expression as it was written.
        message: The message that it was evaluated for.
    """
    if isinstance(error, DeserializationError):
        return " --skip leaves such messages out." if error.part == "payload" else ""
    found = None
    if "NoneType" in str(error):
        found = _missing(tree, text, message)
    elif isinstance(error, AttributeError):
        found = _not_an_attribute(error, tree, text, message)
    elif isinstance(error, KeyError):
        found = _not_a_key(error, tree, text)
    elif isinstance(error, TypeError) and "datetime" in str(error):
        found = "Compare text, as in str(timestamp) > '2024-01-01', which is UTC."
    elif isinstance(error, TypeError):
        found = _not_subscriptable(tree, message)
    return f" {found}" if found else ""


def _missing(tree: ast.Expression, text: str, message: Message[Any]) -> str | None:
    """Something that the expression names is None: say what, and how to pass over it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and _value(node, message) is None:
            name = ast.get_source_segment(text, node)
            is_tombstone = name == "payload" and message.is_tombstone
            state = "It is a tombstone: its payload is None" if is_tombstone else f"Here {name} is None"
            return f"{state}. Write {name} is not None and ({text})."
    return None


def _not_an_attribute(
    error: AttributeError, tree: ast.Expression, text: str, message: Message[Any]
) -> str | None:
    """`payload.total`, where the payload is a dict, text, or an object without that."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == error.name:
            if isinstance(error.obj, dict):
                return f'It is a dict: write {ast.get_source_segment(text, node.value)}["{node.attr}"].'
            if _is_part(node.value, "payload", "key") and (plain := _plain(node.value, message)):
                return plain
            return did_you_mean(node.attr, [each for each in dir(error.obj) if each[0] != "_"]).lstrip()
    return None


def _not_a_key(error: KeyError, tree: ast.Expression, text: str) -> str | None:
    """`payload["total"]`, where only some payloads have it."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Constant):
            continue
        if error.args and node.slice.value == error.args[0] and _is_part(node.value, "payload", "headers"):
            name, owner = (ast.get_source_segment(text, each) for each in (node.slice, node.value))
            return f"Write {name} in {owner} and ({text})."
    return None


def _not_subscriptable(tree: ast.Expression, message: Message[Any]) -> str | None:
    """`payload["total"]`, where the payload is an object, or text."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Subscript) or not _is_part(node.value, "payload", "key"):
            continue
        part, value = ast.unparse(node.value), _value(node.value, message)
        named = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(named, str) and named.isidentifier() and not hasattr(value, "__getitem__"):
            return f"The {part} has the type {type(value).__name__}: write {part}.{named}."
        return _plain(node.value, message)
    return None


def _plain(node: ast.expr, message: Message[Any]) -> str | None:
    part, value = ast.unparse(node), _value(node, message)
    if not isinstance(value, str | bytes):
        return None
    kind = "text" if isinstance(value, str) else "bytes"
    return f"The {part} is {kind}: --{part}-as names another deserializer."


def _is_part(node: ast.expr, *parts: str) -> bool:
    return isinstance(node, ast.Name) and node.id in parts


def _value(node: ast.expr, message: Message[Any]) -> Any:
    """Return the value of `payload.customer["name"]`; something else where there is none."""
    try:
        if isinstance(node, ast.Name):
            return getattr(message, node.id) if node.id in PARTS else _UNKNOWN
        if isinstance(node, ast.Attribute):
            return getattr(_value(node.value, message), node.attr)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            return _value(node.value, message)[node.slice.value]
    except Exception:  # properties of users may raise anything, and it is only for a hint
        return _UNKNOWN
    return _UNKNOWN
