"""How deep a JSON Schema nests, along its references too. Pure."""

from __future__ import annotations

import collections.abc as cabc
import urllib.parse
from typing import Any, Final

_ANCHORS: Final = ("$anchor", "$dynamicAnchor")
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")


def resolve(base: str, reference: str) -> str:
    """Return the address that a reference means in a document with this address."""
    if reference.startswith("#"):
        return urllib.parse.urldefrag(base).url + reference
    scheme, colon, rest = base.partition(":")
    if not colon or not rest.startswith("/") or urllib.parse.urlsplit(reference).scheme:
        return urllib.parse.urljoin(base, reference)
    # urljoin knows some schemes only, and all of those that have a path are alike.
    return scheme + urllib.parse.urljoin(f"http:{rest}", reference).removeprefix("http")


def id_of(document: Any) -> str:
    """Return the address that a schema gives itself, empty if none."""
    if not isinstance(document, dict):
        return ""
    found = document.get("id" if "draft-04" in str(document.get("$schema")) else "$id")
    return found if isinstance(found, str) else ""


class SchemaGraph:
    """The objects and lists of schemas, each with those it holds or refers to.

    Args:
        documents: Schemas by the name under which they are referred to; that of the schema itself is empty.
            One schema may have several names.
    """

    def __init__(self, documents: cabc.Mapping[str, Any]) -> None:
        """Collect the addresses of all that can be referred to."""
        self._roots = list(documents.values())
        self._addresses: dict[str, Any] = dict(documents)
        # By identity: a schema is no key. Several, since drafts differ in which `$id` counts beside a `$ref`.
        self._bases: dict[int, tuple[str, ...]] = {}
        for name, document in documents.items():
            self._collect(name, document)

    def depth(self) -> tuple[int, bool]:
        """Return the length of the longest path, and whether there is a cycle. A cycle is followed once."""
        depths: dict[int, int] = {}
        is_recursive = False
        # A stack of our own: Python's would overflow where the validator's does.
        path = [(self._roots, iter(_held(self._roots)))]
        on_path: set[int] = set()
        while path:
            node, remaining = path[-1]
            child = next((each for each in remaining if id(each) not in depths), None)
            if child is None:
                path.pop()
                on_path.discard(id(node))
                below = (depths.get(id(each), 0) for each in self._children(node))
                depths[id(node)] = 1 + max(below, default=0)
            elif id(child) in on_path:
                is_recursive = True
            else:
                on_path.add(id(child))
                path.append((child, iter(self._children(child))))
        return depths[id(self._roots)] - 1, is_recursive

    def _collect(self, name: str, document: Any) -> None:
        root = (resolve(name, id_of(document)), name)
        waiting = [(root[0], document)]
        while waiting:
            outer, node = waiting.pop()
            base = outer
            if isinstance(node, dict):
                if own := id_of(node):
                    base = resolve(outer, own).removesuffix("#")
                    self._addresses.setdefault(base, node)
                for anchor in _ANCHORS:
                    if isinstance(node.get(anchor), str):
                        for each in {base, outer, *root}:
                            self._addresses.setdefault(resolve(each, f"#{node[anchor]}"), node)
            self._bases[id(node)] = (base, outer, *root)
            waiting.extend((base, each) for each in _held(node))

    def _children(self, node: Any) -> list[Any]:
        children = _held(node)
        if isinstance(node, dict):
            for keyword in _REFERENCES:
                if isinstance(reference := node.get(keyword), str):
                    bases = dict.fromkeys(self._bases[id(node)])
                    found = [self._find(resolve(base, reference)) for base in bases]
                    children.extend(each for each in found if isinstance(each, dict | list))
        return children

    def _find(self, address: str) -> Any:
        if address in self._addresses:
            return self._addresses[address]
        document, _, pointer = address.partition("#")
        node = self._addresses.get(document)
        for part in urllib.parse.unquote(pointer).split("/")[1:]:
            part = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict):
                node = node.get(part)
            elif isinstance(node, list) and part.isdecimal() and int(part) < len(node):
                node = node[int(part)]
            else:
                return None
        return node


def _held(node: Any) -> list[Any]:
    values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [each for each in values if isinstance(each, dict | list)]
