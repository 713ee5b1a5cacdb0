from __future__ import annotations

import pytest

from tests.benchmarks.cases import Case, Target
from tests.benchmarks.commands import CONTENDERS, command
from tests.benchmarks.jobs import JOBS, TARGETS
from tests.benchmarks.peers import REQUIREMENTS
from tests.benchmarks.rounds import rotated
from tests.benchmarks.topics import COPIES, EMPTY, FRAMED, LARGE, NO_TOPIC

CASES = [case for job in JOBS for case in job.cases]
PROGRAMS = [case for case in CASES if (CONTENDERS / f"{case.program}.py").exists()]


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_targets_are_about_cases_that_there_are(target: Target) -> None:
    [names] = [{case.name for case in job.cases} for job in JOBS if job.letter == target.letter]
    assert {target.who, target.other} <= names
    assert (target.at_least is None) != (target.at_most is None)


def test_cases_of_a_job_have_names_of_their_own() -> None:
    assert all(len({case.name for case in job.cases}) == len(job.cases) for job in JOBS)


@pytest.mark.parametrize("case", PROGRAMS, ids=lambda case: f"{case.program}-{case.task}")
def test_each_program_knows_its_task(case: Case) -> None:
    assert f'"{case.task}": ' in (CONTENDERS / f"{case.program}.py").read_text()


def test_what_is_no_program_is_a_command() -> None:
    assert {case.program for case in CASES if case not in PROGRAMS} == {"kcat", "python", "framework"}


def test_a_peer_has_a_requirement_and_is_left_out_where_it_is_missing() -> None:
    peers = [case for case in CASES if case.peer]
    assert {case.peer for case in peers} == REQUIREMENTS.keys()
    assert [command(case, "", {}) for case in peers] == [f"{case.peer} isn't installed" for case in peers]


def test_each_case_reads_a_topic_that_is_written() -> None:
    assert {case.topic for case in CASES} == {*COPIES, *EMPTY, *FRAMED, LARGE, NO_TOPIC}


def test_a_case_is_compared_with_another_of_its_job() -> None:
    for job in JOBS:
        names = {case.name for case in job.cases}
        assert {case.other for case in job.cases if case.other} <= names


def test_each_round_begins_with_another_case() -> None:
    cases = CASES[:3]
    assert [rotated(cases, number)[0] for number in range(4)] == [*cases, cases[0]]
    assert set(rotated(cases, 2)) == set(cases)
    assert rotated([], 1) == []
