from __future__ import annotations

import json
from typing import Any

import pytest

from tests.benchmarks import __main__ as program
from tests.benchmarks import report
from tests.benchmarks.cases import ALONE, SCAN, Case, Job, Metric, Target


def entry(name: str, *insides: float | None, messages: int = 1000, **more: object) -> dict[str, Any]:
    runs = [{"whole": 2.0, "inside": each, "processor": 0.5, "peak": 90_000_000} | more for each in insides]
    return {"name": name, "topic": "year", "messages": messages, "runs": runs}


def result(*entries: dict[str, Any]) -> dict[str, Any]:
    machine = {"processor": "Z80", "cores": 1, "memory": 2**33, "load": 0.1, "load_after": 1.2}
    versions = {"python": "3.11.7", "kafka": "4.1.1"}
    return {
        "machine": machine,
        "versions": versions,
        "quick": False,
        "rounds": 3,
        "jobs": {"a": list(entries)},
        "left_out": [],
    }


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (Metric.RATE, 4000.0),
        (Metric.INSIDE, 250.0),
        (Metric.WHOLE, 2000.0),
        (Metric.PROCESSOR, 500.0),
        (Metric.PEAK, 90.0),
        (Metric.REQUESTS, None),
        (Metric.CPU_RATE, None),
        (Metric.EACH, None),
    ],
)
def test_each_metric_is_the_median_of_the_runs(metric: Metric, expected: float | None) -> None:
    assert report.median(entry("x", 0.5, 0.1, 0.25), metric) == expected


def test_a_program_that_reports_no_time_is_measured_by_the_whole_process() -> None:
    silent = entry("kcat", None, peak=None)
    assert report.median(silent, Metric.RATE) == 500.0
    assert [report.median(silent, metric) for metric in (Metric.INSIDE, Metric.PEAK)] == [None, None]


def test_a_process_that_repeats_the_task_has_no_process_time() -> None:
    warm = entry("x", 0.5, times=30)
    assert [report.median(warm, metric) for metric in (Metric.WHOLE, Metric.PROCESSOR)] == [None, None]
    assert report.median(warm, Metric.INSIDE) == 500.0


def test_only_look_ups_count_as_requests() -> None:
    sent = {"ApiVersion": 2, "Metadata": 4, "ListOffsets": 2, "OffsetFetch": 1}
    assert report.median(entry("x", 0.5, requests=sent), Metric.REQUESTS) == 3


def test_a_program_may_report_the_processor_time_of_a_message() -> None:
    found = entry("x", 0.5, each=4e-6)
    assert report.median(found, Metric.EACH) == pytest.approx(4)
    assert report.median(found, Metric.CPU_RATE) == pytest.approx(250_000)


def test_the_spread_is_the_range_divided_by_the_median() -> None:
    assert report.spread(entry("x", 0.5, 0.4, 0.6), Metric.INSIDE) == pytest.approx(0.4)
    assert report.spread(entry("x", 0.5), Metric.INSIDE) is None


def test_a_ratio_of_rates_is_independent_of_the_size_of_the_topic() -> None:
    assert report.ratio(entry("x", 1.0), entry("y", 1.0, messages=100), Metric.RATE) == 10
    assert report.ratio(entry("x", 1.0), entry("y", None), Metric.INSIDE) is None


@pytest.mark.parametrize(("found", "reached"), [(0.79, False), (0.8, True), (2.0, True)])
def test_at_least_is_reached_from_below(found: float, reached: bool) -> None:
    assert report.is_reached(Target("a", "x", "y", Metric.RATE, at_least=0.8), found) is reached


@pytest.mark.parametrize(("found", "reached"), [(1.21, False), (1.2, True), (0.1, True)])
def test_at_most_is_reached_from_above(found: float, reached: bool) -> None:
    assert report.is_reached(Target("a", "x", "y", Metric.INSIDE, at_most=1.2), found) is reached


def test_a_target_shows_the_bound_and_the_measured_ratio() -> None:
    poll = entry("poll loop", 8.0, processor=0.75)
    found = report.targets(result(entry("Iterator", 1.0), entry("tuned loop", 0.5), poll))
    assert found == [
        ["(a) Iterator, messages/s: ≥ 0.8 x tuned loop", "0.5", "missed", "1"],
        ["(a) Iterator, messages/s: ≥ 6 x poll loop", "8", "reached", "1.5"],
    ]


def test_a_row_has_the_metrics_and_the_ratio_to_the_first_case() -> None:
    rows = report.table(Job("a", "Scan", SCAN, ()), [entry("Iterator", 0.5), entry("kcat", None, peak=None)])
    assert [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows.splitlines()[2:]] == [
        ["Iterator", "2,000", "2,000", "500", "90", "1", "", "1,000", "1"],
        ["kcat", "500", "2,000", "500", "", "0.25", "", "1,000", "1"],
    ]


def test_in_a_job_of_pairs_a_row_has_the_ratio_to_its_pair() -> None:
    cases = (
        Case("Avro", "framed", other="Avro, Confluent"),
        Case("Avro, Confluent", "confluent"),
        Case("Avro, fastavro", "fastavro"),
        Case("JSON", "framed", other="JSON, Confluent"),  # whose other was left out
    )
    entries = [
        entry(case.name, 0.5, each=each) for case, each in zip(cases, (2e-6, 8e-6, 4e-6, 1e-6), strict=True)
    ]
    rows = report.table(Job("k", "Payloads", ALONE, cases), entries)
    cells = [[cell.strip() for cell in row.split("|")[1:5]] for row in rows.splitlines()]
    assert [cells[0], *cells[2:]] == [
        ["", "messages/CPU s", "CPU µs/message", "x Confluent"],
        ["Avro", "500,000", "2", "4"],
        ["Avro, Confluent", "125,000", "8", ""],
        ["Avro, fastavro", "250,000", "4", ""],
        ["JSON", "1,000,000", "1", ""],
    ]


def test_the_columns_of_a_table_are_aligned() -> None:
    assert report.grid(["", "ms"], [["Iterator", "7"], ["kcat", "1,234"]]).splitlines() == [
        "|          |    ms |",
        "| -------- | ----: |",
        "| Iterator |     7 |",
        "| kcat     | 1,234 |",
    ]


@pytest.mark.parametrize(
    ("found", "text"), [(None, ""), (0.12345, "0.123"), (5.0, "5"), (99.94, "99.9"), (1234567.8, "1,234,568")]
)
def test_numbers_have_three_significant_digits(found: float | None, text: str) -> None:
    assert report.number(found) == text


def test_the_report_names_the_machine_the_versions_and_the_jobs() -> None:
    text = report.markdown(result(entry("Iterator", 1.0)))
    assert text.startswith("Z80, 1 cores, 8 GB, load 0.1 before and 1.2 after")
    assert "python 3.11.7, kafka 4.1.1. Medians of 3 rounds" in text
    assert "**Every payload, as bytes** (a)" in text
    assert "quick" not in text


def test_a_quick_run_says_that_it_is_one() -> None:
    assert "don't quote its figures" in report.markdown(result(entry("Iterator", 1.0)) | {"quick": True})


def test_cases_that_were_left_out_are_listed_at_the_end() -> None:
    text = report.markdown(result(entry("Iterator", 1.0)) | {"left_out": ["(a) kcat: it isn't installed"]})
    assert text.endswith("Left out:\n\n- (a) kcat: it isn't installed\n")


def test_tables_go_between_the_marks_and_nothing_else_changes() -> None:
    text = "before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n"
    assert report.between_marks(text, "new\n") == "before\n<!-- bench -->\nnew\n<!-- /bench -->\nafter\n"


def test_a_page_has_marks_of_another_name() -> None:
    text = "<!-- summary -->\n<!-- /summary -->\n"
    assert report.between_marks(text, "new\n", "summary") == "<!-- summary -->\nnew\n<!-- /summary -->\n"


def test_without_marks_nothing_is_written() -> None:
    with pytest.raises(RuntimeError, match="There are no <!-- bench -->"):
        report.between_marks("text", "new\n")


def test_the_summary_has_a_row_for_each_task_and_a_column_for_each_reader() -> None:
    lines = report.summary(json.loads(program.RESULT.read_text())).splitlines()
    assert [cell.strip() for cell in lines[0].split("|")[2:-1]] == ["Iterator", "tuned loop", "poll loop"]
    assert [line.split("|")[1].strip() for line in lines[2:4]] == [
        "Payloads as bytes, messages/s",
        "JSON, messages/s",
    ]


def test_the_summary_has_no_row_for_what_was_not_measured() -> None:
    lines = report.summary(result(entry("Iterator", 1.0))).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == [
        "Payloads as bytes, messages/s",
        "Memory, peak MB",
    ]


def test_the_pages_show_the_figures_that_were_kept() -> None:
    """If this fails: `make bench ARGS=--render` writes them again."""
    kept, page, readme = (path.read_text() for path in (program.RESULT, program.BENCHMARKS, program.README))
    assert report.between_marks(page, report.markdown(json.loads(kept))) == page
    assert report.between_marks(readme, report.summary(json.loads(kept)), "summary") == readme
