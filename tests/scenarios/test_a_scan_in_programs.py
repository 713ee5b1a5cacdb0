"""Scripts, shells and notebooks: a scan works or says what to write, and leaves no process behind."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest

from tests import support
from tests.scenarios.scanning import ROOT
from tests.terminal import Installed

HEAD = """\
import operator, os, sys, time
from framework import App
from framework_iterator import ScanError, scan
from tests.scenarios import scanning

app = App()
topic = sys.argv[1]

def count(messages):
    return sum(1 for message in messages)

"""
Run = cabc.Callable[..., subprocess.Popen[str]]
GUARD = 'if __name__ == "__main__":\n    '


@pytest.fixture
def run(kafka: str, tmp_path: pathlib.Path) -> cabc.Iterator[Run]:
    with contextlib.ExitStack() as ends:

        def start(body: str, *arguments: str, how: str = "script") -> subprocess.Popen[str]:
            script = tmp_path / "report.py"
            script.write_text(HEAD + body)
            command = {"script": [str(script)], "stdin": ["-"], "-c": ["-c", HEAD + body]}[how]
            with open(script) as text:
                process = subprocess.Popen(
                    [sys.executable, "-W", "error", *command, *arguments],
                    env={**os.environ, "KAFKA_BOOTSTRAP_SERVERS": kafka, "PYTHONPATH": str(ROOT)},
                    stdin=text,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    start_new_session=True,
                )
            ends.enter_context(process)
            ends.callback(process.kill)
            return process

        yield start


def is_there(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def members(group: int) -> list[int]:
    """The processes of a session, without those that are over."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            words = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(words[3]) == group and words[0] != "Z":
                found.append(int(entry.name))
    return found


def test_a_script_with_its_own_app_and_function(topic: support.TopicFactory, run: Run) -> None:
    body = GUARD + "print(scan(topic, count, operator.add, workers=2).value)"
    process = run(body, topic(2, {0: ["x"] * 30, 1: ["y"] * 12}))
    assert process.communicate(timeout=60) == ("42\n", "")


def test_a_script_without_its_guard(topic: support.TopicFactory, run: Run) -> None:
    process = run("scan(topic, count, operator.add, workers=1)", topic(1, ["x"]))
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "scan() is called while a worker process imports this program." in stderr
    last = stderr.strip().splitlines()[-1]
    assert last.startswith("framework_iterator.scanning.errors.ScanError: Part 1 of 1 (")
    assert last.endswith(
        "its worker process ended with exit code 1 before it could start; its own error is on stderr. "
        "Workers import the program: what it runs must be below if __name__ == '__main__':"
    )


@pytest.mark.parametrize("how", ["-c", "stdin"])
def test_a_function_or_an_app_where_workers_can_not_import_it(
    topic: support.TopicFactory, run: Run, how: str
) -> None:
    body = """
for options in (dict(function=scanning.nothing), dict(function=count, app=scanning.APP)):
    try:
        scan(topic, combine=operator.add, workers=1, **options)
    except Exception as error:
        print(type(error).__name__, error)
"""
    stdout, stderr = run(body, topic(1, ["x"]), how=how).communicate(timeout=60)
    assert stderr == ""
    app, function = stdout.splitlines()
    assert function.startswith("InvalidOptionError function=<function count at ")
    assert (
        " is of __main__, which worker processes can't import from a notebook, a shell or python -c. "
        in function
    )
    assert app.startswith("InvalidOptionError <App 'framework' of <st")
    assert "> is in __main__, which the workers can't import. An app isn't sent, since" in app
    assert app.endswith(
        "Make it at the top of a module, such as app = App() in shop.py, and pass app='shop:app'."
    )


def test_a_shell_whose_function_and_app_are_in_modules(topic: support.TopicFactory, run: Run) -> None:
    body = "print(scan(topic, scanning.numbers, scanning.added, workers=2, app=scanning.APP).value)"
    process = run(body, topic(2, {0: ["1"], 1: ["2"]}), how="-c")
    assert process.communicate(timeout=60) == ("(2, 3)\n", "")


@pytest.mark.parametrize("to", ["the caller", "all of them"])
def test_ctrl_c_leaves_no_process(topic: support.TopicFactory, run: Run, to: str) -> None:
    # Longer than the test waits: those that are interrupted get no time to end by themselves.
    patient = "from framework_iterator.scanning import processes\nprocesses._EXIT_GRACE = 60.0\n"
    process = run(
        patient + GUARD + "scan(topic, scanning.say_and_wait, operator.add, workers=2)",
        topic(2, {0: ["x"], 1: ["y"]}),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    workers = [int(process.stdout.readline().split()[1]) for _ in range(2)]
    (os.killpg if to == "all of them" else os.kill)(process.pid, signal.SIGINT)
    assert process.wait(support.LIMIT) == -signal.SIGINT
    assert [pid for pid in workers if is_there(pid)] == []
    support.wait_until(
        lambda: members(process.pid) == [], "the tracker of multiprocessing, which ends by itself"
    )
    stderr = process.stderr.read()
    assert stderr.count("Traceback") == 1
    assert stderr.endswith("\nKeyboardInterrupt\n")


def test_ctrl_c_is_blocked_in_each_worker_from_its_first_moment(
    topic: support.TopicFactory, run: Run
) -> None:
    """Python itself prints a traceback where Ctrl-C comes while it starts."""
    body = """
if __name__ == "__mp_main__":
    import signal
    if signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []):
        os.write(2, b"blocked\\n")
"""
    process = run(
        body + GUARD + "print(scan(topic, count, operator.add, workers=2).value)",
        topic(2, {0: ["x"], 1: ["y"]}),
    )
    assert process.communicate(timeout=60) == ("2\n", "blocked\nblocked\n")


def test_ctrl_c_while_the_workers_start(topic: support.TopicFactory, run: Run) -> None:
    process = run(
        GUARD + "print('now', flush=True); scan(topic, scanning.say_and_wait, operator.add, workers=2)",
        topic(2, {0: ["x"], 1: ["y"]}),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    support.wait_until(lambda: len(members(process.pid)) > 2, "a worker that starts")
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(support.LIMIT) == -signal.SIGINT
    support.wait_until(lambda: members(process.pid) == [], "no process")
    assert process.stderr.read().count("Traceback") == 1


def test_workers_end_when_their_caller_is_killed(topic: support.TopicFactory, run: Run) -> None:
    process = run(
        GUARD + "scan(topic, scanning.say_and_wait, operator.add, workers=2)", topic(2, {0: ["x"], 1: ["y"]})
    )
    assert process.stdout is not None
    for _ in range(2):
        process.stdout.readline()
    process.kill()
    support.wait_until(lambda: members(process.pid) == [], "no process")


def test_one_bar_sums_the_parts(topic: support.TopicFactory, kafka: str, tmp_path: pathlib.Path) -> None:
    body = "scan(topic, scanning.wait, operator.add, workers=2, progress=True)"
    (tmp_path / "report.py").write_text(HEAD + GUARD + body)
    environment = {"KAFKA_BOOTSTRAP_SERVERS": kafka, "PYTHONPATH": str(ROOT)}
    line = Installed(tmp_path, environment)
    code, shown = line.show("python", "report.py", topic(2, {0: ["x"], 1: ["y"]}))
    assert code == 0
    assert re.findall(r"(\w+) \S*\u2501\S* (\d+ messages)", re.sub(r"\x1b\[[\d;?]*\w", "", shown))[-1] == (
        "scanning", "2 messages",
    )  # fmt: skip
    assert "reading" not in shown  # no part shows a bar of its own


def test_the_app_of_the_workers_reads_from_another_broker(topic: support.TopicFactory, run: Run) -> None:
    body = (
        GUARD
        + """
    servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"] + ",127.0.0.1:1"
    with app.override({"bootstrap.servers": servers}):
        try:
            scan(topic, count, operator.add, workers=1)
        except ScanError as error:
            print(error.__cause__)
        print(scan(topic, count, operator.add, workers=1, settings={"bootstrap.servers": servers}).value)
"""
    )
    stdout, _ = run(body, topic(1, ["x"])).communicate(timeout=60)
    first, second = stdout.splitlines()
    assert first.startswith("A worker's app '__main__:app' has bootstrap.servers='127.0.0.1:")
    assert first.endswith(
        ",127.0.0.1:1', such as by app.override(). Pass scan(settings={'bootstrap.servers': ...}): "
        "it is sent."
    )
    assert second == "1"
