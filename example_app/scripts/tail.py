"""Print the last flight of each partition, then each new one: `python -m example_app.scripts.tail`."""

from __future__ import annotations

import argparse
import signal
import sys
import time

from example_app import console
from example_app.app import flights
from example_app.models import Flight
from framework import DeserializationError, Message
from framework_iterator import Iterator, NotIteratingError


def tail(iterator: Iterator[Flight, None], idle: float | None = None) -> None:
    """Print the messages of an iterator with `follow` and `yield_none`, until it was idle for so long."""
    silent_since = None
    for message in iterator:
        # None is yielded while there is no message, so that a loop can check the time.
        if message is not None:
            print(describe(message), flush=True)
            silent_since = None
        elif silent_since is None:
            silent_since = time.monotonic()
        elif idle is not None and time.monotonic() - silent_since >= idle:
            break


def describe(message: Message[Flight]) -> str:
    """Return a flight in a line, or the reason why a message is none."""
    if message.is_tombstone:
        return f"{message} no flight: a tombstone"
    try:
        flight = message.payload
    except DeserializationError as error:
        return f"{message} no flight: {error}"
    left = "cancelled" if flight.is_cancelled else f"{flight.dep_delay:+d} min"
    return f"{message} {flight.time_hour:%Y-%m-%d %H:%M} {flight.code} {flight.origin}-{flight.dest} {left}"


def stop_on_sigterm(iterator: Iterator[Flight, None]) -> None:
    """Stop after the current message on SIGTERM, as a service should; Ctrl-C needs no handler."""

    def stop(*_: object) -> None:
        try:
            iterator.stop()
        except NotIteratingError:
            # The run has not started, or has ended.
            sys.exit(0)

    signal.signal(signal.SIGTERM, stop)


def seconds(text: str) -> float:
    """Parse a finite number of seconds."""
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds")
    return number


def main() -> int:
    """Print the last flight of each partition, then each new one. Ctrl-C ends it."""
    parser = argparse.ArgumentParser(prog="python -m example_app.scripts.tail", description=main.__doc__)
    parser.add_argument(
        "--idle", type=seconds, metavar="SECONDS", help="exit when no message arrived for so long"
    )
    idle = parser.parse_args().idle
    iterator = Iterator({flights: -1}, follow=True, yield_none=True)
    stop_on_sigterm(iterator)
    tail(iterator, idle)
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
