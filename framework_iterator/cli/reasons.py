"""Say why a value has no form in JSON, and which part of it."""

from __future__ import annotations

from typing import Any, Final

from framework.message_parts import reason_of
from framework_iterator.cli.binary import kind_of
from framework_iterator.cli.encode import Encode, encodable, has_form_without_others, protobuf_json
from framework_iterator.cli.kinds import is_protobuf
from framework_iterator.cli.losses import NoFormError, check_number
from framework_iterator.cli.parts import find_part

_FINE: Final = frozenset((str, bool, type(None)))
"""Classes whose values always have a form; to try each of them takes time."""


def why_not(value: Any, name: str, path: str, encode: Encode, error: Exception) -> str:
    """Return in a sentence why a value has no form in JSON, with the path of the part that has none.

    Args:
        value: The value.
        name: What it is called.
        path: Its path.
        encode: Raises an exception for it.
        error: That exception.
    """
    where = path
    if not isinstance(error, RecursionError):

        def is_wrong(whole: Any, step: str, part: Any) -> bool:
            failed = _error_of(part, encode) is not None
            return failed and not has_form_without_others(whole, step.removeprefix("."))

        value, where = find_part(value, path, is_wrong)
        error = _error_of(value, encode) or error
    if is_protobuf(value) and (reasons := protobuf_json(value, where)[1]):
        return " ".join(reasons)
    return no_form(name, _phrase(value, error, "it" if where == path else where))


def no_form(name: str, phrase: str) -> str:
    """Return the sentence that gives the reason."""
    return f"The {name} {'have' if name == 'headers' else 'has'} no JSON form: {phrase}."


def _error_of(value: Any, encode: Encode) -> Exception | None:
    if value.__class__ in _FINE:
        return None
    try:
        encodable(value, encode)
    except Exception as error:  # classes of users may raise anything here
        return error
    return None


def _phrase(value: Any, error: Exception, subject: str) -> str:
    """Return what is wrong, as `it is NaN`."""
    try:
        check_number(value)
    except NoFormError as wrong:
        error = wrong
    if isinstance(error, NoFormError):
        return f"{subject} {error}"
    if isinstance(error, RecursionError):
        return f"{subject} is nested too deeply, or in itself"
    if isinstance(value, bytes):
        return f"{subject} is {kind_of(value) or 'not UTF-8 text'}"
    # json raises the one, pydantic an error with the other text.
    if isinstance(error, UnicodeDecodeError) or "invalid utf-8" in str(error):
        return f"{subject} contains bytes that are not UTF-8 text"
    return reason_of(error) if subject == "it" else f"{subject}: {reason_of(error)}"
