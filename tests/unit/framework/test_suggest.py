from __future__ import annotations

import pytest

from framework.suggest import did_you_mean


@pytest.mark.parametrize(
    ("name", "known", "sentence"),
    [
        ("fligths", ["weather", "flights"], " Did you mean 'flights'?"),
        ("ORDERS", ["orders", "payments"], " Did you mean 'orders'?"),
        ("orders", ["ORDERS", "payments"], " Did you mean 'ORDERS'?"),
        ("Ordres", ["oRders", "Orders"], " Did you mean 'oRders' or 'Orders'?"),
        ("ab", ["aB", "Ab", "AB", "abc"], " Did you mean 'aB' or 'Ab' or 'AB'?"),
        ("weather", ["flights"], ""),
        ("weather", [], ""),
    ],
)
def test_close_names_are_suggested_whatever_their_case(name: str, known: list[str], sentence: str) -> None:
    assert did_you_mean(name, iter(known)) == sentence
