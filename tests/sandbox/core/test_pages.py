"""The pages of the running sandbox, as they are served; `test_browser.py` looks at them in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox

from .notebook import TOKEN

PAGES = [
    *("/", "/chat"),
    *(f"{page}/{name}" for name in PLATFORMS for page in ("/explorer", "/data")),
    *("/data/rapidpro/rapidpro_messages", "/data/botpress_chat/chat_messages"),
]
OWN = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def browser() -> Iterator[httpx.Client]:
    with Sandbox() as sandbox, httpx.Client(transport=sandbox.transport(), base_url=OWN) as client:
        yield client


class Elements(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_from_elsewhere(browser: httpx.Client, path: str) -> None:
    page = browser.get(path)
    elements = Elements(page.text).found
    loaded = [attrs.get("src") or attrs.get("href") for tag, attrs in elements if tag in ("script", "link", "img")]

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert all(str(url).startswith(("/static/", "data:,")) for url in loaded)
    assert "unsafe" not in page.headers["content-security-policy"]
    for directive in ("default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"):
        assert directive in page.headers["content-security-policy"]
    assert not any(name.startswith("on") or name == "style" for _, attrs in elements for name in attrs)
    for url in loaded:
        assert str(url) == "data:," or browser.get(str(url)).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_each_field_has_a_label_and_each_page_one_heading(browser: httpx.Client, path: str) -> None:
    page = browser.get(path).text
    inside = [match.start() for match in re.finditer(r"<(input|select)\b(?![^>]*type=\"hidden\")", page)]

    assert page.count("<h1") == 1
    assert '<html lang="en"' in page
    for start in inside:
        before = page[:start]
        assert before.rfind("<label") > before.rfind("</form>")


def test_the_first_page_has_the_platforms_their_accounts_and_code(browser: httpx.Client) -> None:
    page = browser.get("/").text

    for info in PLATFORMS.values():
        assert f"{OWN}{info.prefix}" in page
        assert f"from trilogue import {info.client}" in page
    for words in (
        "curl -H",
        "await fetch(",
        "client_secret=secret-of-scale",
        "refused, since the user was deactivated",
    ):
        assert words in page


def test_what_a_request_says_is_escaped(sandbox: Sandbox, client: httpx.Client) -> None:
    client.post("/notes", json={"text": "<script>alert(1)</script>"})
    client.get("/<b>")

    pages = [client.get(f"{OWN}{path}").text for path in ("/", "/journal/1", "/data/notebook/notebook_notes")]

    assert not any("<script>alert" in page or "/<b>" in page for page in pages)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[2]


def test_a_request_of_the_journal_can_be_opened_and_shows_no_credentials(client: httpx.Client) -> None:
    client.post("/notes?loud=1", json={"text": "hello"})

    page = client.get(f"{OWN}/journal/1")

    assert page.status_code == 200
    for words in ("POST", "notebook/v1/notes", "loud=1", "hello", "(hidden)"):
        assert words in page.text
    assert TOKEN["Authorization"] not in page.text
    assert client.get(f"{OWN}/journal/2").status_code == 404


def test_the_rows_of_a_table_are_filtered_and_paged(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.seed_data("notebook", {"texts": [f"note {number}%" for number in range(60)]})
    url = f"{OWN}/data/notebook/notebook_notes"

    def notes(**query: str) -> list[str]:
        return re.findall(r"<td>(note \d+%)</td>", client.get(url, params=query).text)

    assert len(notes()) == 50
    assert len(notes(page="2")) == 10
    assert notes(text="7%") == ["note 57%", "note 47%", "note 37%", "note 27%", "note 17%", "note 7%"]
    assert notes(text="note 7%", column="text") == ["note 7%"]
    assert notes(text="note 7%", column="uuid") == []
    assert client.get(url, params={"text": "x", "column": "secret; --"}).status_code == 400
    assert client.get(f"{OWN}/data/notebook/sqlite_master").status_code == 404


@pytest.mark.parametrize("name", PLATFORMS)
def test_every_table_of_a_platform_can_be_opened(browser: httpx.Client, name: str) -> None:
    tables = re.findall(rf'href="(/data/{name}/\w+)"', browser.get(f"/data/{name}").text)

    assert len(tables) > 5
    assert {browser.get(table).status_code for table in tables} == {200}


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_description_is_served_with_the_sandbox_as_its_server(browser: httpx.Client, name: str) -> None:
    document = browser.get(f"/{name}/openapi.json", headers={"Origin": "http://localhost:5173"})

    assert document.json()["servers"] == [{"url": f"{OWN}{PLATFORMS[name].prefix}", "description": "This sandbox."}]
    assert document.headers["access-control-allow-origin"] == "http://localhost:5173"
    schemes = json.dumps(document.json()["components"]["securitySchemes"])
    assert "pantheon.api" not in schemes
    assert (name == "pantheon") == (f"{OWN}/pantheon/v1.0/auth/getAccessToken" in schemes)


@pytest.mark.parametrize("path", [*PAGES, "/static/style.css", "/__sandbox__/"])
@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("http://rebound.example:8000", {}),
        (OWN, {"Origin": "https://elsewhere.example"}),
        (OWN, {"Origin": "http://localhost:5173"}),
    ],
)
def test_a_page_is_shown_under_a_loopback_address_and_to_no_page_elsewhere(
    browser: httpx.Client, path: str, host: str, headers: dict[str, str]
) -> None:
    refused = browser.get(f"{host}{path}", headers=headers)

    assert refused.status_code == 403
    assert "token" not in refused.text
    assert "access-control-allow-origin" not in refused.headers


def test_a_page_is_shown_under_the_name_that_is_served(sandbox: Sandbox, client: httpx.Client) -> None:
    assert client.get("http://box.example:8000/").status_code == 403
    sandbox.host_names = frozenset({"box.example"})

    assert client.get("http://box.example:8000/").status_code == 200
    assert client.get("http://box.example:8000/__sandbox__/").status_code == 200


@pytest.mark.parametrize("path", ["/nowhere", "/static/../routes.py", "/static/nothing.js", "/explorer/telegraph"])
def test_any_other_page_is_404_and_leads_to_those_there_are(browser: httpx.Client, path: str) -> None:
    page = browser.get(path)

    assert page.status_code == 404
    assert 'href="/chat"' in page.text


def test_pages_take_no_posts(browser: httpx.Client) -> None:
    assert browser.post("/chat").status_code == 405


def test_the_pages_of_a_tenant_link_to_each_other(client: httpx.Client) -> None:
    for path in ("/", "/chat", "/data/notebook"):
        page = client.get(f"{OWN}/tenants/ci-1{path}")
        linked = [attrs.get("href") or "" for tag, attrs in Elements(page.text).found if tag in ("a", "link")]

        assert page.status_code == 200
        assert all(link.startswith(("/tenants/ci-1/", "#", "data:,")) for link in linked)
        assert f"{OWN}/tenants/ci-1/notebook/v1" in client.get(f"{OWN}/tenants/ci-1/").text


def test_the_journal_is_streamed(sandbox: Sandbox) -> None:
    with sandbox.serve() as origin, httpx.Client(base_url=origin, headers=TOKEN, timeout=10) as client:
        client.get("/notebook/v1/notes")
        with client.stream("GET", "/__sandbox__/journal/stream") as stream:
            lines = (line for line in stream.iter_lines() if line.startswith("data: "))
            first = json.loads(next(lines).removeprefix("data: "))
            httpx.post(f"{origin}/notebook/v1/notes", json={"text": "x"}, headers=TOKEN)
            second = json.loads(next(lines).removeprefix("data: "))
        resumed = sandbox.transport().handle_request(
            httpx.Request("GET", f"{origin}/__sandbox__/journal/stream", headers={"Last-Event-ID": "1"})
        )
        resumed_at = next(line for line in resumed.iter_lines() if line.startswith("id: "))
        resumed.close()

    assert stream.headers["content-type"] == "text/event-stream"
    assert [(entry["number"], entry["method"], entry["status"]) for entry in (first, second)] == [
        (1, "GET", 200),
        (2, "POST", 201),
    ]
    assert resumed_at == "id: 2"
    assert sandbox.journal.is_followed is False


def test_nothing_listens_to_the_journal_once_a_stream_is_closed(sandbox: Sandbox) -> None:
    with sandbox.serve() as origin, httpx.stream("GET", f"{origin}/__sandbox__/journal/stream"):
        assert sandbox.journal.is_followed
    with httpx.Client(transport=sandbox.transport()) as client:
        client.get("http://127.0.0.1/notebook/v1/notes")

    assert sandbox.journal.is_followed is False
