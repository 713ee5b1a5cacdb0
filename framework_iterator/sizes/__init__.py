"""The sizes of messages: measure them, and show how they are distributed."""

from framework_iterator.sizes.distribution import Distribution
from framework_iterator.sizes.measure import PartitionSizes, Sizes, measure

__all__ = ["Distribution", "PartitionSizes", "Sizes", "measure"]
