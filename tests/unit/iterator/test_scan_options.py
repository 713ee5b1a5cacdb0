from __future__ import annotations

import operator
import pathlib
import sys
import types
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from framework import App, AppNotFoundError, ConfigError
from framework_iterator import InvalidOptionError, Iterator, IteratorError, Plan, PlannedPartition, scan
from framework_iterator.scanning import running
from framework_iterator.scanning.app_path import import_path, main_of_others, main_of_processes
from framework_iterator.scanning.futures import width_of
from framework_iterator.scanning.running import Workers

AN_ITERATOR = "filter with where=, or read with an Iterator."
AN_EXECUTOR = "a concurrent.futures.Executor, such as Dask's client.get_executor()."


def count(messages: Any) -> int:
    return sum(1 for _ in messages)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> types.ModuleType:
    """A module with an application, and another one that imports it."""
    (tmp_path / "scan_shop.py").write_text("from framework import App\napp = App(client_id='shop')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = __import__("scan_shop")
    monkeypatch.setitem(sys.modules, "scan_shop", module)
    return module


def test_an_app_is_found_in_its_module(shop: types.ModuleType) -> None:
    assert import_path(shop.app, main=None) == "scan_shop:app"


def test_an_app_of_no_module_is_an_error_that_says_what_to_write() -> None:
    app = App(client_id="nowhere")
    with pytest.raises(InvalidOptionError) as caught:
        import_path(app, main="__main__")
    assert str(caught.value) == (
        f"{app!r} is in no module under a name of its own. An app isn't sent, since its settings may have "
        "secrets: workers import it. Make it at the top of a module, such as app = App() in shop.py, "
        "and pass app='shop:app'."
    )


def test_an_app_of_main(monkeypatch: pytest.MonkeyPatch) -> None:
    app = App(client_id="main")
    monkeypatch.setattr(sys.modules["__main__"], "my_app", app, raising=False)
    assert import_path(app, main="__main__") == "__main__:my_app"
    assert import_path(app, main="shop.report") == "shop.report:my_app"
    with pytest.raises(InvalidOptionError, match=r"> is in __main__, which the workers can't import\. "):
        import_path(app, main=None)


@pytest.mark.parametrize(
    ("attributes", "processes", "others"),
    [
        ({"__file__": __file__}, "__main__", None),
        ({"__file__": "<stdin>"}, None, None),
        ({}, None, None),
        (
            {"__spec__": types.SimpleNamespace(name="shop.report"), "__file__": __file__},
            "__main__",
            "shop.report",
        ),
    ],
    ids=["script", "stdin", "-c or a notebook", "python -m"],
)
def test_how_workers_import_main(
    monkeypatch: pytest.MonkeyPatch, attributes: dict[str, Any], processes: str | None, others: str | None
) -> None:
    main = types.ModuleType("__main__")
    vars(main).update(attributes)
    monkeypatch.setitem(sys.modules, "__main__", main)
    assert (main_of_processes(), main_of_others()) == (processes, others)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"follow": True}, "follow=True is refused: a scan has an end."),
        ({"yield_none": True}, "yield_none=True is refused: a scan has an end."),
        ({"limit": 3}, f"limit=3 is refused: the parts would have to count together; {AN_ITERATOR}"),
        (
            {"order": "time"},
            "order='time' is refused: the parts are read at the same time; read with an Iterator.",
        ),
        ({"workers": 0}, "workers=0 is invalid: expected an int >= 1 or None."),
        ({"workers": True}, "workers=True is invalid: expected an int >= 1 or None."),
        ({"executor": 3}, f"executor=3 is invalid: expected {AN_EXECUTOR}"),
        ({"function": "count"}, "function='count' is invalid: expected a function."),
        ({"combine": None}, "combine=None is invalid: expected a function."),
        ({"errors": "ignore"}, "errors='ignore' is invalid: expected 'raise' or 'skip'."),
    ],
)
def test_what_is_refused_before_anything_starts(
    shop: types.ModuleType, given: dict[str, Any], text: str
) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        scan(
            **{"topics": "x", "function": operator.length_hint, "combine": operator.add, "app": shop.app}
            | given
        )
    assert str(caught.value) == text


def test_an_unknown_option_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"^scan\(\) got an unexpected keyword argument 'worker'$"):
        scan("x", count, operator.add, worker=2)  # type: ignore[call-overload]


def test_an_iterator_instead_of_its_topics(shop: types.ModuleType) -> None:
    iterator = Iterator("x", app=shop.app)
    with pytest.raises(
        InvalidOptionError, match=r"^<Iterator x> is an Iterator: pass its topics, or iterator\.plan\(\)\.$"
    ):
        scan(iterator, count, operator.add, app=shop.app)  # type: ignore[call-overload]


def test_an_app_that_is_none() -> None:
    with pytest.raises(
        ConfigError, match=r"^app=3 isn't an App: pass one, or its import path 'module:name'\.$"
    ):
        scan("x", count, operator.add, app=3)  # type: ignore[call-overload]
    with pytest.raises(AppNotFoundError, match=r"^No module 'no_such_shop'"):
        scan("x", count, operator.add, app="no_such_shop:app")


def test_a_process_that_imports_the_program_scans_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    process = types.SimpleNamespace(_inheriting=True)
    monkeypatch.setattr("multiprocessing.current_process", lambda: process)
    with pytest.raises(IteratorError, match=r"Put what the program runs below if __name__ == '__main__':"):
        scan("x", count, operator.add)


def plan(count: int) -> Plan:
    return Plan((PlannedPartition("x", 0, 0, count, 0, count),))


@pytest.mark.parametrize(
    ("offsets", "wanted", "parts"),
    [
        (0, None, 1),
        (running._LEAST, None, 1),
        (running._LEAST * 2, None, 2),
        (10**9, None, 4),
        (9, 3, 3),
        (2, 3, 2),
    ],
)
def test_there_are_as_many_parts_as_workers_but_for_small_topics(
    offsets: int, wanted: int | None, parts: int
) -> None:
    with ThreadPoolExecutor(4) as executor:
        assert len(Workers(executor, wanted).split(plan(offsets))) == parts


def test_a_plan_without_partitions_is_refused() -> None:
    with pytest.raises(InvalidOptionError, match=r"^The plan has no partitions\.$"):
        Workers(None, 2).split(Plan(()))


def test_how_many_workers_an_executor_has() -> None:
    client = types.SimpleNamespace(nthreads=lambda: {"tcp://one": 4, "tcp://other": 4})
    assert width_of(types.SimpleNamespace(_client=client)) == 2
    assert width_of(object()) is None
    with ThreadPoolExecutor(3) as executor:
        assert width_of(executor) == 3
