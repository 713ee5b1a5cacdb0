from __future__ import annotations

import subprocess
import sys

from framework import App, FrameworkError, Message
from framework.html import message_html, table_html
from framework.testing import build_message

LEFT, RIGHT = 'style="text-align: left"', 'style="text-align: right"'


def test_a_table_is_escaped_and_its_numbers_are_right() -> None:
    assert table_html(("topic", "<n>"), [("a&b", 26_120)], ("", 26_120), note="1 < 2") == (
        f"<table><thead><tr><th {LEFT}>topic</th><th {RIGHT}>&lt;n&gt;</th></tr></thead>"
        f"<tbody><tr><td {LEFT}>a&amp;b</td><td {RIGHT}>26,120</td></tr></tbody>"
        f"<tfoot><tr><th {LEFT}></th><th {RIGHT}>26,120</th></tr></tfoot></table><p>1 &lt; 2</p>"
    )


def test_a_table_without_rows_has_its_head() -> None:
    assert table_html(("topic",), []) == (
        f"<table><thead><tr><th {LEFT}>topic</th></tr></thead><tbody></tbody></table>"
    )


def test_a_message_without_key_payload_and_timestamp_has_dashes() -> None:
    shown = message_html(build_message("orders", None, app=App()))

    assert shown.count("<pre>-</pre>") == 3
    assert "<pre>orders-0@0</pre>" in shown
    assert "<pre>0 bytes</pre>" in shown


def test_a_deserializer_that_returns_what_has_no_repr_is_shown_with_the_reason() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise ValueError("<no repr>")

    app = App()
    message: Message[Odd] = build_message(app.topic("odd", payload=lambda _: Odd()), b"<raw>", app=app)

    assert "<pre>ValueError(&#x27;&lt;no repr&gt;&#x27;)\nb&#x27;&lt;raw&gt;&#x27;</pre>" in message_html(
        message
    )


def test_an_error_that_would_end_a_run_is_shown() -> None:
    def refuse(raw: bytes) -> None:
        raise FrameworkError("The registry is away.")

    app = App()
    message = build_message(app.topic("away", payload=refuse), b"{}", app=app)

    assert "The registry is away. Its bytes are in raw_payload.\nb&#x27;{}&#x27;</pre>" in message_html(
        message
    )


def test_a_program_that_shows_no_html_does_not_load_it() -> None:
    program = "import sys, framework_iterator; print({'framework.html', 'IPython'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"
