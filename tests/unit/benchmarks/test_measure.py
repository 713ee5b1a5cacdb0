from __future__ import annotations

import os
import sys

import pytest

from tests.benchmarks.measure import ContenderError, check, measure, read_json, read_nothing, read_sizes

TRUTH = {"messages": 3, "bytes": 30, "distance": 9}


def test_a_process_has_times_and_what_it_said() -> None:
    program = 'print(\'{"seconds": 0.5, "peak": 7, "messages": 3, "bytes": 30}\')'
    found = measure([sys.executable, "-c", program], read_json, TRUTH)
    assert (found.inside, found.peak, found.answer["messages"]) == (0.5, 7, 3)
    assert found.processor > 0
    assert found.whole > 0


def test_the_processor_of_a_process_is_that_of_this_one_alone() -> None:
    busy = "import time\nwhile time.process_time() < 0.2: pass"
    measured = [measure([sys.executable, "-c", code], read_nothing, {}) for code in (busy, "pass")]
    assert measured[0].processor >= 0.2
    assert measured[1].processor < measured[0].processor


def test_a_process_gets_its_variables_besides_those_of_this_one() -> None:
    program = "import json, os; print(json.dumps({name: os.environ[name] for name in ('PATH', 'REGISTRY')}))"
    found = measure([sys.executable, "-c", program], read_json, {}, {"REGISTRY": "http://127.0.0.1:1"})
    assert found.answer == {"PATH": os.environ["PATH"], "REGISTRY": "http://127.0.0.1:1"}


def test_a_process_that_fails_is_an_error_with_its_last_words() -> None:
    with pytest.raises(ContenderError, match="It ended with 3: no broker"):
        measure(
            [sys.executable, "-c", "import sys; print('no broker', file=sys.stderr); sys.exit(3)"],
            read_nothing,
            {},
        )


@pytest.mark.parametrize(
    "answer",
    [
        {"messages": 2, "bytes": 30},
        {"messages": 3, "bytes": 29},
        {"messages": 3, "distance": 8},
        {"messages": 3},
        {},
    ],
)
def test_who_skips_something_does_not_count(answer: dict[str, int]) -> None:
    with pytest.raises(ContenderError, match="It counted"):
        check(answer, TRUTH)


@pytest.mark.parametrize("answer", [{"messages": 3, "bytes": 30}, {"messages": 3, "distance": 9, "peak": 1}])
def test_who_reads_all_is_not_refused(answer: dict[str, int]) -> None:
    check(answer, TRUTH)


def test_one_number_is_not_refused_where_there_is_only_one() -> None:
    check({"partitions": 12, "seconds": 0.1}, {"partitions": 12})


def test_sizes_are_counted_and_summed() -> None:
    assert read_sizes("330\n340\n") == {"messages": 2, "bytes": 670}
