"""Iterator's plan, and the requests that it costs."""

from __future__ import annotations

import collections
import logging
import re

from framework_iterator import Iterator
from tests.benchmarks.contenders.iterator import application
from tests.benchmarks.contenders.program import Counts, run, warm


def plan(servers: str, topic: str) -> Counts:
    return {"partitions": len(Iterator(topic, app=application(servers)).plan())}


def plan_warm(servers: str, topic: str) -> Counts:
    """Times are taken without the log, from which the requests are counted afterwards."""
    return {**warm(plan, 10)(servers, topic), "requests": requests(servers, topic)}


def requests(servers: str, topic: str) -> dict[str, int]:
    """What librdkafka says of the requests that it sends for a plan."""
    sent: collections.Counter[str] = collections.Counter()

    class Counter(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if found := re.search(r"Sent (\w+)Request", record.getMessage()):
                sent[found[1]] += 1

    logger = logging.getLogger("framework.librdkafka")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(Counter())
    Iterator(topic, app=application(servers), settings={"debug": "protocol"}).plan()
    return {name: sent[name] for name in sorted(sent)}


if __name__ == "__main__":
    run({"plan": plan_warm})
