import click

from framework import App
from framework.discovery import find_app


class CountPlugin:
    def commands(self) -> dict[str, click.Command]:
        return {"count": count}

    def shell_names(self, app: App) -> dict[str, object]:
        return {"admin": app.admin()}


@click.command()
@click.argument("topic")
def count(topic: str) -> None:
    """Print how many offsets a TOPIC has."""
    watermarks = find_app().admin().watermarks(topic)[topic]  # the application of the command line
    click.echo(sum(each.high - each.low for each in watermarks.values()))


plugin = CountPlugin()
