from __future__ import annotations

import logging

import pytest


def test_equal_lines_are_logged_once_in_ten_seconds_also_when_they_alternate(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lines = ["one is down (after 0ms in state CONNECT)", "another is down (after 1ms in state CONNECT)"]
    with caplog.at_level(logging.ERROR, "framework.librdkafka"):
        for number in range(40):
            logging.getLogger("framework.librdkafka").error(lines[number % 2].replace("0ms", f"{number}ms"))
    assert [record.getMessage() for record in caplog.records] == lines
