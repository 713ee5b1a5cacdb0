"""Management commands, as `framework NAME`: a report, a look-up by key, and a check for cron.

`app.py` imports this module at its end; so the commands are there wherever the app is.
"""

from __future__ import annotations

import collections

import click

from example_app.app import app, flights, planes
from framework import DeserializationError, FrameworkError
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
    found = None
    # Kafka compacts this topic some time, not at once: of a key, only the last message counts.
    for message in Iterator(planes):
        if message.key == tailnum:
            found = message
    if found is None or found.is_tombstone:
        raise FrameworkError(f"There is no plane {tailnum!r}.")
    plane = found.payload
    click.echo(f"{found}  {plane.tailnum}: {plane.manufacturer} {plane.model}, {plane.seats} seats")


@app.command()
def check_planes() -> None:
    """Check that every flight's plane is known.

    For cron: if one isn't, the exit code is 1. Each unknown tail number is printed, with how many
    flights it has, and last a line that sums up. Flights without a tail number are not at fault, and
    those that can't be read are told.
    """
    flown = count_flights()
    # Read last: what flew before has its plane in here by now, if it ever will.
    known = known_planes()
    unknown = sorted(flown.keys() - known, key=lambda tailnum: (-flown[tailnum], tailnum))
    for tailnum in unknown:
        click.echo(f"{tailnum:<7} {flown[tailnum]:>4} {'flight' if flown[tailnum] == 1 else 'flights'}")
    flights_of_unknown = sum(flown[tailnum] for tailnum in unknown)
    click.echo(
        f"{len(unknown):,} of {len(flown):,} planes are unknown, "
        f"with {flights_of_unknown:,} of {flown.total():,} flights."
    )
    if unknown:
        raise click.exceptions.Exit(1)


def count_flights() -> collections.Counter[str]:
    """How many flights each tail number has."""
    flown: collections.Counter[str] = collections.Counter()
    for message in Iterator(flights, progress=True):
        if message.is_tombstone:
            continue
        try:
            tailnum = message.payload.tailnum
        except DeserializationError as error:
            click.echo(str(error), err=True)
            continue
        if tailnum is not None:
            flown[tailnum] += 1
    return flown


def known_planes() -> set[str]:
    """The tail numbers there are: the keys whose last message is not a tombstone."""
    known: set[str] = set()
    for message in Iterator(planes, progress=True):
        if message.is_tombstone:
            known.discard(message.key)
        else:
            known.add(message.key)
    return known
