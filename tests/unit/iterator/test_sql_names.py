"""The names of tables: those of topics as identifiers, each its own."""

from __future__ import annotations

import pytest

from framework_iterator.querying.names import quoted_names, renamed, table_names


@pytest.mark.parametrize(
    ("topics", "names"),
    [
        ([], {}),
        (["flights"], {"flights": "flights"}),
        (["a-b"], {"a-b": "a_b"}),
        (["a.b"], {"a.b": "a_b"}),
        (["7days"], {"7days": "_7days"}),
        (["a-b", "a.b", "a_b"], {"a-b": "a_b_2", "a.b": "a_b_3", "a_b": "a_b"}),
        (["a-b", "a.b", "a_b_2"], {"a-b": "a_b", "a.b": "a_b_3", "a_b_2": "a_b_2"}),
        (["Flights", "flights"], {"Flights": "Flights", "flights": "flights_2"}),
        (["a-b", "A_B"], {"a-b": "a_b_2", "A_B": "A_B"}),
    ],
)
def test_each_topic_has_its_own_name_whatever_the_case(topics: list[str], names: dict[str, str]) -> None:
    assert table_names(topics) == names
    assert table_names(reversed(topics)) == names


def test_a_topics_own_name_can_be_quoted_where_it_is_free() -> None:
    assert quoted_names(table_names(["a-b", "A-B", "flights"])) == {"A-B": "A-B"}


def test_what_is_said_of_a_name_that_is_taken() -> None:
    names = table_names(["a-b", "a.b", "flights"])
    sentence = "Topic 'a.b' is the table a_b_2, as a_b is the topic 'a-b'."
    assert renamed(names, {"a_b"}) == [sentence]
    assert renamed(names, {"a_b_2"}) == [sentence]
    assert renamed(names, {"flights"}) == []
