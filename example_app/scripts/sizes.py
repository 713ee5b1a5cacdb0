"""Measure a sample of each partition of a topic: `python -m example_app.scripts.sizes flights`."""

from __future__ import annotations

import argparse
import collections
import statistics
import sys
from typing import Any

from example_app import console
from example_app.app import app
from framework.types import TopicPartition
from framework_iterator import Iterator


def measure(iterator: Iterator[Any], sample: int) -> dict[TopicPartition, list[int]]:
    """Return the sizes in bytes of the first messages of each partition, at most `sample` of each."""
    sizes: dict[TopicPartition, list[int]] = collections.defaultdict(list)
    for message in iterator:
        found = sizes[TopicPartition(message.topic, message.partition)]
        found.append(message.size)
        message.clean()  # frees its bytes, which may be many
        if len(found) == sample:
            iterator.stop_current_partition()  # the run ends with the last partition
    return dict(sorted(sizes.items()))


def main() -> int:
    """Show how large the messages of a topic are: key, payload and headers, in bytes."""
    parser = argparse.ArgumentParser(prog="python -m example_app.scripts.sizes", description=main.__doc__)
    parser.add_argument("topic", nargs="?", default="flights", help="its name (%(default)s)")
    parser.add_argument("--sample", type=int, default=100, help="messages per partition (%(default)s)")
    arguments = parser.parse_args()
    if arguments.sample < 1:
        parser.error("--sample is invalid: expected an int >= 1.")
    sizes = measure(Iterator(arguments.topic, app=app), arguments.sample)
    print(f"{'partition':<14} messages   smallest     median    largest")
    for partition, found in sizes.items():
        numbers = min(found), round(statistics.median(found)), max(found)
        print(f"{partition!s:<14} {len(found):>8,}", *(f"{number:>10,}" for number in numbers))
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
