"""Demonstrate the example without any installation: `python -m example_app.demo`.

It starts a broker and a schema registry inside this process, writes the records, and runs `tour.py`: each
step is shown, and then run.
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
from framework.testing import mock_cluster, mock_registry

TOUR = pathlib.Path(__file__).parent / "tour.py"


def main() -> int:
    """Run the demonstration; return 1, with one line on stderr, if it fails."""
    try:
        with mock_cluster() as servers, mock_registry() as registry:
            use_only(servers, registry)
            show()
    except BrokenPipeError:
        raise
    except (FrameworkError, ImportError, OSError) as error:
        print(f"The demo failed: {error}", file=sys.stderr)
        return 1
    return 0


def use_only(servers: str, registry: str) -> None:
    """Make this broker and this registry, without a login, the only ones that the environment names."""
    for name in [name for name in os.environ if name.startswith(("KAFKA_", "SCHEMA_REGISTRY_"))]:
        del os.environ[name]
    os.environ |= {"KAFKA_BOOTSTRAP_SERVERS": servers, "SCHEMA_REGISTRY_URL": registry}


def show() -> None:
    """Write the records, then show and run the steps of the tour."""
    # Late: the app reads the environment when it is made.
    from example_app.app import app
    from example_app.seed import seed

    say("An embedded broker and a schema registry have started. Records are written:", bold=True)
    for topic, count in seed(app, create=False).items():
        print(f"{topic:<8} {count:>6,} messages")
    names: dict[str, object] = {}
    for title, code in steps(TOUR.read_text(encoding="utf-8")):
        say(f"\n{title}", bold=True)
        for line in code.splitlines():
            say(f"{'...' if line.startswith(' ') else '>>>'} {line}", fg="cyan")
        exec(compile(code, TOUR, "exec", dont_inherit=True), names)


def steps(source: str) -> cabc.Iterator[tuple[str, str]]:
    """Yield title (the comment on top) and code of each paragraph after the docstring of a program."""
    for paragraph in source.strip().split("\n\n")[1:]:
        lines = paragraph.splitlines()
        title = [line.removeprefix("# ") for line in lines if line.startswith("#")]
        yield " ".join(title), "\n".join(line for line in lines if not line.startswith("#"))


def say(line: str, **style: Any) -> None:
    """Print a line, styled if the terminal supports it."""
    click.secho(line, color=False if os.environ.get("NO_COLOR") else None, **style)


if __name__ == "__main__":
    sys.exit(console.run(main))
