"""The command: `framework`, and `python -m framework`."""

from __future__ import annotations

import sys
from typing import NoReturn


def run() -> NoReturn:
    """Run the command line; see `framework.cli.main`."""
    try:
        from framework.cli import main  # late: Ctrl-C may meet the imports, a fifth of a second of them
    except KeyboardInterrupt:
        sys.exit(130)
    main()


if __name__ == "__main__":
    run()
