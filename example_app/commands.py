"""Management commands, run as `framework NAME`: reports, searches, a check, and a nightly export.

`App(include=...)` in `app.py` names this module, so it is imported when a command is needed.
"""

from __future__ import annotations

import collections
import datetime
import pathlib

import click

from example_app import nightly, waiting
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
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Use a scan with N processes, not SQL.",
)
def lost_hours(workers: int | None) -> None:
    """Show how long seats waited in late flights."""
    minutes = waiting.minutes_by_sql() if workers is None else waiting.minutes_by_scan(workers)
    click.echo("carrier  hours lost")
    for carrier, found in minutes.most_common(5):
        click.echo(f"{carrier:<7}  {found // 60:>10,}")


@app.command()
@click.argument("folder", type=click.Path(path_type=pathlib.Path, file_okay=False))
def export_days(folder: pathlib.Path) -> None:
    """Write each day of flights to Parquet.

    For cron: each run writes the days that are over and have no file in FOLDER yet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    today = datetime.datetime.now(datetime.UTC).date()
    for path, report in nightly.export_days(flights, folder, today):
        click.echo(f"{path}: {report.messages:,} flights")


@app.command()
@click.argument("tailnum")
def find_plane(tailnum: str) -> None:
    """Show the latest state of a plane."""
    # Kafka compacts this topic later, not at once: of each key, only the latest message counts.
    found = Iterator(planes, key=tailnum).snapshot().get(tailnum)
    if found is None or (plane := found.payload) is None:
        raise FrameworkError(f"Plane {tailnum!r} doesn't exist.")
    click.echo(f"{found}  {plane.tailnum}: {plane.manufacturer} {plane.model}, {plane.seats} seats")


@app.command()
@click.option(
    "--minutes", type=click.IntRange(min=0), default=60, show_default=True, help="How late at least."
)
@click.option(
    "--top", type=click.IntRange(min=1), default=5, show_default=True, metavar="N", help="How many."
)
def late_flights(minutes: int, top: int) -> None:
    """Show the newest flights that left late."""
    late = Iterator(
        flights,
        order="newest",
        where=lambda message: (message.payload.dep_delay or 0) >= minutes,
        limit=top,
    )
    for message in late:
        flight = message.payload
        click.echo(
            f"{message.timestamp:%Y-%m-%d %H:%MZ}  {flight.code:<6}  {flight.dest}  {flight.dep_delay:>4} min"
        )


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
    """Return the known tail numbers: the keys whose latest message is not a tombstone."""
    return set(Iterator(planes, progress=True).snapshot())
