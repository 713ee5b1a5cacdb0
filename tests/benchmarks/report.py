"""Render measurements as medians, ratios and tables. Pure: from the JSON result to text."""

from __future__ import annotations

import collections.abc as cabc
import statistics
from typing import Any

from tests.benchmarks.cases import Job, Metric, Target
from tests.benchmarks.jobs import JOBS, SUMMARY, TARGETS

LOOK_UPS = ("ListOffsets", "OffsetFetch")

Entry = dict[str, Any]
"""The measurements of one case: name, topic, messages, and a list of runs."""


def value(entry: Entry, metric: Metric, run: cabc.Mapping[str, Any]) -> float | None:
    """Return the metric of one run, in the metric's unit; None if it was not measured."""
    inside = run["inside"]
    match metric:
        case Metric.RATE:
            # A program that reports no time of its own is measured by the whole process.
            return float(entry["messages"] / (inside or run["whole"])) if entry["messages"] else None
        case Metric.CPU_RATE:
            return 1 / float(run["each"]) if run.get("each") else None
        case Metric.EACH:
            return float(run["each"] * 1e6) if run.get("each") else None
        case Metric.INSIDE:
            return None if inside is None else float(inside * 1000)
        case Metric.WHOLE | Metric.PROCESSOR if "times" in run:
            return None  # meaningless for a process that repeats the task
        case Metric.WHOLE:
            return float(run["whole"] * 1000)
        case Metric.PROCESSOR:
            return float(run["processor"] * 1000)
        case Metric.PEAK:
            return None if run["peak"] is None else float(run["peak"] / 1e6)
        case Metric.REQUESTS:
            # librdkafka requests metadata and versions by itself on each connection: not counted.
            sent = run.get("requests")
            return None if sent is None else float(sum(sent.get(name, 0) for name in LOOK_UPS))


def median(entry: Entry, metric: Metric) -> float | None:
    """Return the median of all runs, or None if the metric was not measured."""
    values = [found for run in entry["runs"] if (found := value(entry, metric, run)) is not None]
    return statistics.median(values) if values else None


def spread(entry: Entry, metric: Metric) -> float | None:
    """Return the range of the runs as a fraction of the median, or None for a single run."""
    values = [found for run in entry["runs"] if (found := value(entry, metric, run)) is not None]
    return (max(values) - min(values)) / statistics.median(values) if len(values) > 1 else None


def ratio(entry: Entry, other: Entry, metric: Metric) -> float | None:
    """Return the median of `entry` divided by that of `other`."""
    mine, theirs = median(entry, metric), median(other, metric)
    return mine / theirs if mine is not None and theirs else None


def is_reached(target: Target, found: float) -> bool:
    """Return True if a measured ratio meets the target."""
    if target.at_least is not None:
        return found >= target.at_least
    return target.at_most is None or found <= target.at_most


def markdown(result: cabc.Mapping[str, Any]) -> str:
    """Render the whole result, as in docs/benchmarks.md."""
    parts = [about(result)]
    for job in JOBS:
        entries = result["jobs"].get(job.letter)
        if entries:
            parts += [f"**{job.title}** ({job.letter})", table(job, entries)]
    if lines := targets(result):
        parts += ["**Targets**", grid(["target", "measured", "", "by CPU"], lines)]
    if result["left_out"]:
        parts += ["Left out:", "\n".join(f"- {line}" for line in result["left_out"])]
    return "\n\n".join(parts) + "\n"


def summary(result: cabc.Mapping[str, Any]) -> str:
    """Render the few figures that the README shows: a row for each task, a column for each reader."""
    jobs = {letter: {entry["name"]: entry for entry in entries} for letter, entries in result["jobs"].items()}
    rows = []
    for line in SUMMARY:
        found = [jobs.get(line.letter, {}).get(name) for name in line.cases]
        numbers = [number(median(each, line.metric)) if each else "" for each in found]
        if any(numbers):
            rows.append([f"{line.title}, {line.metric}", *numbers])
    return grid(["", "Iterator", "tuned loop", "poll loop"], rows) + "\n"


def between_marks(text: str, inside: str, name: str = "bench") -> str:
    """Replace what is between `<!-- name -->` and `<!-- /name -->`."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise RuntimeError(f"There are no {begin} and {end}.")
    return f"{before}{begin}\n{inside}{end}{after}"


def about(result: cabc.Mapping[str, Any]) -> str:
    """Describe the machine, the versions and the method."""
    machine, versions = result["machine"], result["versions"]
    quick = (
        " A quick run with a tenth of the data and few rounds: don't quote its figures."
        if result["quick"]
        else ""
    )
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory'] / 2**30:.0f} GB, "
        f"load {machine['load']} before and {machine['load_after']} after, shared by broker and reader. "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + f". Medians of {result['rounds']} rounds, each in a new process; "
        f"spread is the range of the runs divided by their median.{quick}"
    )


def table(job: Job, entries: cabc.Sequence[Entry]) -> str:
    """Render a row for each case, with its ratio to the first case, or to its pair, in the first metric."""
    pairs = {case.name: case.other for case in job.cases if case.other}
    named = {entry["name"]: entry for entry in entries}
    title = f"x {entries[0]['name']}"
    if pairs:
        title = "x Confluent" if all("Confluent" in name for name in pairs.values()) else "x its pair"
    others = [named.get(pairs.get(entry["name"], "")) if pairs else entries[0] for entry in entries]
    head = ["", *job.metrics, title, "spread", "messages", "rounds"]
    return grid(head, [_row(job, entry, other) for entry, other in zip(entries, others, strict=True)])


def _row(job: Job, entry: Entry, other: Entry | None) -> list[str]:
    lead = job.metrics[0]
    apart = spread(entry, lead)
    return [
        entry["name"],
        *(number(median(entry, metric)) for metric in job.metrics),
        number(ratio(entry, other, lead)) if other else "",
        "" if apart is None else f"{apart:.0%}",
        f"{entry['messages']:,}" if entry["messages"] else "",
        str(len(entry["runs"])),
    ]


def targets(result: cabc.Mapping[str, Any]) -> list[list[str]]:
    """List the targets that were measured, and whether each was reached."""
    lines = []
    for target in TARGETS:
        entries = {entry["name"]: entry for entry in result["jobs"].get(target.letter, ())}
        if target.who in entries and target.other in entries:
            found = ratio(entries[target.who], entries[target.other], target.metric)
            if found is not None:
                state = "reached" if is_reached(target, found) else "missed"
                lines.append([sentence(target), number(found), state, _by_processor(target, entries)])
    return lines


def _by_processor(target: Target, entries: cabc.Mapping[str, Entry]) -> str:
    """Return the same ratio in messages per CPU second, which depends less on the machine's load."""
    if target.metric is not Metric.RATE:
        return ""
    who, other = (
        entry["messages"] / (median(entry, Metric.PROCESSOR) or 1)
        for entry in (entries[target.who], entries[target.other])
    )
    return number(who / other) if other else ""


def sentence(target: Target) -> str:
    """Describe a target."""
    bound, limit = ("≥", target.at_least) if target.at_least is not None else ("≤", target.at_most)
    return f"({target.letter}) {target.who}, {target.metric}: {bound} {limit:g} x {target.other}"


def number(found: float | None) -> str:
    """Format a number with three significant digits, or all digits before the point."""
    if found is None:
        return ""
    return f"{found:,.0f}" if found >= 100 else f"{found:.3g}"


def grid(head: cabc.Sequence[str], rows: cabc.Sequence[cabc.Sequence[str]]) -> str:
    """Render an aligned markdown table: names to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(row, widths) for row in [head, rule, *rows])


def _line(row: cabc.Sequence[str], widths: cabc.Sequence[int]) -> str:
    cells = [
        row[0].ljust(widths[0]),
        *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
    ]
    return f"| {' | '.join(cells)} |"
