"""An Iterator stays in its process: what is pickled is a plan, positions, or the names of topics."""

from __future__ import annotations

import collections.abc as cabc
import copy
import pickle

import pytest

from framework import App
from framework.testing import reset_current_app
from framework_iterator import Iterator


@pytest.fixture(autouse=True)
def _no_app_is_left() -> cabc.Iterator[None]:
    yield
    reset_current_app()


@pytest.mark.parametrize("dump", [pickle.dumps, copy.copy, copy.deepcopy], ids=lambda each: each.__name__)
def test_it_says_what_to_pickle_instead(dump: cabc.Callable[[object], object]) -> None:
    iterator = Iterator("flights", app=App(kafka={"bootstrap.servers": "127.0.0.1:1"}))
    with pytest.raises(TypeError) as raised:
        dump(iterator)

    assert str(raised.value) == (
        "<Iterator flights> can't be pickled or copied: its run belongs to this process. Pickle what makes "
        "one instead, and write Iterator(...) there: the names of the topics, iterator.plan(), or "
        "iterator.report.positions for resume=."
    )
