"""The public function: plan once, split, run a function over each part, combine, join the reports."""

from __future__ import annotations

import collections.abc as cabc
import concurrent.futures
import re
import uuid
from typing import Any, Never, TypeVar, Unpack, overload

from framework import App, ConfigError
from framework.discovery import find_app, import_app
from framework.types import NOT_GIVEN, KafkaSettings, T, U
from framework_iterator.arguments import check_arguments
from framework_iterator.errors import InvalidOptionError
from framework_iterator.iterator import Iterator
from framework_iterator.options import Errors
from framework_iterator.planning.plan import Plan
from framework_iterator.planning.positions import Positions
from framework_iterator.planning.subscription import Declared, Topics, Until
from framework_iterator.recipe import Recipe
from framework_iterator.scanning.app_path import check_declared, import_path
from framework_iterator.scanning.options import (
    ScanOptions,
    check_callable,
    check_executor,
    check_not_importing,
    check_refused,
    check_workers,
)
from framework_iterator.scanning.result import Scan
from framework_iterator.scanning.running import Workers, commit_end, run_parts
from framework_iterator.scanning.sending import check_settings
from framework_iterator.scanning.task import Task
from framework_iterator.selecting.filters import Predicate

V = TypeVar("V")


@overload
def scan(
    topics: Declared[T, U],
    function: cabc.Callable[[Iterator[T, Never, U]], V],
    combine: cabc.Callable[[V, V], V],
    **options: Unpack[ScanOptions],
) -> Scan[V]: ...
@overload
def scan(
    topics: Topics[Any, Any] | Plan,
    function: cabc.Callable[[Iterator[Any, Never, object]], V],
    combine: cabc.Callable[[V, V], V],
    **options: Unpack[ScanOptions],
) -> Scan[V]: ...
def scan(
    topics: Topics[Any, Any] | Plan,
    function: cabc.Callable[[Any], Any],
    combine: cabc.Callable[[Any, Any], Any],
    *,
    workers: int | None = None,
    executor: concurrent.futures.Executor | None = None,
    app: App | str | None = None,
    settings: KafkaSettings | None = None,
    until: Until = None,
    resume: Positions | None = None,
    where: Predicate | None = None,
    key: object = NOT_GIVEN,
    containing: str | bytes | re.Pattern[bytes] | None = None,
    errors: Errors = "raise",
    group_id: str | None = None,
    mark: bool = False,
    progress: bool = False,
    **refused: Any,
) -> Scan[Any]:
    """Read topics with several workers: call a function on each part, and combine what it returns.

        def count(messages):
            return sum(1 for message in messages)

        result = scan(flights, count, operator.add, workers=2)
        result.value, result.report

    The plan is made once, so the end is pinned for all parts. Each worker imports the application, and
    gives the function an Iterator over its part. Without an executor, the workers are processes of this
    machine, which end with the scan; so a script must have its `if __name__ == "__main__":`. The first error
    cancels the other parts, and is a ScanError. A plan with nothing to read is one part.

    Args:
        topics: What an Iterator takes: topics with starts, or a Plan.
        function: Is called in a worker with the Iterator of its part, and returns a value.
        combine: Is called here with two values, in the order of the parts.
        workers: How many parts there are at most; by default one per core, or worker of the executor, and
            fewer where there is little to read.
        executor: A concurrent.futures.Executor, such as Dask's `client.get_executor()`.
        app: The application, or its import path `module:name`; by default the current one.
        settings: librdkafka's settings; workers are sent them, so secrets are refused.
        until: As for an Iterator, like `resume`, `where`, `key`, `containing`, `errors` and `group_id`.
        resume: `report.positions` of an earlier scan.
        where: A function, which workers are sent.
        key: The wanted key.
        containing: What the raw payload must contain.
        errors: "raise" or "skip".
        group_id: The group of the start True, and of `mark`.
        mark: Commit where the parts have ended, when all of them have.
        progress: Show a bar on stderr for all parts together.
        **refused: Other options of an Iterator are an InvalidOptionError that says why.
    """
    check_not_importing()
    check_refused(refused)
    check_executor(executor)
    if isinstance(topics, Iterator):  # it would be read here, for its topics
        raise InvalidOptionError(f"{topics!r} is an Iterator: pass its topics, or iterator.plan().")
    crew = Workers(executor, check_workers(workers))
    own, path = _application(app, crew)
    options = {
        "settings": check_settings(settings),
        "where": where,
        "key": key,
        "containing": containing,
        "errors": errors,
        "group_id": group_id,
    }
    recipe = _recipe(topics, own, until=until, resume=resume, **options)
    task = Task(
        scan=uuid.uuid4().hex,
        app=path,
        servers=str(recipe.settings.kafka["bootstrap.servers"]) if crew.share_environment else None,
        part=Plan(()),
        declared=check_declared(own, recipe.topics),
        function=check_callable("function", function),
        options={name: value for name, value in options.items() if value is not NOT_GIVEN},
    )
    crew.check(task)
    check_callable("combine", combine)
    crew.prepare()
    with recipe.connected() as source:
        plan = recipe.make_plan(source)
    found = run_parts(crew, task, plan, combine, progress=progress)
    if mark:
        commit_end(recipe, plan, found)
    return found


def _application(app: App | str | None, crew: Workers) -> tuple[App, str]:
    """Return the application, and the path by which workers import it."""
    if isinstance(app, str):
        return import_app(app), app
    own = find_app() if app is None else app
    if not isinstance(own, App):
        raise ConfigError(f"app={app!r} isn't an App: pass one, or its import path 'module:name'.")
    return own, import_path(own, main=crew.main)


def _recipe(topics: object, app: App, **options: Any) -> Recipe:
    recipe = check_arguments(
        topics,
        app=app,
        order=None,
        limit=None,
        follow=False,
        yield_none=False,
        max_wait=0.2,
        progress=False,
        **options,
    )
    if recipe.settings.follow:
        raise InvalidOptionError("settings={'enable.partition.eof': False} is refused: a scan has an end.")
    return recipe
