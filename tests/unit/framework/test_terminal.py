from __future__ import annotations

import pytest

from framework.terminal import escape


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Zürich, 漢字 \\ \U0001f468", "Zürich, 漢字 \\ \U0001f468", id="text stays"),
        pytest.param("a\r\nb\tc", "a\\u000d\\u000ab\\u0009c", id="one line"),
        pytest.param("\x1b[2J\x07\x7f\x9b", "\\u001b[2J\\u0007\\u007f\\u009b", id="controls"),
        pytest.param("a\u202eb\u200d", "a\\u202eb\\u200d", id="direction"),
        pytest.param("\ud800", "\\ud800", id="a lone surrogate"),
    ],
)
def test_no_terminal_acts_upon_what_is_safe(text: str, shown: str) -> None:
    assert escape(text) == shown
