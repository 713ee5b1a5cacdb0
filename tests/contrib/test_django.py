"""`manage.py kafka` in a real project, which is the one of docs/django.md."""

from __future__ import annotations

import os
import subprocess
import textwrap
import urllib.request

import pytest

from tests.child_server import START_LIMIT, free_port
from tests.contrib.walkthrough import PATIENT, Command, Walk
from tests.support import wait_until
from tests.terminal import Installed

NAMES = """
from django.http import HttpResponse

from framework_iterator import Iterator
from shop.kafka import app


def names(request):
    Iterator("orders").plan()
    return HttpResponse(" ".join(topic.name for topic in app.routes))


urlpatterns += [path("names/", names)]
"""


pytestmark = PATIENT


@pytest.fixture(scope="module")
def followed(walk: Walk) -> list[tuple[Command, Command]]:
    """The project, and what its commands printed."""
    return walk.follow("docs/django.md")


def test_the_page_works_as_written(followed: list[tuple[Command, Command]]) -> None:
    assert [shown for shown, _ in followed] == [was for _, was in followed]


@pytest.fixture(scope="module")
def line(walk: Walk, followed: list[tuple[Command, Command]]) -> Installed:
    """The folder of the project."""
    return walk.line


def manage(line: Installed, *arguments: str) -> tuple[int, str, str]:
    return line.run("python", "manage.py", *arguments)


def test_help_is_djangos_and_lists_all_commands(line: Installed) -> None:
    code, out, error = manage(line, "help", "kafka")

    assert (code, error) == (0, "")
    assert out.startswith("Usage: manage.py kafka [OPTIONS] COMMAND [ARGS]...")
    assert {"--settings", "--traceback", "--app", "iterate", "load-orders", "shell"} <= set(out.split())


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        pytest.param(
            ["iterate", "orders", "--partition", "9"],
            1,
            "CommandError: Topic 'orders' has no partition 9. It has partitions 0 to 3.",
            id="an error",
        ),
        pytest.param(
            ["iterat", "orders"],
            2,
            "CommandError: Usage: manage.py kafka [OPTIONS] COMMAND [ARGS]...\n"
            "No command 'iterat'. Did you mean 'iterate'?",
            id="wrong use",
        ),
        pytest.param(
            ["iterate", "orders", "--settings", "shop.wrong"],
            1,
            "ImproperlyConfigured: KAFKA_APP = 'shop.kafka:ap' is invalid. "
            "Module 'shop.kafka' has no 'ap'. Did you mean 'app'?",
            id="the wrong application, of --settings behind the command",
        ),
    ],
)
def test_an_error_is_a_sentence_and_an_exit_code(
    arguments: list[str], code: int, complaint: str, line: Installed
) -> None:
    (line.folder / "shop/wrong.py").write_text("from shop.settings import *\nKAFKA_APP = 'shop.kafka:ap'\n")

    assert manage(line, "kafka", *arguments) == (code, "", f"{complaint}\n")


def test_traceback_raises_an_error_and_shows_its_cause(line: Installed) -> None:
    code, _, error = manage(line, "kafka", "iterate", "orders", "--partition", "9", "--traceback")

    assert code == 1
    assert "framework.errors.PartitionNotFoundError" in error
    raised = "django.core.management.base.CommandError"
    assert error.endswith(f"{raised}: Topic 'orders' has no partition 9. It has partitions 0 to 3.\n")


def test_a_setting_that_is_no_import_path_is_an_error_when_django_starts(line: Installed) -> None:
    program = """
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured
        from django.test import override_settings
        from framework.contrib.django.settings import check, find_app

        settings.configure()
        for value in (None, 7, "shop/kafka.py", "shop.kafka.py", "nowhere:app", "shop.nowhere"):
            with override_settings(KAFKA_APP=value):
                try:
                    check() and find_app()
                except ImproperlyConfigured as error:
                    print(error)
    """
    code, out, error = line.run("python", "-c", textwrap.dedent(program))
    way_out = 'Name the application by its import path: KAFKA_APP = "shop.kafka:app".'
    no_module = "No module '{}' for the app '{}'; searched from HERE."

    assert (code, error) == (0, "")
    assert out.replace(str(line.folder), "HERE").splitlines() == [
        f"The setting KAFKA_APP is missing. {way_out}",
        f"The setting KAFKA_APP is invalid: it is an int, not a str. {way_out}",
        f"KAFKA_APP = 'shop/kafka.py' is invalid. {way_out}",
        f"KAFKA_APP = 'shop.kafka.py' is invalid. {way_out}",
        f"KAFKA_APP = 'nowhere:app' is invalid. {no_module}".format("nowhere", "nowhere:app"),
        f"KAFKA_APP = 'shop.nowhere' is invalid. {no_module}".format("shop.nowhere", "shop.nowhere"),
    ]


def test_call_command_gives_text_and_raises_errors(line: Installed) -> None:
    program = """
        import io
        import os

        import django
        from django.core.management import CommandError, call_command

        os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
        django.setup()

        def call(*arguments):
            out = io.StringIO()
            try:
                call_command("kafka", *arguments, stdout=out, verbosity=0)
            except CommandError as error:
                print(error.returncode, type(error.__cause__).__name__, str(error).splitlines()[0])
            return out.getvalue()

        print(call("iterate", "orders", "--limit", 1, "--json").partition('"payload": ')[2], end="")
        print(call("iterate", "orders", "--limit", 1, "--raw"), end="")
        call("iterate", "orders", "--partition", "9")
        call("iterate", "orders", "--limit", "-1")
        call()
    """
    code, out, error = line.run("python", "-c", textwrap.dedent(program))

    assert (code, error) == (0, "")
    assert out.splitlines() == [
        '{"number": 1, "customer": "Ada", "total": 10.0}}',
        '{"number": 1, "customer": "Ada", "total": 10}',
        "1 PartitionNotFoundError Topic 'orders' has no partition 9. It has partitions 0 to 3.",
        "2 BadParameter Usage: kafka iterate [OPTIONS] TOPICS...",
        "2 NoArgsIsHelpError Usage: kafka [OPTIONS] COMMAND [ARGS]...",
    ]


def test_ctrl_c_ends_a_command_that_follows(line: Installed) -> None:
    with line.open("python", "manage.py", "kafka", "iterate", "orders", "--raw", "--follow") as screen:
        screen.until('"number": 3')
        screen.press("C")
        shown = screen.rest()

        assert "Traceback" not in shown
        assert screen.end() == 130


def test_a_reader_that_is_gone_is_no_error(line: Installed) -> None:
    unread, pipe = os.pipe()
    os.close(unread)
    command = "python manage.py kafka iterate orders --raw >&" + str(pipe)
    with os.fdopen(pipe, "wb"):
        done = subprocess.run(
            ["bash", "-c", command], cwd=line.folder, env=line.variables(), pass_fds=[pipe],
            stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, b"")


def test_test_processes_that_are_forked_read_each_for_itself(line: Installed) -> None:
    tests = (line.folder / "orders/tests.py").read_text()
    (line.folder / "orders/test_more.py").write_text(tests.replace("class Orders", "class More"))
    code, _, error = manage(line, "test", "--parallel", "2", "orders.tests", "orders.test_more")

    assert code == 0, error
    assert "Ran 6 tests" in error


def test_the_server_reloads_the_application_when_its_module_changes(line: Installed) -> None:
    address = f"127.0.0.1:{free_port()}"
    urls = (line.folder / "shop/urls.py").read_text()
    (line.folder / "shop/urls.py").write_text(urls + NAMES)

    def names() -> str:
        try:
            return str(urllib.request.urlopen(f"http://{address}/names/", timeout=5).read().decode())
        except OSError:
            return ""

    with line.open("python", "manage.py", "runserver", address, PYTHONWARNINGS="ignore") as screen:
        wait_until(lambda: names() == "orders", "the server's answer", START_LIMIT)
        module = line.folder / "shop/kafka.py"
        module.write_text(module.read_text() + 'app.topic("returns")\n')

        def is_reloaded() -> bool:
            if (found := names()) == "orders":
                module.touch()  # Django has to see the module once before it sees a change
            return found == "orders returns"

        wait_until(is_reloaded, "the server with the new declarations", START_LIMIT)
        screen.press("C")

        assert screen.end() == 0
