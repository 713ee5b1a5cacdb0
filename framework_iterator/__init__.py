"""Read Kafka topics from any process in one line."""

import typing as _typing

from framework.lazy import attach as _attach
from framework_iterator.errors import (
    AlreadyIteratingError,
    InvalidStartError,
    IteratorError,
    NotIteratingError,
)

if _typing.TYPE_CHECKING:
    from framework_iterator.iterator import Iterator
    from framework_iterator.planning.plan import Plan, PlannedPartition
    from framework_iterator.report import Ended, PartitionReport, Report
    from framework_iterator.planning.starts import Start
else:
    # Loaded when asked for: `framework --help` needs none of them. Type checkers see the imports above.
    __getattr__, __dir__ = _attach(
        __name__,
        {
            "Iterator": "iterator",
            "Plan": "plan",
            "PlannedPartition": "plan",
            "Ended": "report",
            "PartitionReport": "report",
            "Report": "report",
            "Start": "starts",
        },
    )

__all__ = [
    "AlreadyIteratingError",
    "Ended",
    "InvalidStartError",
    "Iterator",
    "IteratorError",
    "NotIteratingError",
    "PartitionReport",
    "Plan",
    "PlannedPartition",
    "Report",
    "Start",
]
