"""The commands `framework` and `python -m framework`."""

from __future__ import annotations

import sys
from typing import NoReturn


def run() -> NoReturn:
    """Run the command line; see `framework.cli.main`."""
    try:
        from framework.cli import main  # late: Ctrl-C may interrupt the imports
    except KeyboardInterrupt:
        sys.exit(130)
    main()


if __name__ == "__main__":
    run()
