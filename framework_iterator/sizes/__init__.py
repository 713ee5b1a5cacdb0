"""How large the messages of topics are."""

from framework_iterator.sizes.distribution import Distribution
from framework_iterator.sizes.measure import Sizes, measure

__all__ = ["Distribution", "Sizes", "measure"]
