"""What an `oauth_cb` returns is checked at once; librdkafka would say nothing for ten seconds."""

from __future__ import annotations

import time
from typing import Any

import pytest

from framework import AuthenticationError
from framework.tokens import Tokens

TOKEN = "ey.SECRET.x"
LATER = time.time() + 3600


def tokens(*returned: Any) -> Tokens:
    """Give these, one at each call; an exception is raised."""
    left = iter(returned)

    def oauth_cb(_: object) -> object:
        result = next(left)
        if isinstance(result, BaseException):
            raise result
        return result

    return Tokens(oauth_cb, None, "h:1", 5.0)


@pytest.mark.parametrize(
    ("returned", "problem"),
    [
        (None, "None"),
        (TOKEN, "a str"),
        ({"access_token": TOKEN}, "a dict"),
        ((), "a tuple of 0"),
        ((TOKEN,), "a tuple of 1"),
        ((TOKEN, LATER, "", {}, 5), "a tuple of 5"),
        ([TOKEN, LATER], "a list"),
        ((TOKEN.encode(), LATER), "a bytes as the token"),
        (("", LATER), "a token that is empty, or has spaces or letters that are not ASCII"),
        ((f"{TOKEN}\n", LATER), "a token that is empty, or has spaces or letters that are not ASCII"),
        ((TOKEN, "soon"), "a str as the expiry"),
        ((TOKEN, None), "None as the expiry"),
        ((TOKEN, float("nan")), "a float as the expiry"),
        ((TOKEN, 3600), "the expiry 3600, which is over (seconds from now? Add time.time())"),
        ((TOKEN, 1.7e9), "the expiry 1700000000.0, which is over"),
        (
            (TOKEN, 4_000_000_000_000),
            "the expiry 4000000000000, which is after the year 5000 (milliseconds? Divide by 1000)",
        ),
        ((TOKEN, LATER, None), "None as the principal"),
        ((TOKEN, LATER, "u", "a=b"), "a str as the extensions"),
        (
            (TOKEN, LATER, "u", {"auth": "b"}),
            "an extension named 'auth', where names are letters, and not 'auth'",
        ),
        ((TOKEN, LATER, "u", {"a": 5}), "an int as the extension 'a', where values are ASCII text"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_nonsense_is_told_with_what_is_expected_and_without_the_token(returned: Any, problem: str) -> None:
    with pytest.raises(AuthenticationError) as caught:
        tokens(returned)
    assert str(caught.value).startswith(
        f"There is no token for the login at h:1: oauth_cb returned {problem}; expected (token, expiry) or "
    )
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("returned", [(TOKEN, LATER), (TOKEN, LATER, "u"), (TOKEN, LATER, "u", {"a": "b"})])
def test_a_token_is_passed_on(returned: Any) -> None:
    given = tokens(returned)(None)
    assert given[: len(returned)] == returned
    assert len(given) == 4


def test_a_renewal_that_fails_counts_when_the_last_token_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = ValueError("mine")
    each = tokens((TOKEN, LATER), mine)
    each(None)
    with pytest.raises(AuthenticationError):
        each(None)
    assert each.failure is None

    monkeypatch.setattr("time.time", lambda: LATER)
    assert isinstance(each.failure, AuthenticationError)
    assert each.failure.__cause__ is mine


def test_a_renewal_that_succeeds_later_is_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    each = tokens((TOKEN, LATER), ValueError("mine"), (TOKEN, LATER + 3600))
    each(None)
    with pytest.raises(AuthenticationError):
        each(None)
    each(None)

    monkeypatch.setattr("time.time", lambda: LATER)
    assert each.failure is None


def test_a_way_out_in_a_renewal_counts_at_once() -> None:
    each = tokens((TOKEN, LATER), KeyboardInterrupt())
    each(None)
    with pytest.raises(KeyboardInterrupt):
        each(None)
    assert isinstance(each.failure, KeyboardInterrupt)
