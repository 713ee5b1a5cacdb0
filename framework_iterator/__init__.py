"""Read Kafka topics from any process in one line."""

from framework_iterator.batch import Batch
from framework_iterator.errors import (
    AlreadyIteratingError,
    InvalidOptionError,
    InvalidStartError,
    IteratorError,
    NotIteratingError,
)
from framework_iterator.exporting import export
from framework_iterator.iterator import Iterator
from framework_iterator.planning.plan import Plan, PlannedPartition
from framework_iterator.planning.starts import Start
from framework_iterator.querying.entry import sql
from framework_iterator.report import Ended, PartitionReport, Report
from framework_iterator.scanning.entry import scan
from framework_iterator.scanning.errors import ScanError
from framework_iterator.scanning.result import Scan

__all__ = [
    "AlreadyIteratingError",
    "Batch",
    "Ended",
    "InvalidOptionError",
    "InvalidStartError",
    "Iterator",
    "IteratorError",
    "NotIteratingError",
    "PartitionReport",
    "Plan",
    "PlannedPartition",
    "Report",
    "Scan",
    "ScanError",
    "Start",
    "export",
    "scan",
    "sql",
]
