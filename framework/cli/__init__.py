"""The `framework` command line."""

from __future__ import annotations

import collections.abc as cabc
import os
import sys
from typing import NoReturn

import click

from framework.cli import streams
from framework.cli.commands import Commands
from framework.cli.common import Shared, failure
from framework.cli.options import shared_options


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="framework-iterator", prog_name="framework")
def root() -> None:
    """Read and manage the Kafka topics of an application.

    The application is --app, else FRAMEWORK_APP, else app.py in the current folder. Topics can be read
    without one: -b names the broker.
    """


root.params += shared_options()


def main(arguments: cabc.Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    The exit code is 0 for success, 1 for an error (which is one line), 2 for wrong use, 130 for Ctrl-C.
    """
    options = Shared(is_quiet=bool(os.environ.get("_FRAMEWORK_COMPLETE")))
    streams.prepare(is_quiet=options.is_quiet)
    try:
        status = root.main(
            arguments, prog_name="framework", standalone_mode=False, obj=options, color=options.color
        )
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except click.Abort as aborted:
        # Click converts the end of the input, too.
        ended = aborted.__cause__
        status = failure(ended, options) if isinstance(ended, EOFError) else 130
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError as error:
        status = 0 if streams.is_reader_gone() else failure(error, options)
    except Exception as error:
        status = failure(error, options)
    streams.flush()
    sys.exit(status if isinstance(status, int) else 0)
