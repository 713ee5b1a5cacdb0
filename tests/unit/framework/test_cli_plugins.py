"""Plugins of the command: what they add, and that a broken one harms nothing."""

from __future__ import annotations

import pytest

from tests.command_line import CommandLine
from tests.shop import APP, COMMANDS, commands


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("raise ValueError('two\\nlines')", "doesn't load: ValueError: two lines", id="module"),
        pytest.param(
            "class plugin:\n    def commands():\n        raise ValueError('x')",
            "gives no commands: ValueError: x",
            id="commands",
        ),
        pytest.param(
            "class plugin:\n    def commands():\n        raise SystemExit(3)",
            "gives no commands: SystemExit: 3",
            id="sys.exit",
        ),
        pytest.param(
            "class Plugin:\n    @property\n    def commands(self):\n        {}['x']\nplugin = Plugin()",
            "gives no commands: KeyError: 'x'",
            id="a property",
        ),
        pytest.param(
            "class plugin:\n    def commands():\n        return {'zap': 5.0}",
            "gives no commands: TypeError: commands() gives a float for 'zap': no Command",
            id="no command",
        ),
        pytest.param(
            "class plugin:\n    def commands():\n        return {5: 1}",
            "gives no commands: TypeError: commands() gives 5 for a name: it must be a str",
            id="no name",
        ),
        pytest.param(
            "class plugin:\n    def commands():\n        return None",
            "gives no commands: TypeError: 'NoneType' object is not iterable",
            id="nothing",
        ),
    ],
)
def test_a_broken_plugin_is_one_line_and_harms_nothing(source: str, reason: str, line: CommandLine) -> None:
    install(line, "noisy", source)
    code, out, error = line.run("--help")

    assert (code, error.count("\n")) == (0, 1)
    assert error.startswith("Plugin noisy (noisy 1.5) ")
    assert reason in error
    assert "iterate" in commands(out)
    assert line.run("--help", FRAMEWORK_PLUGINS="")[2] == ""


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise ValueError('x')", "ValueError: x"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("return {5: app}", "TypeError: shell_names() gives 5 for a name: it must be a str"),
    ],
)
def test_a_plugin_that_gives_no_names_harms_no_shell(source: str, reason: str, line: CommandLine) -> None:
    install(line, "noisy", f"class plugin:\n    def shell_names(app):\n        {source}")
    code, out, error = line.run("shell", "-c", "print(Iterator.__name__)")

    assert (code, out) == (0, "Iterator\n")
    assert error.startswith(f"Plugin noisy (noisy 1.5) gives no names: {reason}")


def test_a_plugin_adds_a_command_and_names(line: CommandLine) -> None:
    source = """
import click
@click.command()
def hello():
    print("hello")
class plugin:
    def commands(): return {"hello": hello}
    def shell_names(app): return {"client_id": app.client_id}
"""
    install(line, "kind", source)
    line.write("app.py", APP)

    assert commands(line.run("--help")[1])["hello"] == "From a plugin."
    assert line.run("hello") == (0, "hello\n", "")
    assert line.run("shell", "-c", "print(client_id)") == (0, "shop\n", "")


def test_a_plugin_takes_no_command_from_another(line: CommandLine, cluster: str) -> None:
    source = """
import click
class plugin:
    def commands(): return {name: click.Command(name, callback=print) for name in ("info", "iterate")}
"""
    install(line, "zz_late", source)
    code, out, error = line.run("--help")

    assert code == 0
    assert commands(out)["iterate"] == "Read topics in the terminal, a message a line."
    assert error == (
        "The command 'info' of plugin zz_late (zz_late 1.5) is hidden by another.\n"
        "The command 'iterate' of plugin zz_late (zz_late 1.5) is hidden by another.\n"
    )
    assert line.run("info", KAFKA_BOOTSTRAP_SERVERS=cluster)[2] == ""


def test_a_plugin_is_set_up_once_with_the_application(line: CommandLine) -> None:
    install(line, "kind", "class plugin:\n    def setup(app): print('set up', app.client_id)")
    line.write("app.py", COMMANDS)

    assert line.run("find-plane", "N1") == (0, "set up shop\nN1\n", "")


@pytest.mark.parametrize(
    ("source", "reason"), [("ValueError('x')", "ValueError: x"), ("SystemExit(3)", "SystemExit: 3")]
)
def test_a_plugin_that_cannot_be_set_up_harms_nothing(source: str, reason: str, line: CommandLine) -> None:
    install(line, "noisy", f"class plugin:\n    def setup(app): raise {source}")
    code, out, error = line.run("shell", "-c", "print(1)")

    assert (code, out) == (0, "1\n")
    assert error.startswith(f"Plugin noisy (noisy 1.5) isn't set up: {reason}")


def install(line: CommandLine, name: str, source: str) -> None:
    folder = line.folder / f"{name}-1.5.dist-info"
    folder.mkdir()
    folder.joinpath("entry_points.txt").write_text(f"[framework.plugins]\n{name} = {name}_module:plugin\n")
    folder.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n")
    line.write(f"{name}_module.py", source)
