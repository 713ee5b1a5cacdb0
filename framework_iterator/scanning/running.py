"""Run the parts of a scan in its workers, and commit their end."""

from __future__ import annotations

import collections.abc as cabc
import concurrent.futures
import contextlib
import dataclasses
import os
from typing import Any, Final

from framework import CommitError
from framework_iterator.options import check_given_plan
from framework_iterator.planning.plan import Plan
from framework_iterator.progress_bar import ProgressBar
from framework_iterator.recipe import Recipe
from framework_iterator.scanning.app_path import main_of_others, main_of_processes
from framework_iterator.scanning.collecting import Collector, News
from framework_iterator.scanning.errors import ScanError
from framework_iterator.scanning.futures import news_of, width_of
from framework_iterator.scanning.joining import join
from framework_iterator.scanning.result import Scan
from framework_iterator.scanning.sending import dumps
from framework_iterator.scanning.task import Task

_LEAST: Final = 100_000
"""Offsets of a part for which one more process is worth its start, unless `workers` asks for it."""


@dataclasses.dataclass(frozen=True)
class Workers:
    """Who runs the parts: an executor, or else processes of ours.

    Args:
        executor: The caller's executor, or None.
        wanted: How many parts the caller asked for, or None.
    """

    executor: concurrent.futures.Executor | None
    wanted: int | None

    @property
    def main(self) -> str | None:
        """The name by which they import the module `__main__`, or None."""
        if isinstance(self.executor, concurrent.futures.ThreadPoolExecutor):
            return "__main__"
        return main_of_processes() if self._is_pickling else main_of_others()

    @property
    def _is_pickling(self) -> bool:
        """Whether functions are sent by their name only."""
        return self.executor is None or isinstance(self.executor, concurrent.futures.ProcessPoolExecutor)

    @property
    def share_environment(self) -> bool:
        """Whether they have the caller's environment."""
        return self.executor is None

    def check(self, task: Task) -> None:
        """Raise InvalidOptionError for what can't be sent to them."""
        if self._is_pickling:
            dumps(task, main=self.main)

    def prepare(self) -> None:
        """Start what worker processes need, beside the requests of the plan."""
        if self.executor is None:
            # Late: it brings parts of multiprocessing that other programs don't need.
            from framework_iterator.scanning.processes import prepare

            prepare()

    def split(self, plan: Plan) -> tuple[Plan, ...]:
        """Return the parts of a plan: one for each of them, fewer where that is faster."""
        check_given_plan(plan, until=None, resume=None, follow=False)
        count = self.wanted
        if count is None:
            width = None if self.executor is None else width_of(self.executor)
            count = min(width or _cores(), max(1, plan.count // _LEAST))
        return plan.split(count)

    @contextlib.contextmanager
    def run(self, tasks: cabc.Sequence[Task]) -> cabc.Generator[cabc.Iterator[News]]:
        """Start the tasks and give what they send; what still runs at the end of the block is ended."""
        if self.executor is not None:
            with contextlib.closing(news_of(self.executor, tasks)) as news:
                yield news
        else:
            from framework_iterator.scanning.processes import Processes  # late, as above

            with Processes([dumps(task, main=self.main) for task in tasks]) as processes:
                yield processes.news()


def run_parts(
    workers: Workers,
    task: Task,
    plan: Plan,
    combine: cabc.Callable[[Any, Any], Any],
    *,
    progress: bool,
) -> Scan[Any]:
    """Run a task over the parts of a plan, and return the combined value and the joint report."""
    parts = workers.split(plan)
    collector = Collector(parts, combine)
    bar = ProgressBar("scanning", plan.count, progress)
    try:
        with workers.run([dataclasses.replace(task, part=part) for part in parts]) as all_news:
            for number, news in all_news:
                collector.take(number, news)
                bar.update(collector.done, collector.messages)
    finally:
        bar.close(collector.done, collector.messages)
    return Scan(collector.value, join(plan, collector.reports), collector.reports)


def commit_end(recipe: Recipe, plan: Plan, scan: Scan[Any]) -> None:
    """Commit where reading has ended; a ScanError with the result where the broker doesn't."""
    offsets = {each.key: each.position for each in scan.report if each.position > each.start}
    if not offsets:
        return
    with recipe.connected() as source:
        try:
            source.committer.commit(offsets)
        except CommitError as error:
            raise ScanError(
                f"All parts have ended, but the marks were not committed: {error} The result is error.scan.",
                part=plan,
                reports=scan.reports,
                scan=scan,
            ) from error


def _cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
