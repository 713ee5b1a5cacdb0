from __future__ import annotations

import pytest

from framework.suggest import did_you_mean


@pytest.mark.parametrize(
    ("name", "known", "sentence"),
    [
        ("fligths", ["weather", "flights"], " Did you mean 'flights'?"),
        ("ORDERS", ["orders", "payments"], " Did you mean 'orders'?"),
        ("orders", ["ORDERS", "payments"], " Did you mean 'ORDERS'?"),
        ("ORDRES", ["orders", "payments"], " Did you mean 'orders'?"),
        ("ORDERS", ["ORDERS-EU", "orders"], " Did you mean 'orders'?"),
        ("ab", ["aB", "Ab", "AB", "aBc", "abd"], " Did you mean 'aB' or 'Ab' or 'AB'?"),
        ("Ordr", ["Reader", "Order"], " Did you mean 'Order'?"),
        ("weather", ["flights"], ""),
        ("weather", [], ""),
    ],
)
def test_close_names_are_suggested_whatever_their_case(name: str, known: list[str], sentence: str) -> None:
    assert did_you_mean(name, iter(known)) == sentence
