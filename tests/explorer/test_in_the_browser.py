"""The pages in a real browser: a search, a message, the way back, live, by keyboard, and for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from tests import support
from tests.explorer.server import Explorer

LATE = "payload.dest == 'LAX' and payload.dep_delay > 60"


def said(page: Any, text: str) -> None:
    page.wait_for_function(
        "text => document.getElementById('status')?.textContent.startsWith(text)", arg=text
    )


def row(page: Any, text: str) -> None:
    page.locator("#messages td.payload").filter(has_text=text).wait_for()


def search(page: Any, explorer: Explorer, topic: str) -> None:
    page.goto(f"{explorer.base}/topics/{topic}")
    page.get_by_label("Where", exact=True).fill(LATE)
    page.get_by_role("button", name="Search").click()
    said(page, "3 messages found in 7 read.")


def test_the_latest_late_flights_are_found_one_is_opened_and_its_address_is_sent(
    page: Any, explorer: Explorer, flights: str
) -> None:
    page.get_by_role("link", name=flights, exact=True).click()
    page.get_by_label("Where", exact=True).fill(LATE)
    page.get_by_role("button", name="Search").click()
    said(page, "3 messages found in 7 read.")
    assert page.locator("#messages tbody tr").count() == 3
    address = page.url
    page.get_by_role("link", name="Message 3 of partition 1").click()
    page.get_by_role("heading", name=f"{flights}-1@3").wait_for()
    assert page.url == f"{explorer.base}/topics/{flights}/1/3"
    assert "dep_delay 75 int" in page.locator(".tree").last.inner_text()
    page.go_back()
    said(page, "3 messages found in 7 read.")
    assert page.url == address
    page.locator("#messages td.payload").first.click()
    page.get_by_role("heading", name=f"{flights}-1@3").wait_for()
    page.go_back()
    assert page.get_by_label("Where", exact=True).input_value() == LATE


def test_a_search_shows_its_plan_and_its_report(page: Any, explorer: Explorer, flights: str) -> None:
    search(page, explorer, flights)
    assert page.locator("#plan summary").inner_text() == "Plan: 7 offsets of 2 partitions"
    page.locator("#plan summary").click()
    cells = page.locator("#plan tbody tr").nth(1).locator("td").all_inner_texts()
    assert cells == ["1", "0", "4", "4"]
    page.locator("#report summary").click()
    cells = page.locator("#report tbody tr").nth(1).locator("td").all_inner_texts()
    assert cells == ["1", "0", "4", "2", "2", "0", "0"]


def test_a_live_view_is_paused_and_goes_on(
    page: Any, explorer: Explorer, admin: AdminClient, producer: Producer
) -> None:
    topic = support.topic_name("explorer-browser")
    support.create_topic(admin, topic)
    support.produce(producer, topic, ['{"n": 0}'])
    page.goto(f"{explorer.base}/topics/{topic}")
    page.get_by_role("button", name="Live").click()
    row(page, "n=0")
    page.get_by_role("button", name="Pause").click()
    support.produce(producer, topic, ['{"n": 1}'])
    said(page, "Paused. 1 wait.")
    assert page.locator("#messages tbody tr").count() == 1
    page.get_by_role("button", name="Go on").click()
    row(page, "n=1")
    assert page.locator("#messages tbody tr").first.inner_text().endswith("n=1")
    page.goto("about:blank")
    support.delete_topics(admin, [topic])


def test_a_keyboard_is_enough(page: Any, explorer: Explorer, flights: str) -> None:
    page.goto(f"{explorer.base}/topics/{flights}")
    page.locator("#messages tbody tr").first.wait_for()
    page.get_by_label("Where", exact=True).focus()
    page.keyboard.type(LATE)
    page.keyboard.press("Enter")
    said(page, "3 messages found in 7 read.")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#messages a') !== null"):
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=f"{flights}-1@3").wait_for()
    assert page.url == f"{explorer.base}/topics/{flights}/1/3"


def test_a_search_that_cannot_be_says_why(page: Any, explorer: Explorer, flights: str) -> None:
    page.goto(f"{explorer.base}/topics/{flights}?partition=9")
    page.locator("#problem:not([hidden])").wait_for()
    assert (
        page.locator("#problem").inner_text()
        == f"Topic '{flights}' has no partition 9. It has partitions 0 to 1."
    )


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_no_page_has_a_serious_fault_for_those_who_see_or_move_otherwise(
    browser: Any, explorer: Explorer, flights: str, scheme: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(explorer.address)
    found: list[str] = []
    for path in (
        "/",
        f"/topics/{flights}",
        f"/topics/{flights}/1/3",
        f"/topics/{flights}/1/0",
        f"/topics/{flights}/partitions",
        f"/topics/{flights}/sizes",
    ):
        page.goto(explorer.base + path)
        if page.locator("#messages").count():
            said(page, "7 messages.")
        violations = Axe().run(page).response["violations"]
        found += [f"{path}: {each['id']}" for each in violations if each["impact"] in ("serious", "critical")]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
    assert found == []
