"""The `framework` command."""

from __future__ import annotations

import importlib.metadata

import click

from framework.cli.info import info


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(importlib.metadata.version("framework-iterator"), prog_name="framework")
def main() -> None:
    """Read and manage the Kafka topics of an application."""


main.add_command(info)
