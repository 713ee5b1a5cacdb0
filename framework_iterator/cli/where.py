"""Compile the expression of `--where`: Python, over the names of the parts of a message."""

from __future__ import annotations

import ast
import builtins
import types
import warnings
from typing import Any, Final

import click

from framework import DeserializationError, FrameworkError, Message
from framework.errors import ENDS_RUN
from framework.message_parts import reason_of
from framework.suggest import did_you_mean
from framework.terminal import escape
from framework_iterator.cli.framing import own_reason
from framework_iterator.cli.where_hints import hint_for
from framework_iterator.cli.where_names import PARTS, NameInUseError, UnknownNameError, bind_names

_OF_TIME: Final = (
    "Compare text, as in str(timestamp) > '2024-01-01', which is UTC; or use --start and --until."
)
_NOT_PYTHON: Final = {
    "datetime": _OF_TIME,
    "false": "Write False.",
    "message": "Write payload instead of message.payload, and so on.",
    "null": "Write None.",
    "re": "Write 'text' in payload, or use --grep.",
    "time": _OF_TIME,
    "true": "Write True.",
    "value": "Write payload.",
}
"""Names that people may try, and what to write instead."""


_FUNCTIONS: Final = (
    type,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodWrapperType,
)
"""What a call was forgotten of: as a value, each is true."""


class WhereError(FrameworkError):
    """The expression of `--where` failed on a message, which the text names."""


class Expression:
    """A compiled expression, which is called with a message.

    Only the parts of the message that the evaluation reaches are deserialized.

    Args:
        text: Python. A click.BadParameter shows what is wrong with it, and where.

    Attributes:
        parts: The parts of the message that it names.
    """

    def __init__(self, text: str) -> None:
        """Compile it: a mistake is reported before anything is read."""
        self._text = text.strip()
        self._tree = _parse(self._text)
        function, self.parts = _bind(self._tree, self._text)
        self._test = eval(compile(function, "--where", "eval"), {"__builtins__": builtins})

    def __call__(self, message: Message[Any]) -> bool:
        """Return whether it is true for a message; a WhereError says why it failed."""
        try:
            found = self._test(message)
            if isinstance(found, _FUNCTIONS):
                raise TypeError(f"the result is a function, which is always true. Write {self._text}(...)")
            return bool(found)
        except ENDS_RUN:
            raise  # the registry is down: the message is not the reason
        except Exception as error:
            raise WhereError(
                f"{message}: --where {self._text!r} failed: {_sentence(error)}"
                f"{hint_for(error, self._tree, self._text, message)}"
            ) from error

    def __repr__(self) -> str:
        """Return `<Expression payload.total > 1000>`."""
        return f"<Expression {self._text}>"


def where_option(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Expression | None:
    """Compile --where: a `click.option(callback=...)`."""
    return None if value is None else Expression(value)


def _parse(text: str) -> ast.Expression:
    if not text:
        raise click.BadParameter("The expression is empty. Write one such as 'payload[\"total\"] > 1000'.")
    try:
        with warnings.catch_warnings():
            # Such as `payload is 5`, which is never true.
            warnings.simplefilter("error", SyntaxWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            tree = ast.parse(text, mode="eval")
            compile(tree, "--where", "eval")  # finds more, such as `yield` outside of a function
    except SyntaxError as error:
        line = error.text if error.text is not None else text
        start = error.offset or len(line) + 1  # 0 where the end came too early
        raise _wrong(f"{_capital(error.msg)}.", line, start, error.end_offset) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise click.BadParameter(f"This is no Python expression: {reason_of(error)}.") from None
    if isinstance(tree.body, ast.Lambda):
        raise click.BadParameter(
            "A lambda is a function, which is always true. Write its body alone, "
            "such as 'payload[\"total\"] > 1000'."
        )
    return tree


def _bind(tree: ast.Expression, text: str) -> tuple[ast.Expression, frozenset[str]]:
    try:
        return bind_names(tree)
    except UnknownNameError as error:
        raise _wrong(f"{error} {_advice(error.name)}", text, *error.place(text)) from None
    except NameInUseError as error:
        raise _wrong(str(error), text, *error.place(text)) from None
    except RecursionError:
        raise click.BadParameter("The expression is too long.") from None


def _advice(name: str) -> str:
    names = f"The names are {', '.join(PARTS)}, and those of Python itself."
    if name in _NOT_PYTHON:
        return f"{_NOT_PYTHON[name]} {names}"
    known = [*PARTS, *(each for each in dir(builtins) if each.isalpha() and each.islower())]
    close = did_you_mean(name, known).lstrip()
    return f"{close or _in_payload(name)} {names}"


def _in_payload(name: str) -> str:
    return f'A field of the payload is payload.{name}, or payload["{name}"].'


def _wrong(sentence: str, line: str, start: int, end: int | None) -> click.BadParameter:
    """Return the error for a mistake, with the line and a caret below the place, which counts from 1."""
    from rich.cells import cell_len  # only for errors

    line = line.rstrip("\n")
    before = cell_len(escape(line[: start - 1]))
    width = cell_len(escape(line[start - 1 : end - 1])) if end is not None and end > start else 1
    return click.BadParameter(
        f"{escape(sentence)}\n\n  {escape(line)}\n  {' ' * before}{'^' * max(1, width)}"
    )


def _sentence(error: Exception) -> str:
    text = own_reason(error) if isinstance(error, DeserializationError) else reason_of(error)
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")
