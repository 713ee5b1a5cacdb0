"""Management commands, run as `framework NAME`: a report, a lookup by key, and a check for cron.

`App(include=...)` in `app.py` names this module, so it is imported when a command is needed.
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
    """Show the carriers with the longest delays."""
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
    # Kafka compacts this topic later, not at once: of each key, only the last message counts.
    for message in Iterator(planes):
        if message.key == tailnum:
            found = message
    plane = found.payload if found is not None else None
    if plane is None:
        raise FrameworkError(f"Plane {tailnum!r} doesn't exist.")
    click.echo(f"{found}  {plane.tailnum}: {plane.manufacturer} {plane.model}, {plane.seats} seats")


@app.command()
def check_planes() -> None:
    """Check that every flight's plane is known.

    For cron: the exit code is 1 if one isn't. Each unknown tail number is printed with its number of
    flights, and a summary in the last line. Flights without a tail number are ignored; those that are
    unreadable are printed on stderr.
    """
    flown = count_flights()
    # Read after the flights: the plane of each was written before it.
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
    """Count the flights of each tail number."""
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
    """Return the known tail numbers: the keys whose last message is not a tombstone."""
    known: set[str | None] = set()
    for message in Iterator(planes, progress=True):
        if message.is_tombstone:
            known.discard(message.key)
        else:
            known.add(message.key)
    return {key for key in known if key is not None}
