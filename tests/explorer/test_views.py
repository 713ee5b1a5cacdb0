"""What the pages show of real topics, and what a view leaves behind."""

from __future__ import annotations

import concurrent.futures
import itertools
import json
import pathlib
import threading

import httpx
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from framework_iterator.explorer.reading import PAGE
from framework_iterator.explorer.streams import AT_ONCE
from tests import support
from tests.command_line import CommandLine
from tests.explorer.conftest import CLIENT_ID
from tests.explorer.server import Explorer, events, last, rows

LATE = "payload.dest == 'LAX' and payload.dep_delay > 60"


def test_the_list_has_the_declared_topics_with_their_types_first(client: httpx.Client, flights: str) -> None:
    text = client.get("/").text
    assert text.index(flights) < text.index("</tbody>")
    row = text[text.index(f">{flights}</a>") :]
    assert (
        row.index("active") < row.index("Flight") < row.index("str") < row.index(">2</a>") < row.index(">7<")
    )
    assert "__consumer_offsets" not in text


def test_a_topic_shows_its_newest_messages_first_and_says_what_cannot_be_read(
    client: httpx.Client, flights: str
) -> None:
    shown = rows(client, f"/topics/{flights}/events")
    assert [each["key"] for each in shown] == ["k5", "k4", "k3", "k2", "k1", "k0", ""]
    assert shown[0]["payload"] == "carrier=WN  dest=LAX  dep_delay=75"
    assert shown[0]["time"] == "2013-12-25 19:38:20.000Z"
    assert shown[0]["address"] == f"/topics/{flights}/1/3"
    assert shown[-1]["kind"] == "unreadable"
    assert "Invalid JSON" in shown[-1]["payload"]
    assert shown[-1]["payload"].endswith(": {broken")


def test_a_search_finds_the_latest_late_flights_with_the_fields_that_it_names_in_front(
    client: httpx.Client, flights: str
) -> None:
    shown = rows(client, f"/topics/{flights}/events?where={LATE}")
    assert [each["payload"] for each in shown] == [
        "dest=LAX  dep_delay=75  carrier=WN",
        "dest=LAX  dep_delay=61  carrier=B6",
        "dest=LAX  dep_delay=95  carrier=AA",
    ]
    name, end = last(client, f"/topics/{flights}/events?where={LATE}")
    assert (name, end["given"], end["read"], end["failed"], end["more"]) == ("end", 3, 7, 1, None)
    assert "it cannot be read" in end["reason"]


def test_oldest_first_from_a_moment_by_key_by_text_and_by_partition(
    client: httpx.Client, flights: str
) -> None:
    def keys(query: str) -> list[str]:
        return [each["key"] for each in rows(client, f"/topics/{flights}/events?{query}")]

    assert keys("order=oldest") == ["", "k0", "k1", "k2", "k3", "k4", "k5"]
    assert keys("order=oldest&from=2013-12-25T19:36:20Z") == ["k3", "k4", "k5"]
    assert keys("from=2013-12-25T19:34:20Z") == ["k0", ""]
    assert keys("key=k3") == ["k3"]
    assert keys("contains=JFK") == ["k2"]
    assert keys("partition=0") == ["k4", "k2", "k0"]
    assert keys("partition=0&order=oldest&from=1") == ["k2", "k4"]


def test_pages_lead_through_a_topic_without_a_gap_or_a_repeat(
    client: httpx.Client, admin: AdminClient, producer: Producer
) -> None:
    topic = support.topic_name("explorer-pages")
    support.create_topic(admin, topic, 3)
    for partition in range(3):
        support.produce(producer, topic, [json.dumps({"n": n}) for n in range(40)], partition)
    try:
        for order in ("newest", "oldest"):
            seen: list[tuple[str, str]] = []
            address: str | None = f"/topics/{topic}?order={order}"
            pages = 0
            while address is not None:
                found = list(events(client, address.replace("?", "/events?", 1)))
                seen += [(data["partition"], data["offset"]) for name, data in found if name == "row"]
                assert found[-1][0] == "end", found[-1]
                address = found[-1][1]["more"]
                pages += 1
            assert sorted(seen) == sorted((str(p), str(n)) for p in range(3) for n in range(40))
            assert pages == 120 // PAGE + 1
    finally:
        support.delete_topics(admin, [topic])


def test_after_each_hit_a_search_says_what_follows_if_it_is_stopped_there(
    client: httpx.Client, flights: str
) -> None:
    all_events = events(client, f"/topics/{flights}/events?contains=LAX")
    # Before the first hit it also says how far it is, or that it waits for other searches.
    found = list(itertools.dropwhile(lambda event: event[0] != "row", all_events))
    assert [name for name, _ in found][:2] == ["row", "progress"]
    stopped = found[1][1]["if_stopped"]
    assert (stopped["given"], stopped["early"]) == (1, "by Stop")
    assert [each["key"] for each in rows(client, stopped["more"].replace("?", "/events?", 1))] == [
        data["key"] for name, data in found[2:] if name == "row"
    ]


def test_a_message_is_shown_in_full_and_what_it_contains_is_only_text(
    client: httpx.Client, admin: AdminClient, producer: Producer
) -> None:
    topic = support.topic_name("explorer-evil")
    evil = "<script>alert(1)</script>\u202e\x1b[31m"
    support.create_topic(admin, topic)
    headers = [(evil, evil.encode()), ("none", None)]
    support.produce(
        producer, topic, [support.Record(json.dumps({evil: [evil, 2**70]}), key=evil, headers=headers)]
    )
    try:
        text = client.get(f"/topics/{topic}/0/0").text
        assert "<script>alert" not in text
        assert "\u202e" not in text
        assert "\x1b" not in text
        assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;\\u202e\\u001b[31m") >= 5
        assert str(2**70) in text
        assert "7b 22 3c 73" in text
        [row] = rows(client, f"/topics/{topic}/events")
        assert row["key"] == "<script>alert(1)</script>\\u202e\\u001b[31m"
    finally:
        support.delete_topics(admin, [topic])


def test_what_is_not_there_says_so(client: httpx.Client, flights: str) -> None:
    missing = client.get(f"/topics/{flights}/0/99999")
    assert missing.status_code == 404
    assert f"{flights}-0 has no message at offset 99999: it was removed, or never was there." in missing.text
    name, problem = last(client, "/topics/no-such-topic/events")
    assert (name, problem["text"].partition(".")[0]) == ("problem", "Topic 'no-such-topic' doesn't exist")
    assert last(client, f"/topics/{flights}/events?partition=7")[1]["text"].startswith(
        f"Topic '{flights}' has no partition 7."
    )
    assert last(client, f"/topics/{flights}/events?where=open(1)")[1]["text"].startswith(
        "Where can't have a call"
    )
    page = client.get(f"/topics/{flights}?where=open(1)&from=5")
    assert (page.status_code, 'value="open(1)"' in page.text, 'value="5"' in page.text) == (400, True, True)
    assert last(client, f"/topics/{flights}/events?from=yesterday")[1]["text"].startswith(
        "From 'yesterday' has no meaning: write an offset such as 100"
    )
    assert client.get("/nothing").status_code == 404
    assert client.get("/topics/no-such-topic/partitions").status_code == 404
    for path in ("7/0", "0/9223372036854775807", "0/99999999999999999999"):
        answer = client.get(f"/topics/{flights}/{path}")
        assert (answer.status_code, "Try again" in answer.text) == (404, False)


def test_partitions_and_sizes_are_tables(client: httpx.Client, flights: str) -> None:
    text = client.get(f"/topics/{flights}/partitions").text
    assert '<td class="right">4</td>' in text
    assert "Largest" in client.get(f"/topics/{flights}/sizes").text


def test_a_download_has_the_messages_of_the_view_as_lines_of_json(client: httpx.Client, flights: str) -> None:
    answer = client.get(f"/topics/{flights}/download?where={LATE}")
    found = [json.loads(line) for line in answer.text.splitlines()]
    assert [each["payload"]["dep_delay"] for each in found] == [75, 61, 95]
    assert answer.headers["content-disposition"] == f'attachment; filename="{flights}.jsonl"'
    [broken] = [
        json.loads(line)
        for line in client.get(f"/topics/{flights}/download?contains=broken").text.splitlines()
    ]
    assert (broken["payload"], "Invalid JSON" in broken["payload_error"]) == (None, True)
    assert broken["raw_payload"] == "e2Jyb2tlbg=="


def test_a_live_view_gives_what_is_written_and_leaves_nothing_when_it_is_left(
    client: httpx.Client, explorer: Explorer, admin: AdminClient, producer: Producer
) -> None:
    topic = support.topic_name("explorer-live")
    support.create_topic(admin, topic)
    try:
        rows(client, f"/topics/{topic}/events")
        support.wait_until(lambda: explorer.clients == 0, "views that tests have left")
        before = explorer.threads
        stream = events(client, f"/topics/{topic}/events?live=1")
        assert next(stream)[0] == "progress"
        support.produce(producer, topic, ['{"n": 1}'])
        assert next(data["payload"] for name, data in stream if name == "row") == "n=1"
        assert explorer.clients > 0
        stream.close()  # type: ignore[attr-defined]
        support.wait_until(lambda: explorer.clients == 0 and explorer.threads <= before, "the run to end")
    finally:
        support.delete_topics(admin, [topic])


def test_fifty_views_at_once_are_answered_and_the_most_are_refused_with_a_sentence(
    kafka: str, flights: str, tmp_path: pathlib.Path
) -> None:
    tmp_path.joinpath("app.py").write_text("from framework import App\napp = App()\n")
    all_are_answered = threading.Barrier(50)
    limit = 3 * support.LIMIT

    def view(client: httpx.Client) -> str:
        stream = events(client, f"/topics/{flights}/events?live=1")
        name, data = next(pair for pair in stream if pair[0] != "progress")
        all_are_answered.wait(limit)
        stream.close()  # type: ignore[attr-defined]
        return name if name == "row" else str(data["text"])

    with (  # a server of its own: views that other tests have left would count
        Explorer(CommandLine(tmp_path), kafka, "--timeout", str(limit)) as explorer,
        httpx.Client(base_url=explorer.base, follow_redirects=True, timeout=limit) as client,
        concurrent.futures.ThreadPoolExecutor(50) as threads,
    ):
        client.get(explorer.address)
        rows(client, f"/topics/{flights}/events")
        support.wait_until(lambda: explorer.clients == 0, "the first run to end")
        before = explorer.threads
        found = list(threads.map(view, [client] * 50))
        support.wait_until(lambda: explorer.threads <= before + 2, "the runs to end")
    assert found.count("row") == AT_ONCE
    assert set(found) == {
        "row",
        f"{AT_ONCE} searches and live views are open, which is the most. Close some of their pages.",
    }


def test_nothing_is_committed_and_no_group_appears(
    client: httpx.Client, admin: AdminClient, flights: str
) -> None:
    rows(client, f"/topics/{flights}/events")
    client.get(f"/topics/{flights}/partitions")
    groups = admin.list_consumer_groups().result(support.LIMIT).valid
    assert f"{CLIENT_ID}-iterator" not in {each.group_id for each in groups}
