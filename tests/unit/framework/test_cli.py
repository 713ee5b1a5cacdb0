from __future__ import annotations

import json
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest

from tests.command_line import ROOT, CommandLine
from tests.terminal import Installed

# Nobody listens there.
APP = """
import click, signal, sys
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
    signal.pause()

@app.command("read-all")
def read_all():
    input()
"""
)


@pytest.fixture
def line(tmp_path: pathlib.Path) -> CommandLine:
    return CommandLine(tmp_path)


def commands(help_text: str) -> dict[str, str]:
    listed = re.sub(r"\n {10,}", " ", help_text.partition("Commands:\n")[2])
    return dict(re.split(r"\s+", row.strip(), maxsplit=1) for row in listed.splitlines())


def test_help_lists_all_commands_with_a_text_each(line: CommandLine) -> None:
    line.write("app.py", COMMANDS)
    code, out, error = line.run("--help")

    assert (code, error) == (0, "")
    assert commands(out) == {
        "console": "The same as shell.",
        "fail": "From the application.",
        "find-plane": "Find a plane by its tail number.",
        "info": "Show versions, the app and its settings, the broker, the plugins.",
        "iterate": "Read topics in the terminal, a message a line.",
        "mistake": "From the application.",
        "new": "Write a starting app.py.",
        "read-all": "From the application.",
        "servers": "From the application.",
        "shell": "Open Python with the app, its topics and Iterator at hand.",
        "sizes": "Show how large the messages of a topic are.",
        "topics": "Show the declared topics, and what the broker has of them.",
        "wait": "From the application.",
    }
    assert "..." not in out.partition("Commands:")[2]


def test_help_without_an_app_loads_nothing_heavy(tmp_path: pathlib.Path) -> None:
    program = (
        "import sys\nfrom framework.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit as left:\n    assert left.code == 0\n"
        "print({'confluent_kafka', 'rich', 'pydantic', 'pydantic_core'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path, env={"PYTHONPATH": ROOT}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    ("arguments", "servers"),
    [
        pytest.param(["--app", "shop", "servers"], "127.0.0.1:1", id="--app before"),
        pytest.param(["servers", "--app", "shop"], "127.0.0.1:1", id="--app behind"),
        pytest.param(["servers", "--app=shop:app"], "127.0.0.1:1", id="--app=, behind"),
        pytest.param(["-b", "127.0.0.1:2", "--app", "shop", "servers"], "127.0.0.1:2", id="-b before"),
        pytest.param(["servers", "--app", "shop", "-b", "127.0.0.1:2"], "127.0.0.1:2", id="-b behind"),
        pytest.param(["--app", "shop", "servers", "-b", "[::1]:2,h,"], "[::1]:2,h,", id="without a port"),
        pytest.param(
            ["--app", "shop", "servers", "--bootstrap-servers=h:1"], "h:1", id="--bootstrap-servers"
        ),
    ],
)
def test_options_count_before_and_behind_the_command(
    arguments: list[str], servers: str, line: CommandLine
) -> None:
    line.write("shop.py", COMMANDS)

    assert line.run(*arguments) == (0, f"{servers}\n", "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param(["topcis"], "No command 'topcis'. Did you mean 'topics'?", id="close"),
        pytest.param(["xyz"], "No command 'xyz'. `framework --help` lists them all.", id="far"),
        pytest.param(["topics", "--al"], "No such option '--al'.", id="option"),
        pytest.param(["iterate", "a", "b", "a"], "Topic 'a' is given twice.", id="a topic twice"),
        pytest.param(["iterate"], "Missing argument 'TOPICS...'.", id="no topic"),
        pytest.param(["iterate", "x", "--limit", "-1"], "-1 is not in the range x>=0", id="limit"),
        pytest.param(
            ["iterate", "x", "--start", "soon"],
            "'--start': 'soon' isn't a start. Write earliest, latest, committed, 100, -10, 5m, ",
            id="start",
        ),
        pytest.param(
            ["iterate", "x", "--until", "committed"],
            "'--until': 'committed' isn't an end. Write earliest, latest, 100, -10, 5m, ",
            id="end",
        ),
        pytest.param(["sizes", "x", "--until", "soon"], "'soon' isn't an end. Write ", id="no end"),
        pytest.param(
            ["iterate", "x", "--partition", "a"],
            "'--partition': 'a' isn't a partition. Write 3, or 3=START.",
            id="partition",
        ),
        pytest.param(
            ["iterate", "x", "--partition", "1=soon"], "'soon' isn't a start.", id="a partition's start"
        ),
        pytest.param(
            ["info", "-b", ""], "'' is no broker. Write host:port, several with commas.", id="no -b"
        ),
        pytest.param(["-b", "a:1,b:70000", "info"], "'b:70000' is no broker.", id="port"),
        pytest.param(["new", "app.txt"], "'app.txt' is a file.", id="new"),
    ],
)
def test_wrong_use_is_exit_code_2_and_says_what_would_be_right(
    arguments: list[str], reason: str, line: CommandLine
) -> None:
    line.write("app.txt", "")
    code, out, error = line.run(*arguments)

    assert (code, out) == (2, "")
    assert reason in error
    assert error.startswith("Usage: framework ")


def test_an_error_of_ours_is_one_line_and_exit_code_1(line: CommandLine) -> None:
    line.write("app.py", COMMANDS)

    assert line.run("fail") == (1, "", "Error: It can't be.\n")


def test_no_terminal_acts_upon_an_error(line: CommandLine) -> None:
    line.write("app.py", APP + "@app.command()\ndef quote(): raise ValueError('\\x1b]0;title\\x07\\u202e')")
    code, _, error = line.run("quote")

    assert (code, error) == (1, "Error: ValueError: \\u001b]0;title\\u0007\\u202e (app.py, line 7)\n")


@pytest.mark.parametrize("arguments", [["fail", "--debug"], ["--debug", "fail"]])
def test_debug_shows_the_traceback(arguments: list[str], line: CommandLine) -> None:
    line.write("app.py", COMMANDS)
    code, _, error = line.run(*arguments)

    assert code == 1
    assert error.startswith("Traceback (most recent call last):\n")
    assert 'raise BrokerError("It can\'t be.")' in error
    assert error.endswith("Error: It can't be.\n")


def test_an_error_of_the_users_own_code_says_where(line: CommandLine) -> None:
    line.write("app.py", COMMANDS)
    number = COMMANDS[: COMMANDS.index('{}["key"]')].count("\n") + 1

    assert line.run("mistake") == (1, "", f"Error: KeyError: 'key' (app.py, line {number})\n")


def test_the_end_of_the_input_is_not_ctrl_c(line: CommandLine) -> None:
    line.write("app.py", COMMANDS)
    code, _, error = line.run("read-all")

    assert code == 1
    assert "Error: EOFError: EOF when reading a line (app.py, line " in error


def test_ctrl_c_is_exit_code_130_without_a_traceback(line: CommandLine) -> None:
    line.write("app.py", COMMANDS)
    with line.start("wait") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)

    assert (process.returncode, out, error) == (130, "", "\n")


BROKEN = [
    pytest.param(
        "import nopackage",
        "ModuleNotFoundError: No module named 'nopackage' (app.py, line 1)",
        id="import",
    ),
    pytest.param("x = (", "SyntaxError: '(' was never closed (app.py, line 1)", id="syntax"),
    pytest.param("raise SystemExit(3)", "The application ends while it is loaded: sys.exit(3).", id="exit"),
    pytest.param(
        "from framework import App\napp = App()\napp.topic('a b')",
        "Topic name 'a b' can't be: Kafka takes ",
        id="half-made",
    ),
    pytest.param("x = 1", "Module 'app' has no App: neither 'app' nor 'create_app()'.", id="no App"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "reason"), BROKEN)
def test_a_broken_app_fails_alone(source: str, reason: str, line: CommandLine) -> None:
    line.write("app.py", source)

    code, out, error = line.run("--help")
    assert (code, error.count("\n")) == (0, 1)
    assert "Without the application's commands: " in error
    assert "iterate" in commands(out)

    code, out, error = line.run("info", "-b", "127.0.0.1:1")
    assert (code, error) == (0, "")
    assert reason[:30] in out

    code, out, error = line.run("shell", "-b", "127.0.0.1:1", "-c", "print(app.kafka['bootstrap.servers'])")
    assert (code, out) == (0, "127.0.0.1:1\n")
    assert error.startswith("Going on without the application: ")


@pytest.mark.parametrize("arguments", [["topics"], ["iterate", "x"], ["shell", "-c", "1"], ["find-plane"]])
@pytest.mark.parametrize(("source", "reason"), BROKEN)
def test_a_broken_app_is_an_error_where_it_is_needed(
    source: str, reason: str, arguments: list[str], line: CommandLine
) -> None:
    line.write("app.py", source)
    code, out, error = line.run(*arguments)

    assert (code, out) == (1, "")
    assert error.startswith(f"Error: {reason}") or reason in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("how", ["--app", "FRAMEWORK_APP"])
def test_an_app_that_was_named_must_be_there(how: str, line: CommandLine) -> None:
    arguments, environment = (["--app", "nix:x"], {}) if how == "--app" else ([], {how: "nix:x"})
    code, out, error = line.run(*arguments, "iterate", "x", **environment)

    assert (code, out) == (1, "")
    assert error.startswith("Error: No module 'nix' for the app 'nix:x'; searched from ")


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


def test_a_plugin_takes_no_command_from_another(line: CommandLine) -> None:
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
    assert line.run("info")[2] == ""


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


def test_an_apps_command_takes_what_click_takes(line: CommandLine) -> None:
    line.write("app.py", COMMANDS)

    assert line.run("find-plane", "n14228", "--loud") == (0, "N14228\n", "")
    assert "Shout." in line.run("find-plane", "--help")[1]


def test_a_command_that_another_hides_is_told(line: CommandLine) -> None:
    line.write("app.py", APP + "app.command('iterate')(lambda: None)\n")
    code, out, error = line.run("--help")

    assert code == 0
    assert commands(out)["iterate"] == "Read topics in the terminal, a message a line."
    assert error == (
        "The application's command 'iterate' is hidden by another. Give it a name: @app.command('...').\n"
    )


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        pytest.param(
            "app.command('a')(len); app.command('a')(max)", "There are two commands 'a'.", id="twice"
        ),
        pytest.param("app.command(print)", "Write @app.command() with parentheses", id="parentheses"),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_one_line(declared: str, reason: str, line: CommandLine) -> None:
    line.write("app.py", APP + declared)
    code, _, error = line.run("a")

    assert code == 1
    assert error.startswith(f"Error: {reason}")


@pytest.mark.parametrize("command", ["shell", "console"])
def test_the_shell_runs_code_with_names(command: str, line: CommandLine) -> None:
    more = "@app.shell_names\ndef more():\n    return {'answer': 42}\n"
    line.write("app.py", APP + more)
    program = "print(app.client_id, eu_orders, Iterator.__name__, answer, __name__)"

    assert line.run(command, "-c", program) == (0, "shop <Topic eu-orders> Iterator 42 __main__\n", "")
    assert line.run(command, stdin=f"def f():\n    {program}\n\nf()\n")[:2] == (
        0,
        "shop <Topic eu-orders> Iterator 42 __main__\n",
    )


def test_an_error_in_the_shells_code_says_where(line: CommandLine) -> None:
    assert line.run("shell", stdin="x = 1\nx / 0\n") == (
        1, "", "Error: ZeroDivisionError: division by zero (<stdin>, line 2)\n",
    )  # fmt: skip


def test_new_writes_an_app_that_works_and_never_over_a_file(line: CommandLine) -> None:
    code, out, _ = line.run("new", "shop")
    assert (code, out) == (0, "shop/app.py is written. Look at it, then: cd shop && framework topics\n")

    shop = CommandLine(line.folder / "shop")
    assert shop.run("shell", "-c", "print(orders.name)") == (0, "orders\n", "")
    before = shop.folder.joinpath("app.py").read_text()
    assert shop.run("new") == (1, "", "Error: app.py exists, and is left as it is.\n")
    assert shop.folder.joinpath("app.py").read_text() == before


def test_new_says_where_it_cannot_write_and_how_to_get_there(line: CommandLine) -> None:
    line.write("file", "")

    assert line.run("new", "file/shop") == (
        1,
        "",
        "Error: file/shop/app.py can't be written: Not a directory.\n",
    )
    assert line.run("new", "my shop")[1].endswith("then: cd 'my shop' && framework topics\n")


def test_info_is_json_and_keeps_secrets(line: CommandLine) -> None:
    line.write("app.py", APP.replace("{", '{"sasl.password": "s3cret", "sasl.username": "ann", ', 1))
    code, out, error = line.run("info", "--json")
    found = json.loads(out)

    assert (code, error) == (0, "")
    assert found.keys() == {"versions", "app", "kafka", "broker", "plugins"}
    assert found["kafka"]["sasl.username"] == "ann"
    assert found["broker"].startswith("not reachable: ")
    assert "s3cret" not in out


def test_topics_shows_what_is_declared_when_no_broker_answers(line: CommandLine) -> None:
    line.write("app.py", APP + "app.topic('planes', payload=list[int], key=str, active=False)")
    code, out, error = line.run("topics", "--json")
    rows = [json.loads(row) for row in out.splitlines()]

    assert code == 0
    unknown = {"partitions": None, "offsets": None}
    assert rows == [
        {"topic": "eu-orders", "state": "active", "payload": "dict", "key": "default"} | unknown,
        {"topic": "planes", "state": "inactive", "payload": "list[int]", "key": "str"} | unknown,
    ]
    assert error.count("\n") == 1
    assert "list[int]" in line.run("topics")[1]


@pytest.mark.parametrize("columns", [20, 80])
def test_no_terminal_is_too_narrow_for_the_names_of_topics(columns: int, tmp_path: pathlib.Path) -> None:
    tmp_path.joinpath("app.py").write_text(APP)
    code, shown = Installed(tmp_path).show("framework", "topics", columns=columns)

    assert code == 0
    assert re.search(r"^eu-orders +active +dict +default +- +-\s*$", shown, re.MULTILINE)


def test_a_reader_who_has_seen_enough_is_nothing_wrong(line: CommandLine) -> None:
    with line.start("shell", "-c", "while True: print('x' * 1000)") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    "arguments", [["hang-up"], ["--app", "broken", "info"], ["--app", "broken", "topics"]]
)
def test_a_connection_that_broke_is_no_reader_who_has_seen_enough(
    arguments: list[str], line: CommandLine
) -> None:
    line.write("app.py", APP + "@app.command()\ndef hang_up(): raise BrokenPipeError(32, 'Broken pipe')")
    line.write("broken.py", "raise BrokenPipeError(32, 'Broken pipe')")
    code, out, error = line.run(*arguments)

    assert "BrokenPipeError: [Errno 32] Broken pipe" in out + error
    assert code == (0 if "info" in arguments else 1)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["info", "topics", "shell", "iterate eu-orders"])
def test_a_stream_may_be_closed(command: str, closed: str, line: CommandLine) -> None:
    line.write("app.py", APP)
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m framework {command} {closed}"],
        cwd=line.folder, env=os.environ | {"PYTHONPATH": ROOT}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert "AttributeError" not in done.stderr
    assert done.returncode == (1 if "iterate" in command else 0)


def test_a_full_disk_is_one_line(line: CommandLine) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "framework", "--version"],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "Error: OSError: [Errno 28] No space left on device\n")


def test_topics_are_completed_without_a_broker(line: CommandLine) -> None:
    line.write("app.py", APP)
    words = {"COMP_WORDS": "framework iterate eu", "COMP_CWORD": "2", "_FRAMEWORK_COMPLETE": "bash_complete"}

    assert line.run(**words)[:2] == (0, "plain,eu-orders\n")
