"""`manage.py kafka`: all commands of the application that `KAFKA_APP` names."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, TextIO, cast

import click
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from framework import current
from framework.cli import streams
from framework.cli.commands import Commands
from framework.cli.common import Shared, one_line
from framework.cli.options import shared_options
from framework.contrib.django.arguments import Parser, django_options
from framework.contrib.django.output import TextOutput
from framework.errors import FrameworkError


class Command(BaseCommand):  # type: ignore[misc]
    """Runs the commands of `framework` with the settings and models of the project."""

    help = "Read and manage the Kafka topics of the application that the setting KAFKA_APP names."
    # To look into a topic must be possible while the urls or templates of the project are broken.
    requires_system_checks: list[str] = []  # noqa: RUF012  # it is Django's attribute

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return a parser that leaves the arguments to click."""
        self._name = f"{os.path.basename(prog_name)} {subcommand}".strip()
        return Parser(super().create_parser(prog_name, subcommand, add_help=False, **kwargs))

    def print_help(self, prog_name: str, subcommand: str) -> None:
        """Print the help, which lists the commands: `manage.py help kafka`."""
        self.create_parser(prog_name, subcommand)
        self._run(["--help"], color=None)

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as other commands do: an error is a sentence on stderr, a traceback with `--traceback`."""
        streams.prepare(is_quiet=False)
        try:
            super().run_from_argv(argv)
            sys.stdout.flush()
        except ImproperlyConfigured as error:
            if "--traceback" in argv:
                raise
            self.stderr.write(f"ImproperlyConfigured: {error}")
            sys.exit(1)
        except BrokenPipeError:
            if not streams.is_reader_gone():
                raise
        finally:
            streams.flush()

    def handle(self, *_arguments: str, **options: Any) -> None:
        """Run the arguments; an error of framework, or wrong use, is a CommandError with its cause."""
        color = False if options["no_color"] else True if options["force_color"] else None
        out, error = options.get("stdout"), options.get("stderr")
        with contextlib.ExitStack() as stack:
            if out is not None:
                with_bytes = out if hasattr(out, "buffer") else cast(TextIO, TextOutput(out))
                stack.enter_context(contextlib.redirect_stdout(with_bytes))
            if error is not None:
                stack.enter_context(contextlib.redirect_stderr(error))
            stack.enter_context(current.preserved())
            self._run(options["arguments"], color)

    def _run(self, arguments: list[str], color: bool | None) -> None:
        shared = Shared(host_options=tuple(django_options(hidden=True)))
        group = Commands(
            "kafka",
            help=self.help,
            params=[*shared_options(), *django_options(hidden=False)],
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        color = shared.color if color is None else color
        try:
            status = group.main(
                arguments, prog_name=self._name, standalone_mode=False, obj=shared, color=color
            )
        except click.ClickException as error:
            text, context = error.format_message(), getattr(error, "ctx", None)
            if context is not None and not text.startswith("Usage:"):  # it is the help, without a command
                text = f"{context.get_usage()}\n{text}"
            raise CommandError(text, returncode=error.exit_code) from error
        except FrameworkError as error:
            raise CommandError(one_line(error)) from error
        except click.Abort as aborted:
            if isinstance(aborted.__cause__, EOFError):
                raise CommandError("The input ended.") from aborted
            sys.exit(130)
        if isinstance(status, int) and status:
            sys.exit(status)
