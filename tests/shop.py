"""The application of those who type `framework`, and what its help lists."""

from __future__ import annotations

import re

# Nobody listens there.
APP = """
import click, sys, time
from framework import App, BrokerError
app = App(kafka={"bootstrap.servers": "127.0.0.1:1"}, client_id="shop", broker_timeout=0.3)
orders = app.topic("eu-orders", payload=dict)
"""
COMMANDS = (
    APP
    + """
@app.command()
@click.argument("tailnum")
@click.option("--loud", is_flag=True, help="Shout.")
def find_plane(tailnum, loud):
    "Find a plane by its tail number."
    print(tailnum.upper() if loud else tailnum)

@app.command()
def servers():
    from framework.discovery import find_app
    print(find_app().kafka["bootstrap.servers"])

@app.command()
def fail():
    raise BrokerError("It can't be.")

@app.command()
def mistake():
    {}["key"]

@app.command()
def wait():
    print("ready", flush=True)
    while True:
        time.sleep(0.1)  # not pause(): a signal just before it would be waited for without end

@app.command("read-all")
def read_all():
    input()
"""
)


def commands(help_text: str) -> dict[str, str]:
    """The commands of a help text, with what it says of each."""
    listed = re.sub(r"\n {10,}", " ", help_text.partition("Commands:\n")[2])
    return dict(re.split(r"\s+", row.strip(), maxsplit=1) for row in listed.splitlines())
