"""Nobody comes in without the token, no other site reads, and no page can do more than it should."""

from __future__ import annotations

import socket

import httpx
import pytest

from tests import support
from tests.explorer.server import Explorer


def port_of(explorer: Explorer) -> int:
    return httpx.URL(explorer.base).port or 0


@pytest.mark.parametrize(
    "path", ["/", "/topics/a", "/topics/a/events", "/topics/a/download", "/static/explorer.js", "/x"]
)
def test_without_the_cookie_every_page_is_refused(explorer: Explorer, path: str) -> None:
    answer = httpx.get(explorer.base + path, timeout=support.LIMIT)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert answer.text.startswith("This page needs the token of its server.")


@pytest.mark.parametrize("token", ["", "yesterdays-token", "ü"])
def test_a_wrong_token_gives_no_cookie(explorer: Explorer, token: str) -> None:
    answer = httpx.get(f"{explorer.base}/", params={"token": token}, timeout=support.LIMIT)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_the_token_becomes_a_cookie_and_leaves_the_address(explorer: Explorer) -> None:
    token = explorer.address.partition("token=")[2]
    parameters = {"order": "oldest", "token": token}
    answer = httpx.get(f"{explorer.base}/topics/a", params=parameters, timeout=support.LIMIT)
    assert (answer.status_code, answer.headers["location"]) == (303, "/topics/a?order=oldest")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"framework-explore-{port_of(explorer)}={token};")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))


def test_the_way_in_leads_to_no_other_server(explorer: Explorer) -> None:
    token = explorer.address.partition("token=")[2]
    answer = httpx.get(f"{explorer.base}//evil.example/x?token={token}", timeout=support.LIMIT)
    assert answer.headers["location"] == "/evil.example/x"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", ""]
)
def test_a_request_for_another_name_is_refused_even_with_the_cookie(
    client: httpx.Client, explorer: Explorer, host: str
) -> None:
    answer = client.get("/", headers={"Host": host.format(port=port_of(explorer))})
    assert (answer.status_code, answer.text) == (403, "This server has another name.\n")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1"]
)
def test_a_request_from_another_origin_is_refused(
    client: httpx.Client, explorer: Explorer, origin: str
) -> None:
    answer = client.get("/", headers={"Origin": origin.format(port=port_of(explorer))})
    assert (answer.status_code, answer.text) == (403, "Pages of other sites can't read from here.\n")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_page_of_another_site_or_port_loads_is_refused(client: httpx.Client, site: str) -> None:
    answer = client.get("/", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"})
    assert (answer.status_code, answer.text) == (403, "Pages of other sites can't read from here.\n")
    # A link is followed; without the cookie, which browsers keep from it, it would be refused.
    assert client.get("/", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_can_be_changed(client: httpx.Client, method: str) -> None:
    assert client.request(method, "/").status_code == 405


@pytest.mark.parametrize("path", ["/", "/nothing", "/static/style.css"])
def test_every_answer_limits_what_a_page_may_do(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path", ["/static/../pages.py", "/static/%2e%2e/pages.py", "/static/..%2fpages.py", "/static//etc/passwd"]
)
def test_a_path_that_climbs_finds_nothing(explorer: Explorer, path: str) -> None:
    # Written by hand: clients tidy such paths up.
    cookie = explorer.address.partition("token=")[2]
    with socket.create_connection(("127.0.0.1", port_of(explorer)), support.LIMIT) as connection:
        host = f"127.0.0.1:{port_of(explorer)}"
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
        lines += [f"Cookie: framework-explore-{port_of(explorer)}={cookie}", "", ""]
        connection.sendall("\r\n".join(lines).encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    assert answer.startswith("HTTP/1.1 404 ")
    assert "import" not in answer
    assert "root:" not in answer


@pytest.mark.parametrize("topic", ["a%20b", "a%3Cscript%3E", "%2e%2e", "a" * 250, "%00", "%E2%80%AE"])
def test_what_cannot_be_a_topic_is_refused_and_escaped(client: httpx.Client, topic: str) -> None:
    answer = client.get(f"/topics/{topic}/partitions")
    assert answer.status_code in (400, 404)
    assert "<script>" not in answer.text
