"""The expression of a search. An address can come from anybody, so this evaluates a small language itself.

It has comparisons, `and`, `or`, `not`, `in`, attributes, subscripts and literals over the parts of a message:
no calls, no arithmetic, no names with an underscore in front.
"""

from __future__ import annotations

import ast
import collections.abc as cabc
import datetime
import operator
from typing import Any, Final

from framework import DeserializationError, FrameworkError, Message
from framework.suggest import did_you_mean

PARTS: Final = ("topic", "partition", "offset", "timestamp", "key", "payload", "headers")
_LONGEST: Final = 1_000
"""Characters of an expression."""
_DEEPEST: Final = 50
_EXAMPLE: Final = "payload.dest == 'LAX' and payload.dep_delay > 60"

_COMPARISONS: Final[dict[type[ast.cmpop], cabc.Callable[[Any, Any], object]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, container: item in container,
    ast.NotIn: lambda item, container: item not in container,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}

_ORDERINGS: Final = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)

Evaluate = cabc.Callable[[Message[Any]], Any]


class ExpressionError(ValueError):
    """An expression is not in the language; the text says why."""


class Expression:
    """A predicate of messages. A message on which it fails doesn't match: another may have no such field.

    A schema registry that doesn't answer is an error: on no other message could it be evaluated either.

    As in SQL, nothing is less or greater than None. Text that is compared with a timestamp is a moment.

    Args:
        text: The expression. An ExpressionError says what is wrong with it.

    Attributes:
        fields: The fields of the payload that it names.
        failed: How many messages it failed on.
        reason: Why it failed first, or None.
    """

    def __init__(self, text: str) -> None:
        """Check and compile it."""
        if len(text) > _LONGEST:
            raise ExpressionError(f"Where has more than {_LONGEST:,} characters.")
        try:
            tree = ast.parse(text, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ExpressionError(f"Where is no expression. Write one such as {_EXAMPLE}") from None
        self._evaluate = _compiled(tree.body, 0)
        self.fields = list(
            dict.fromkeys(name for node in ast.walk(tree) if (name := _field(node)) is not None)
        )
        self.failed = 0
        self.reason: str | None = None

    def __call__(self, message: Message[Any]) -> bool:
        """Return whether it is true for a message."""
        try:
            return bool(self._evaluate(message))
        except DeserializationError:
            return self._fail(message, "it cannot be read")
        except FrameworkError:
            raise
        except Exception as error:  # values of the application's own classes may raise anything
            return self._fail(message, str(error) or repr(error))

    def _fail(self, message: Message[Any], reason: str) -> bool:
        self.failed += 1
        if self.reason is None:
            self.reason = f"{message}: {reason}"
        return False


def _field(node: ast.AST) -> str | None:
    """Return the field that a node takes from the payload: of `payload.dest` and `payload["dest"]`."""
    match node:
        case ast.Attribute(value=ast.Name(id="payload"), attr=name):
            return name
        case ast.Subscript(value=ast.Name(id="payload"), slice=ast.Constant(value=value)):
            return str(value)
    return None


def _ordered(compare: cabc.Callable[[Any, Any], object]) -> cabc.Callable[[Any, Any], object]:
    def test(left: Any, right: Any) -> object:
        if left is None or right is None:
            return False
        if isinstance(left, datetime.datetime) and isinstance(right, str):
            right = _moment(right)
        elif isinstance(right, datetime.datetime) and isinstance(left, str):
            left = _moment(left)
        return compare(left, right)

    return test


def _comparison(node: ast.cmpop) -> cabc.Callable[[Any, Any], object]:
    compare = _COMPARISONS[type(node)]
    return _ordered(compare) if isinstance(node, _ORDERINGS) else compare


def _moment(text: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)


def _compiled(node: ast.expr, depth: int) -> Evaluate:
    if depth > _DEEPEST:
        raise ExpressionError("Where is nested too deeply.")
    for kind, build in _BUILDERS.items():
        if isinstance(node, kind):
            return build(node, depth + 1)
    raise ExpressionError(
        f"Where can't have {_named(node)}: it compares parts of a message, such as {_EXAMPLE}"
    )


def _named(node: ast.expr) -> str:
    names = {
        ast.Call: "a call",
        ast.BinOp: "arithmetic",
        ast.Lambda: "a lambda",
        ast.JoinedStr: "an f-string",
        ast.Await: "await",
        ast.NamedExpr: ":=",
        ast.IfExp: "if and else",
    }
    return names.get(type(node)) or f"'{ast.unparse(node)[:30]}'"


def _of_name(node: ast.Name, _depth: int) -> Evaluate:
    if node.id not in PARTS:
        hint = did_you_mean(node.id, PARTS) or f" A field of the payload is payload.{node.id}."
        raise ExpressionError(f"Where has an unknown name '{node.id}'.{hint}")
    return operator.attrgetter(node.id)


def _of_constant(node: ast.Constant, _depth: int) -> Evaluate:
    value = node.value
    return lambda _message: value


def _of_attribute(node: ast.Attribute, depth: int) -> Evaluate:
    if node.attr.startswith("_"):
        raise ExpressionError(f"Where can't have '{node.attr}': what begins with an underscore is private.")
    of, name = _compiled(node.value, depth), node.attr

    def evaluate(message: Message[Any]) -> Any:
        value = of(message)
        # Undeclared JSON: payload.dest is as good as payload["dest"]; methods of dicts are of no use here.
        if isinstance(value, cabc.Mapping):
            return value[name]
        found = getattr(value, name)
        if callable(found):
            raise TypeError(f"{name} is a function")
        return found

    return evaluate


def _of_subscript(node: ast.Subscript, depth: int) -> Evaluate:
    of, index = _compiled(node.value, depth), _compiled(node.slice, depth)
    return lambda message: of(message)[index(message)]


def _of_sequence(node: ast.List | ast.Tuple | ast.Set, depth: int) -> Evaluate:
    items = [_compiled(each, depth) for each in node.elts]
    return lambda message: [each(message) for each in items]


def _of_unary(node: ast.UnaryOp, depth: int) -> Evaluate:
    of = _compiled(node.operand, depth)
    if isinstance(node.op, ast.Not):
        return lambda message: not of(message)
    if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return lambda message: -of(message)
    raise ExpressionError(f"Where can't have arithmetic: it compares parts of a message, such as {_EXAMPLE}")


def _of_bool(node: ast.BoolOp, depth: int) -> Evaluate:
    values = [_compiled(each, depth) for each in node.values]
    join = all if isinstance(node.op, ast.And) else any
    return lambda message: join(each(message) for each in values)


def _of_compare(node: ast.Compare, depth: int) -> Evaluate:
    operands = [_compiled(each, depth) for each in (node.left, *node.comparators)]
    compare = [_comparison(each) for each in node.ops]

    def evaluate(message: Message[Any]) -> bool:
        left = operands[0](message)
        for test, operand in zip(compare, operands[1:], strict=True):
            right = operand(message)
            if not test(left, right):
                return False
            left = right
        return True

    return evaluate


_BUILDERS: Final[dict[Any, cabc.Callable[[Any, int], Evaluate]]] = {
    ast.Name: _of_name,
    ast.Constant: _of_constant,
    ast.Attribute: _of_attribute,
    ast.Subscript: _of_subscript,
    (ast.List, ast.Tuple, ast.Set): _of_sequence,
    ast.UnaryOp: _of_unary,
    ast.BoolOp: _of_bool,
    ast.Compare: _of_compare,
}
