"""The logger of what a run says about itself. The command line shows it on stderr."""

from __future__ import annotations

import logging
from typing import Final

logger: Final = logging.getLogger(__name__)
