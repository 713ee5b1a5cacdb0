"""Draw a histogram into a file, for `framework sizes --plot`."""

from __future__ import annotations

import collections.abc as cabc
import importlib.util
import pathlib
from typing import Final

from framework import FrameworkError
from framework_iterator.sizes.histogram import Bin, is_logarithmic

FORMATS: Final = (".png", ".svg")


def check_installed() -> None:
    """Raise a FrameworkError that says what to install, if matplotlib is missing."""
    if importlib.util.find_spec("matplotlib") is None:
        raise FrameworkError('A plot needs matplotlib: pip install "framework-iterator[plot]"')


def save(bins: cabc.Sequence[Bin], title: str, path: pathlib.Path) -> None:
    """Draw the bins into a file, PNG or SVG by its name."""
    # Without pyplot, which looks for a display.
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    edges = [each.low for each in bins] + [each.high + 1 for each in bins[-1:]]
    axes.stairs([each.messages for each in bins], edges or [0], fill=True)
    integers = FuncFormatter(lambda value, _: f"{value:,.0f}")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
        axis.set_major_formatter(integers)
    if edges and is_logarithmic(edges[0], edges[-1]):
        axes.set_xscale("symlog" if edges[0] == 0 else "log")
        axes.xaxis.set_major_formatter(integers)
    axes.set(title=title, xlabel="bytes: key, payload and headers", ylabel="messages")
    figure.savefig(path, dpi=150)
