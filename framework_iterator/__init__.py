"""Read Kafka topics from any process in one line."""

from framework_iterator.errors import (
    AlreadyIteratingError,
    InvalidStartError,
    IteratorError,
    NotIteratingError,
)
from framework_iterator.iterator import Iterator
from framework_iterator.plan import Plan, PlannedPartition
from framework_iterator.report import Ended, PartitionReport, Report
from framework_iterator.starts import Start

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
