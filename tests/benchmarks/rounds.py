"""The rounds of a job: each round runs every case once, so that a busy minute affects all of them."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any

from tests.benchmarks.broker import Topics
from tests.benchmarks.cases import Case, Job
from tests.benchmarks.commands import Command, command
from tests.benchmarks.measure import ContenderError, Measurement, measure
from tests.benchmarks.topics import EMPTY

Note = cabc.Callable[[str], None]

_WARMING = 5


class Rounds:
    """Run jobs on one broker; a case that fails is reported and left out."""

    def __init__(self, topics: Topics, pythons: cabc.Mapping[str, str], rounds: int, note: Note) -> None:
        self._topics = topics
        self._pythons = pythons
        self._rounds = rounds
        self._note = note
        self.left_out: list[str] = []
        self._is_warm = False

    def run(self, job: Job) -> list[dict[str, Any]]:
        """Run every case of a job, once per round."""
        self._note(f"\n{job.letter}  {job.title}")
        self._topics.prepare({case.topic for case in job.cases})
        ready = self._ready(job)
        runs: dict[Case, list[Measurement]] = {case: [] for case in ready}
        # Warm up: the JVM needs some seconds of load to compile the hot paths.
        for case in list(ready)[:1] * (1 if self._is_warm else _WARMING):
            self._attempt(job, case, ready, {case: []})
        self._is_warm = True
        for number in range(self._rounds):
            for case in rotated(list(ready), number):
                if not case.slow or 2 * (number + 1) <= max(2, self._rounds):
                    self._attempt(job, case, ready, runs)
        self._topics.delete({case.topic for case in job.cases} & EMPTY.keys())
        return [self._entry(case, found) for case, found in runs.items() if case in ready]

    def _ready(self, job: Job) -> dict[Case, Command]:
        ready = {}
        for case in job.cases:
            found = command(case, self._topics.servers, self._pythons)
            if isinstance(found, str):
                self._leave_out(job, case, found)
            else:
                ready[case] = found
        return ready

    def _attempt(
        self, job: Job, case: Case, ready: dict[Case, Command], runs: cabc.Mapping[Case, list[Measurement]]
    ) -> None:
        try:
            truth = self._topics.truth(case.topic, case.reads)
            found = measure(*ready[case], truth, self._topics.environment)
        except ContenderError as error:
            self._leave_out(job, case, str(error))
            del ready[case]
        else:
            runs[case].append(found)
            inside = "" if found.inside is None else f", {found.inside:.3f} s inside"
            self._note(f"   {case.name:<32} {found.whole:7.3f} s{inside}")

    def _leave_out(self, job: Job, case: Case, why: str) -> None:
        self._note(f"   {case.name} is left out: {why}")
        self.left_out.append(f"({job.letter}) {case.name}: {why}")

    def _entry(self, case: Case, runs: cabc.Sequence[Measurement]) -> dict[str, Any]:
        truth = self._topics.truth(case.topic, case.reads) if case.topic not in EMPTY else {}
        return {
            "name": case.name,
            "topic": case.topic,
            "messages": truth.get("messages", 0),
            "runs": [_kept(run) for run in runs],
        }


def rotated(cases: list[Case], number: int) -> list[Case]:
    """Rotate the cases, so that each round starts with another one."""
    first = number % max(1, len(cases))
    return cases[first:] + cases[:first]


def _kept(run: Measurement) -> dict[str, Any]:
    kept = {
        "whole": round(run.whole, 5),
        "inside": None if run.inside is None else round(run.inside, 6),
        "processor": round(run.processor, 4),
        "peak": run.peak,
    }
    if requests := run.answer.get("requests"):
        kept["requests"] = requests
    if each := run.answer.get("each"):
        kept["each"] = each
    if samples := run.answer.get("samples"):
        kept["times"] = len(samples)
    return kept
