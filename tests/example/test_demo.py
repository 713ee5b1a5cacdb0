from __future__ import annotations

import collections.abc as cabc
import os
import subprocess
import sys

import pytest

from example_app.demo import TOUR, steps


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "example_app.demo"],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | environment,
    )


@pytest.fixture(scope="module")
def demo() -> subprocess.CompletedProcess[str]:
    return run()


@pytest.fixture(scope="module")
def lines(demo: subprocess.CompletedProcess[str]) -> cabc.Sequence[str]:
    return demo.stdout.splitlines()


def test_ends_well_and_without_noise(demo: subprocess.CompletedProcess[str]) -> None:
    assert (demo.returncode, demo.stderr) == (0, "")


def test_fits_on_a_screen(lines: cabc.Sequence[str]) -> None:
    assert len(lines) < 60
    assert max(map(len, lines)) <= 80


def test_writes_real_records(lines: cabc.Sequence[str]) -> None:
    assert lines[1:6] == [
        "flights   6,064 messages",
        "weather     417 messages",
        "planes    1,678 messages",
        "airlines     16 messages",
        "airports     93 messages",
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("flights-0@1472 B6745 PSE -3", id="the last flight of a partition"),
        pytest.param("weather-3@138 2013-12-30 23:00:00+00:00 JFK 30.02 F", id="weather"),
        pytest.param("airports-0@0 1 ABQ Albuquerque International Sunport", id="Avro"),
        pytest.param("flights          3    0  1,412    912  1,412    500", id="the plan"),
        pytest.param("139 of 1973, the worst by 420 minutes", id="what was counted"),
        pytest.param("flights          3    912  1,412     1,412       500     0  end", id="the report"),
    ],
)
def test_prints_what_was_read(lines: cabc.Sequence[str], line: str) -> None:
    assert line in lines


def test_shows_every_line_of_the_tour(lines: cabc.Sequence[str]) -> None:
    shown = [line[4:] for line in lines if line.startswith((">>> ", "... "))]
    _, *body = TOUR.read_text().splitlines()
    assert shown == [line for line in body if line and not line.startswith("#")]


def test_each_step_has_a_title() -> None:
    assert all(title and code for title, code in steps(TOUR.read_text()))


def test_a_cluster_in_the_environment_is_left_alone() -> None:
    done = run(
        KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1",
        KAFKA_SECURITY_PROTOCOL="SASL_SSL",
        SCHEMA_REGISTRY_URL="http://127.0.0.1:1",
        SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO="ann:s3cret",
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_failure_is_one_line() -> None:
    # Without its parser the weather can't be read.
    broken = "import sys; sys.modules['defusedxml'] = None; import example_app.demo as d; sys.exit(d.main())"
    done = subprocess.run([sys.executable, "-c", broken], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("The demo failed: ")
    assert "defusedxml" in line


def test_a_reader_who_has_seen_enough_ends_it_quietly() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "example_app.demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        demo.stdout.close()
        assert demo.stderr.read() == b""
        assert demo.wait(60) == 0
