from __future__ import annotations

import pytest

from framework import App
from framework.testing import run_command


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("consume a", "No command 'consume'. Did you mean 'iterate'?"),
        ("iterate a --from-beginning", "No such option: --from-beginning. Write --start earliest."),
        ("iterate a -n 1", "No such option: -n. Write --limit 1."),
        ("iterate a,b", "Name topics with blanks between: a b."),
        ("iterate a:0", "Name a partition by its option: a --partition 0."),
        ("iterate a-b-0@17", "Name an offset by its partition: a-b --partition 0=17."),
        ("iterate a --partition 0,1", "'0,1' isn't a partition. Write --partition 0 --partition 1."),
    ],
)
def test_what_other_command_lines_take_is_refused_with_what_to_write(arguments: str, sentence: str) -> None:
    result = run_command(*arguments.split(), app=App())

    assert result.exit_code == 2
    assert result.stderr.endswith(f"{sentence}\n")
