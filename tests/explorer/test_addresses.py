from __future__ import annotations

import datetime
import urllib.parse

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework_iterator.explorer.addresses import AddressError, View, start_of, view_of

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


@settings(deadline=None)
@given(
    partition=st.none() | st.integers(0, 999_999),
    start=st.sampled_from(["", "0", "100", "5m", "2013-12-25", "2013-12-25T10:00Z", "0:5,3:100"]),
    order=st.sampled_from(["newest", "oldest"]),
    contains=TEXTS,
    key=TEXTS,
    where=TEXTS.map(str.strip),
    is_live=st.booleans(),
)
def test_the_address_of_a_view_leads_to_the_same_view(**parts: object) -> None:
    view = View("flights.of-2013", **parts)  # type: ignore[arg-type]
    path, _, query = view.address().partition("?")
    assert path == "/topics/flights.of-2013"
    assert view_of("flights.of-2013", dict(urllib.parse.parse_qsl(query))) == view


def test_a_view_as_usual_has_a_plain_address() -> None:
    assert View("flights").address() == "/topics/flights"
    assert View("flights", order="oldest").address("/events") == "/topics/flights/events?order=oldest"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", None),
        ("100", 100),
        ("0:5,3:100", {0: 5, 3: 100}),
        ("90s", datetime.timedelta(seconds=90)),
        ("2d", datetime.timedelta(days=2)),
        ("2013-12-25", datetime.datetime(2013, 12, 25, tzinfo=datetime.UTC)),
        ("2013-12-25T10:00+01:00", datetime.datetime(2013, 12, 25, 9, tzinfo=datetime.UTC)),
    ],
)
def test_a_start_is_an_offset_a_moment_a_duration_or_positions(text: str, meant: object) -> None:
    assert start_of(text) == meant


@pytest.mark.parametrize("text", ["yesterday", "-5", "5w", "0:", "1:2:3", "²", "9" * 30, "99999999999d"])
def test_another_start_is_an_error_that_says_what_can_be_written(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        start_of(text)
    assert str(caught.value) == (
        f"From '{text}' has no meaning: write an offset such as 100, a moment such as 2013-12-25T10:00Z, "
        "or how long ago, such as 5m or 2d."
    )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"order": "random"}, "Order 'random' is unknown: choose newest or oldest."),
        ({"partition": "a"}, "Partition 'a' is no number: write one such as 0, or nothing for all."),
        ({"wher": "1"}, "The address has an unknown part 'wher'. Did you mean 'where'?"),
    ],
)
def test_an_address_that_means_nothing_says_so(query: dict[str, str], sentence: str) -> None:
    with pytest.raises(AddressError) as caught:
        view_of("flights", query)
    assert str(caught.value) == sentence
