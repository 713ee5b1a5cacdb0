from __future__ import annotations

import decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework_iterator import InvalidStartError
from framework_iterator.planning.corrections import correction, moment_of
from framework_iterator.planning.starts import parse, parse_end


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1700000000, "2023-11-14T22:13:20Z"),
        (1700000000000, "2023-11-14T22:13:20Z"),
        (1700000000123, "2023-11-14T22:13:20.123Z"),
        (1700000000000000, "2023-11-14T22:13:20Z"),
        (1700000000000000000, "2023-11-14T22:13:20Z"),
        (1700000000.25, "2023-11-14T22:13:20.250Z"),
        (decimal.Decimal(1700000000), "2023-11-14T22:13:20Z"),
        (946684800, "2000-01-01T00:00:00Z"),
        (20240101, "2024-01-01"),
        (202401011230, "2024-01-01T12:30:00"),
        (20240101123059, "2024-01-01T12:30:59"),
    ],
)
def test_a_number_looks_like_a_moment(number: float | decimal.Decimal, expected: str) -> None:
    assert moment_of(number) == expected


@pytest.mark.parametrize(
    "number",
    [
        0, 1, -1, 2024, 6064, 946684799, 4102444800, 5_000_000_000, 20241301, 20230229, 19991231, 99999999,
        -1700000000, 2**63, 2**70, float("nan"), float("inf"), 1e300, decimal.Decimal("sNaN"),
    ],
)  # fmt: skip
def test_any_other_number_looks_like_an_offset(number: float | decimal.Decimal) -> None:
    assert moment_of(number) is None


MEANT = [
    ("latst", " Did you mean 'latest'?"),
    ("Latest", " Did you mean 'latest'?"),
    (" latest", " Did you mean 'latest'?"),
    ("end", " Did you mean 'latest'?"),
    ("now", " Did you mean 'latest'?"),
    ("beginning", " Did you mean 'earliest'?"),
    ("100", " Write 100, without quotes."),
    ("-10", " Write -10, without quotes."),
    ("5m", " Write datetime.timedelta(minutes=5), which is that long ago."),
    ("-1.5 Hours", " Write datetime.timedelta(hours=1, minutes=30), which is that long ago."),
    ("today", " Write datetime.date.today()."),
    ("yesterday", " Write datetime.date.today() - datetime.timedelta(days=1)."),
    ("2013-12-25", " Write datetime.datetime.fromisoformat('2013-12-25')."),
    ("2013-12-25T10:00Z", " Write datetime.datetime.fromisoformat('2013-12-25T10:00Z')."),
    (1e6, " Write 1000000, an int."),
    (-1.0, " Write -1, an int."),
    (decimal.Decimal(5), " Write 5, an int."),
    (1700000000.25, " Write datetime.datetime.fromisoformat('2023-11-14T22:13:20.250Z')."),
    ("1700000000", " Write datetime.datetime.fromisoformat('2023-11-14T22:13:20Z')."),
]


@pytest.mark.parametrize(("written", "ending"), MEANT, ids=[repr(written) for written, _ in MEANT])
def test_a_refused_value_that_means_something_is_told_how_to_be_written(written: object, ending: str) -> None:
    for understood in (parse, parse_end):
        with pytest.raises(InvalidStartError) as caught:
            understood(written)
        assert str(caught.value).endswith(ending)
        assert repr(written) in str(caught.value)


@pytest.mark.parametrize("written", ["comitted", "committed"])
def test_the_committed_offset_is_never_proposed_as_an_end(written: str) -> None:
    with pytest.raises(InvalidStartError) as caught:
        parse_end(written)
    assert str(caught.value).endswith('"earliest" or "latest".')


class datetime64:  # noqa: N801
    """As numpy's, which has no zone."""


def test_numpys_times_are_told_how_to_become_ours() -> None:
    assert correction(datetime64(), ()) == (
        " Write value.astype('datetime64[ms]').item().replace(tzinfo=datetime.UTC)."
    )


@given(st.floats() | st.decimals() | st.text() | st.integers() | st.from_regex(r"-?[0-9]{1,21}"))
def test_no_value_breaks_it(written: object) -> None:
    assert isinstance(correction(written, ("earliest", "latest")), str)
