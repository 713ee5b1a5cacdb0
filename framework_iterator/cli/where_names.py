"""Bind the names of an expression to the parts of a message. Pure."""

from __future__ import annotations

import ast
import builtins
import collections.abc as cabc
import contextlib
import copy
from typing import Final

PARTS: Final = ("topic", "partition", "offset", "timestamp", "key", "payload", "headers")
"""The names that an expression can use, besides Python's own."""
_MESSAGE: Final = "__message__"
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class _NameError(Exception):
    """A name that can't be used so.

    Args:
        node: Where it is.
        name: The name.
        sentence: Why.
    """

    def __init__(self, node: ast.expr, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name
        self._node = node

    def place(self, text: str) -> tuple[int, int]:
        """Return where the name begins and ends in its line: characters, from 1."""
        line = text.splitlines()[self._node.lineno - 1].encode()
        start = len(line[: self._node.col_offset].decode())
        return start + 1, start + 1 + len(self.name)


class UnknownNameError(_NameError):
    """A name is neither a part of a message nor Python's own."""


class NameInUseError(_NameError):
    """An expression assigns to a part of the message."""


def bind_names(tree: ast.Expression) -> tuple[ast.Expression, frozenset[str]]:
    """Return a function of a message as an expression, and the parts that the expression names.

    Each name of a part becomes an attribute of the message, so that a part is deserialized when the
    evaluation reaches it. Names that a lambda or a comprehension binds stay as they are.

    Args:
        tree: The expression, which is left as it is. Names that are unknown, or are assigned though they are
            parts, are an UnknownNameError or a NameInUseError.
    """
    binder = _Binder(tree)
    body = binder.visit(copy.deepcopy(tree.body))
    parameters = ast.arguments([], [ast.arg(_MESSAGE)], None, [], [], None, [])
    function = ast.Expression(ast.Lambda(parameters, body))
    return ast.fix_missing_locations(function), frozenset(binder.parts)


class _Binder(ast.NodeTransformer):
    """Replaces the names of parts, and knows which names are bound where.

    Args:
        tree: The whole expression. What `:=` binds counts as bound in all of it.
    """

    def __init__(self, tree: ast.Expression) -> None:
        self.parts: set[str] = set()
        self._bound: frozenset[str] = frozenset()
        for node in ast.walk(tree):
            if isinstance(node, ast.NamedExpr):
                if node.target.id in PARTS:
                    sentence = f"'{node.target.id}' is a part of the message: assign to another name."
                    raise NameInUseError(node.target, node.target.id, sentence)
                self._bound |= {node.target.id}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace the name of a part."""
        if isinstance(node.ctx, ast.Store) or node.id in self._bound:
            return node
        if node.id in PARTS:
            self.parts.add(node.id)
            return ast.copy_location(ast.Attribute(ast.Name(_MESSAGE, ast.Load()), node.id, ast.Load()), node)
        if not hasattr(builtins, node.id):
            raise UnknownNameError(node, node.id, f"Unknown name '{node.id}'.")
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        """Bind the parameters in the body; defaults are outside of it."""
        node.args = self.visit(node.args)
        found = node.args
        parameters = [*found.posonlyargs, *found.args, *found.kwonlyargs, found.vararg, found.kwarg]
        with self._binding(each.arg for each in parameters if each is not None):
            node.body = self.visit(node.body)
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        """Bind the names that it iterates with."""
        return self._visit_comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        """Bind the names that it iterates with."""
        return self._visit_comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        """Bind the names that it iterates with."""
        return self._visit_comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        """Bind the names that it iterates with."""
        return self._visit_comprehension(node)

    def _visit_comprehension(self, node: _Comprehension) -> ast.expr:
        # Python evaluates the first iterable outside of the comprehension.
        first = node.generators[0]
        first_iterable = self.visit(first.iter)
        first.iter = ast.Constant(None)
        targets = [each for generator in node.generators for each in ast.walk(generator.target)]
        with self._binding(each.id for each in targets if isinstance(each, ast.Name) and _is_stored(each)):
            self.generic_visit(node)
        first.iter = first_iterable
        return node

    @contextlib.contextmanager
    def _binding(self, names: cabc.Iterable[str]) -> cabc.Generator[None]:
        before = self._bound
        self._bound = before | frozenset(names)
        try:
            yield
        finally:
            self._bound = before


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)
