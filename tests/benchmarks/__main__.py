"""Measure reading: `python -m tests.benchmarks --jobs a,d --rounds 3`, or `--quick` for a minute or two."""

from __future__ import annotations

import argparse
import collections.abc as cabc
import json
import os
import pathlib
import subprocess
import sys
from typing import Any

from framework.testing import mock_registry
from tests.benchmarks import broker, data, machine, peers, report
from tests.benchmarks.jobs import JOBS
from tests.benchmarks.rounds import Rounds

RESULT = pathlib.Path(__file__).with_name("result.json")
PARTIAL = data.ROOT / "build" / "benchmarks.json"
BENCHMARKS = data.ROOT / "docs" / "benchmarks.md"
README = data.ROOT / "README.md"
LETTERS = "".join(job.letter for job in JOBS)
SHARE = {True: 10, False: 1}
ROUNDS = {True: 2, False: 5}


def main() -> None:
    """Run the benchmarks that the command line selects, print the tables, and save the figures."""
    options = parse(sys.argv[1:])
    chosen = [job for job in JOBS if job.letter in options.jobs]
    if options.render:
        write(json.loads(RESULT.read_text()))
        return
    if options.write:
        check_marks()  # fail now, not after a quarter of an hour
    before = machine.describe()
    note(f"{before['processor']}, {before['cores']} cores, load {before['load']}")
    data.download()
    pythons = peers.install({case.peer for job in chosen for case in job.cases if case.peer}, note)
    # The registry is in this process, where all programs reach it; they ask it while nothing is measured.
    with broker.server() as server, mock_registry() as registry:
        topics = broker.Topics(server.bootstrap_servers, registry, share=SHARE[options.quick])
        rounds = Rounds(topics, pythons, options.rounds, note)
        jobs = {job.letter: rounds.run(job) for job in chosen}
    result = {
        "machine": {**before, "load_after": round(os.getloadavg()[0], 2)},
        "versions": machine.versions(peers.versions(pythons)),
        "quick": options.quick,
        "rounds": options.rounds,
        "jobs": jobs,
        "left_out": rounds.left_out,
    }
    keep(result, RESULT if options.is_full else PARTIAL)
    print(report.markdown(result))
    if options.write:
        write(result)


def parse(arguments: cabc.Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--jobs", default=",".join(LETTERS), help="letters, such as a,d (%(default)s)")
    parser.add_argument("--rounds", type=int, help="of each measurement (5, quick 2)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the data, a minute or two")
    parser.add_argument("--write", action="store_true", help="write the tables of a full run into the pages")
    parser.add_argument(
        "--render", action="store_true", help=f"write the tables of {RESULT.name} again; measure nothing"
    )
    options = parser.parse_args(arguments)
    options.jobs = "".join(options.jobs.replace(",", " ").split())
    if wrong := set(options.jobs) - set(LETTERS):
        parser.error(f"there is no job {', '.join(sorted(wrong))}; there are {', '.join(LETTERS)}")
    options.is_full = set(options.jobs) == set(LETTERS) and not options.quick
    if options.write and not options.is_full:
        parser.error("--write is for a full run: all jobs, and not --quick")
    options.rounds = ROUNDS[options.quick] if options.rounds is None else options.rounds
    if options.rounds < 1:
        parser.error("--rounds is 1 or more")
    return options


def write(result: cabc.Mapping[str, Any]) -> None:
    """Write the tables into docs/benchmarks.md and the summary into the README."""
    BENCHMARKS.write_text(report.between_marks(BENCHMARKS.read_text(), report.markdown(result)))
    README.write_text(report.between_marks(README.read_text(), report.summary(result), "summary"))


def check_marks() -> None:
    """Raise RuntimeError if a page has no marks to write between."""
    report.between_marks(BENCHMARKS.read_text(), "")
    report.between_marks(README.read_text(), "", "summary")


def keep(result: cabc.Mapping[str, Any], place: pathlib.Path) -> None:
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(result, indent=1) + "\n")
    note(f"\nAll figures are in {place.relative_to(data.ROOT)}.\n")


def note(line: str) -> None:
    """Print progress to stderr; stdout has the report only."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (RuntimeError, subprocess.CalledProcessError) as error:
        # No Kafka or no flights: the error says what is missing.
        sys.exit(str(error))
