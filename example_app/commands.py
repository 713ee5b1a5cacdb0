"""Management commands, as `framework NAME`: a report, and a look-up by key.

`app.py` imports this module at its end; so the commands are there wherever the app is.
"""

from __future__ import annotations

import collections

import click

from example_app.app import app, flights, planes
from framework import FrameworkError
from framework_iterator import Iterator


@app.command()
@click.option(
    "--top", type=click.IntRange(min=1), default=5, show_default=True, metavar="N", help="How many."
)
def delays(top: int) -> None:
    """Show the carriers whose flights left latest."""
    minutes: dict[str, list[int]] = collections.defaultdict(list)
    for message in Iterator(flights, progress=True):
        if message.payload.dep_delay is not None:
            minutes[message.payload.carrier].append(message.payload.dep_delay)
    means = {carrier: sum(found) / len(found) for carrier, found in minutes.items()}
    click.echo("carrier   flights  mean delay")
    for carrier in sorted(means, key=lambda carrier: -means[carrier])[:top]:
        click.echo(f"{carrier:<7}   {len(minutes[carrier]):>7}  {means[carrier]:>6.1f} min")


@app.command()
@click.argument("tailnum")
def find_plane(tailnum: str) -> None:
    """Find a plane by its TAILNUM."""
    for message in Iterator(planes):
        if message.key == tailnum:
            plane = message.payload
            click.echo(f"{message}  {plane.tailnum}: {plane.manufacturer} {plane.model}, {plane.seats} seats")
            return
    raise FrameworkError(f"There is no plane {tailnum!r}.")
