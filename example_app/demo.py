"""Shows the example at work, with nothing installed: `python -m example_app.demo`.

Starts a broker inside this process, fills it, and takes the tour in `tour.py`: each step is shown
as it stands there, and then run.
"""

from __future__ import annotations

import collections.abc as cabc
import os
import pathlib
import sys
from typing import Any

import click

from example_app import console
from framework import FrameworkError
from framework.testing import mock_cluster

TOUR = pathlib.Path(__file__).parent / "tour.py"


def main() -> int:
    """Give the demonstration; if it fails, 1 and one line on stderr."""
    try:
        with mock_cluster() as servers:
            use_only(servers)
            show()
    except BrokenPipeError:
        raise
    except (FrameworkError, ImportError, OSError) as error:
        print(f"The demo failed: {error}", file=sys.stderr)
        return 1
    return 0


def use_only(servers: str) -> None:
    """Have the environment name this broker and nothing else of Kafka, such as a login."""
    for name in [name for name in os.environ if name.startswith("KAFKA_")]:
        del os.environ[name]
    os.environ["KAFKA_BOOTSTRAP_SERVERS"] = servers


def show() -> None:
    """Fill the broker, then show and run the steps of the tour."""
    # Not at the top: the app reads its environment when it is made.
    from example_app.app import app
    from example_app.seed import seed

    say("An embedded broker has started. Real records are written to it:", bold=True)
    for topic, count in seed(app, create=False).items():
        print(f"{topic:<8} {count:>6,} messages")
    names: dict[str, object] = {}
    for title, code in steps(TOUR.read_text(encoding="utf-8")):
        say(f"\n{title}", bold=True)
        for line in code.splitlines():
            say(f"{'...' if line.startswith(' ') else '>>>'} {line}", fg="cyan")
        exec(compile(code, TOUR, "exec", dont_inherit=True), names)


def steps(source: str) -> cabc.Iterator[tuple[str, str]]:
    """The paragraphs of a program behind its docstring, as title (the comment on top) and code."""
    for paragraph in source.strip().split("\n\n")[1:]:
        lines = paragraph.splitlines()
        title = [line.removeprefix("# ") for line in lines if line.startswith("#")]
        yield " ".join(title), "\n".join(line for line in lines if not line.startswith("#"))


def say(line: str, **style: Any) -> None:
    """Print a line, in style where that can be seen."""
    click.secho(line, color=False if os.environ.get("NO_COLOR") else None, **style)


if __name__ == "__main__":
    sys.exit(console.run(main))
