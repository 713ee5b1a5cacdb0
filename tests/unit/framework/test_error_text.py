from __future__ import annotations

import pytest

from framework.error_text import text_of, typed_text_of


class MuteError(Exception):
    def __str__(self) -> str:
        raise ValueError("no text")


@pytest.mark.parametrize(
    ("error", "text", "typed"),
    [
        (ValueError("too long"), "too long", "ValueError: too long"),
        (ValueError("two\n  lines "), "two lines", "ValueError: two lines"),
        (KeyError("a"), "'a'", "KeyError: 'a'"),
        (ValueError(), "ValueError", "ValueError"),
        (ValueError(" \n"), "ValueError", "ValueError"),
        (GeneratorExit(), "GeneratorExit", "GeneratorExit"),
        (MuteError(), "MuteError", "MuteError"),
    ],
    ids=repr,
)
def test_a_sentence_about_an_exception_always_says_something(
    error: BaseException, text: str, typed: str
) -> None:
    assert (text_of(error), typed_text_of(error)) == (text, typed)
