"""Measurements as medians, ratios and tables. Pure: from the result as it stands in JSON to text."""

from __future__ import annotations

import collections.abc as cabc
import statistics
from typing import Any

from tests.benchmarks.jobs import JOBS, TARGETS, Job, Metric, Target

LOOK_UPS = ("ListOffsets", "OffsetFetch")
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"

Entry = dict[str, Any]
"""What was measured of one case: name, topic, messages, and a list of runs."""


def value(entry: Entry, metric: Metric, run: cabc.Mapping[str, Any]) -> float | None:
    """One run's number, in the metric's unit."""
    inside = run["inside"]
    match metric:
        case Metric.RATE:
            # Who says nothing of itself is given the whole process.
            return float(entry["messages"] / (inside or run["whole"])) if entry["messages"] else None
        case Metric.INSIDE:
            return None if inside is None else float(inside * 1000)
        case Metric.WHOLE | Metric.PROCESSOR if "times" in run:
            return None  # of a process that did the same many times, they would tell nothing
        case Metric.WHOLE:
            return float(run["whole"] * 1000)
        case Metric.PROCESSOR:
            return float(run["processor"] * 1000)
        case Metric.PEAK:
            return None if run["peak"] is None else float(run["peak"] / 1e6)
        case Metric.REQUESTS:
            # Metadata and versions are asked for by librdkafka itself, whenever it connects.
            sent = run.get("requests")
            return None if sent is None else float(sum(sent.get(name, 0) for name in LOOK_UPS))


def median(entry: Entry, metric: Metric) -> float | None:
    """The middle one of all runs; None where it wasn't measured."""
    values = [found for run in entry["runs"] if (found := value(entry, metric, run)) is not None]
    return statistics.median(values) if values else None


def spread(entry: Entry, metric: Metric) -> float | None:
    """How far the runs lie apart: the range, as a part of the median."""
    values = [found for run in entry["runs"] if (found := value(entry, metric, run)) is not None]
    return (max(values) - min(values)) / statistics.median(values) if len(values) > 1 else None


def ratio(entry: Entry, other: Entry, metric: Metric) -> float | None:
    """How many times the other's number this one is."""
    mine, theirs = median(entry, metric), median(other, metric)
    return mine / theirs if mine is not None and theirs else None


def is_reached(target: Target, found: float) -> bool:
    """Whether a ratio is what was wanted."""
    if target.at_least is not None:
        return found >= target.at_least
    return target.at_most is None or found <= target.at_most


def markdown(result: cabc.Mapping[str, Any]) -> str:
    """The whole result, as it stands in the README."""
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


def between_marks(text: str, inside: str) -> str:
    """The text with something else between its two marks."""
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise RuntimeError(f"There are no {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n{inside}{END}{after}"


def about(result: cabc.Mapping[str, Any]) -> str:
    """Where, on what, with which versions."""
    machine, versions = result["machine"], result["versions"]
    quick = (
        " A quick run: a tenth of the data, few rounds; take no figure from it." if result["quick"] else ""
    )
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory'] / 2**30:.0f} GB, "
        f"load {machine['load']} before and {machine['load_after']} after; broker and reader share them. "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + f". Medians of {result['rounds']} rounds, a fresh process each; "
        f"spread is the range as a part of the median.{quick}"
    )


def table(job: Job, entries: cabc.Sequence[Entry]) -> str:
    """A row for each case; the ratio is to the first, in the job's first metric."""
    lead = job.metrics[0]
    head = ["", *job.metrics, f"x {entries[0]['name']}", "spread", "messages", "rounds"]
    return grid(head, [_row(job, entry, entries[0], lead) for entry in entries])


def _row(job: Job, entry: Entry, first: Entry, lead: Metric) -> list[str]:
    apart = spread(entry, lead)
    return [
        entry["name"],
        *(number(median(entry, metric)) for metric in job.metrics),
        number(ratio(entry, first, lead)),
        "" if apart is None else f"{apart:.0%}",
        f"{entry['messages']:,}" if entry["messages"] else "",
        str(len(entry["runs"])),
    ]


def targets(result: cabc.Mapping[str, Any]) -> list[list[str]]:
    """What was wanted of that which was measured, and whether it is so."""
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
    """The same ratio in messages per CPU second, which a busy machine bends less."""
    if target.metric is not Metric.RATE:
        return ""
    who, other = (
        entry["messages"] / (median(entry, Metric.PROCESSOR) or 1)
        for entry in (entries[target.who], entries[target.other])
    )
    return number(who / other) if other else ""


def sentence(target: Target) -> str:
    """A target in words."""
    bound, limit = ("≥", target.at_least) if target.at_least is not None else ("≤", target.at_most)
    return f"({target.letter}) {target.who}, {target.metric}: {bound} {limit:g} x {target.other}"


def number(found: float | None) -> str:
    """Three digits that count."""
    if found is None:
        return ""
    return f"{found:,.0f}" if found >= 100 else f"{found:.3g}"


def grid(head: cabc.Sequence[str], rows: cabc.Sequence[cabc.Sequence[str]]) -> str:
    """A table of markdown that reads well as text: names to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(row, widths) for row in [head, rule, *rows])


def _line(row: cabc.Sequence[str], widths: cabc.Sequence[int]) -> str:
    cells = [
        row[0].ljust(widths[0]),
        *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
    ]
    return f"| {' | '.join(cells)} |"
