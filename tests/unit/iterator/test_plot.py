from __future__ import annotations

import pathlib
from xml.etree import ElementTree

import pytest

from framework import FrameworkError
from framework_iterator.sizes import plot
from framework_iterator.sizes.histogram import Bin

BINS = [
    pytest.param([], id="nothing"),
    pytest.param([Bin(5, 5, 3)], id="one size"),
    pytest.param([Bin(0, 9, 3), Bin(10, 1000, 1)], id="from nothing on"),
    pytest.param([Bin(290, 299, 100), Bin(300, 309, 20)], id="close together"),
    pytest.param([Bin(1, 10, 3), Bin(11, 100, 0), Bin(101, 1_000_000, 1)], id="far apart"),
]


@pytest.mark.parametrize("bins", BINS)
def test_the_name_says_whether_it_is_a_png_or_an_svg(bins: list[Bin], tmp_path: pathlib.Path) -> None:
    plot.save(bins, "flights: 3 messages", tmp_path / "sizes.png")
    plot.save(bins, "flights: 3 messages", tmp_path / "sizes.svg")

    assert tmp_path.joinpath("sizes.png").read_bytes().startswith(b"\x89PNG\r\n")
    assert ElementTree.parse(tmp_path / "sizes.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert "flights: 3 messages" in tmp_path.joinpath("sizes.svg").read_text()


def test_a_missing_matplotlib_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    plot.check_installed()
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(FrameworkError, match=r'pip install "framework-iterator\[plot\]"'):
        plot.check_installed()
