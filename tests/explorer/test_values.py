from __future__ import annotations

from framework import App
from framework.testing import build_message
from framework_iterator.explorer.values import Node, line_of, tree


def nodes(node: Node) -> int:
    return 1 + sum(nodes(part) for part in node.parts)


def test_a_tree_shows_two_thousand_parts_in_all_and_says_how_many_it_leaves_out() -> None:
    found = tree([[1] * 500] * 500)
    assert nodes(found) == 2_001
    assert [part.left_out for part in found.parts] == [0, 0, 0, 4]
    assert (found.text, found.left_out) == ("500 parts", 496)


def test_a_small_value_is_shown_as_a_whole() -> None:
    found = tree({"dest": "LAX", "legs": [1, 2]})
    assert (found.kind, found.text, found.left_out) == ("dict", "2 parts", 0)
    assert [(part.name, part.text) for part in found.parts] == [("dest", "LAX"), ("legs", "2 parts")]
    assert [part.text for part in found.parts[1].parts] == ["1", "2"]


def test_a_line_shows_three_levels_of_a_value() -> None:
    message = build_message("flights", b'{"a": {"b": [1, {"c": {"d": 1}}, []]}, "e": 2}', app=App())
    assert line_of(message)["payload"] == "a={b={1, {c={…}}, {}}}  e=2"
