from __future__ import annotations

from unittest import mock

import pytest

from framework_iterator.reading.source import Source


def test_a_second_ctrl_c_while_the_reader_closes_leaves_no_committer_open() -> None:
    source = Source({"bootstrap.servers": "127.0.0.1:1", "group.id": "g"}, 0.1)
    with (
        mock.patch("framework_iterator.reading.source.Worker.close", side_effect=KeyboardInterrupt),
        mock.patch.object(source.committer, "close") as close,
        pytest.raises(KeyboardInterrupt),
    ):
        source.close()
    close.assert_called_once()
