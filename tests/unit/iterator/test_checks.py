from __future__ import annotations

import pytest

from framework_iterator.checks import natural


class Index:
    """An integer of another library's, as numpy has them."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number

    def __repr__(self) -> str:
        return f"Index({self.number})"


@pytest.mark.parametrize(
    ("written", "number"), [(0, 0), (1, 1), (2**70, 2**70), (Index(0), 0), (Index(7), 7)], ids=repr
)
def test_whole_numbers_from_zero_are_natural(written: object, number: int) -> None:
    assert natural(written) == number
    assert type(natural(written)) is int


@pytest.mark.parametrize("written", [-1, Index(-1), True, False, 1.0, "1", b"1", None, [], 1j], ids=repr)
def test_anything_else_is_not(written: object) -> None:
    assert natural(written) is None
