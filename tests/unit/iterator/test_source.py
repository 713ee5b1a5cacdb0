from __future__ import annotations

from unittest import mock

import pytest

from framework import CallbackError
from framework_iterator.reading.source import Source
from tests.support import wait_until


def test_a_second_ctrl_c_while_the_reader_closes_leaves_no_committer_open() -> None:
    source = Source({"bootstrap.servers": "127.0.0.1:1", "group.id": "g"}, 0.1)
    with (
        mock.patch("framework_iterator.reading.source.Worker.close", side_effect=KeyboardInterrupt),
        mock.patch.object(source.committer, "close") as close,
        pytest.raises(KeyboardInterrupt),
    ):
        source.close()
    close.assert_called_once()


def raising(*_: object) -> None:
    raise ValueError("mine")


def test_callbacks_that_are_due_are_called_before_the_source_is_closed() -> None:
    source = Source({"bootstrap.servers": "127.0.0.1:1", "group.id": "g", "error_cb": raising}, 0.1)
    try:
        with pytest.raises(CallbackError, match=r"error_cb raised ValueError: mine\."):
            wait_until(source.serve_callbacks, "the connection is refused")
    finally:
        source.close()
