"""Draw how late flights leave, by the hour: `python -m example_app.scripts.delays delays.png`.

It needs the extras sql and plot. `docs/delays.png` was drawn by it.
"""

from __future__ import annotations

import argparse
import pathlib
import sys

from example_app import console
from example_app.app import app
from framework_iterator import sql

QUERY = """
    select sched_dep_time // 100 as hour, avg(dep_delay) as minutes, quantile_cont(dep_delay, 0.9) as worst
    from flights group by hour having count(*) >= 10 order by hour
"""
BLUE, ORANGE = "#4269d0", "#ff725c"


def hours() -> list[tuple[int, float, float]]:
    """Return each hour of scheduled departure, its mean delay, and what a tenth of its flights exceed."""
    return sql(QUERY, app=app).fetchall()


def draw(path: pathlib.Path) -> None:
    """Draw the hours into a file, PNG or SVG by its name."""
    # Without pyplot, which looks for a display.
    from matplotlib.figure import Figure

    each_hour, mean, worst = zip(*hours(), strict=True)
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    axes = figure.add_subplot()
    axes.bar(each_hour, mean, color=BLUE, label="mean")
    axes.plot(each_hour, worst, "o-", color=ORANGE, label="one in ten is later")
    axes.set(xlabel="scheduled hour of departure", ylabel="minutes late", xticks=each_hour)
    axes.set_title("Delays of the last week of 2013, New York City", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left")
    figure.savefig(path, dpi=100)


def main() -> int:
    """Draw the file that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m example_app.scripts.delays", description=main.__doc__)
    parser.add_argument("path", type=pathlib.Path, metavar="FILE", help="PNG or SVG by its name")
    path = parser.parse_args().path
    draw(path)
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
