"""The pages of the sandbox as a person uses them, in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.browsing import tables_of
from trilogue_sandbox.kernel.clock import START

from tests.conftest import ROOT

AXE = ROOT / "scripts" / "node" / "node_modules" / "axe-core" / "axe.min.js"
PEOPLE = {
    "rapidpro": "tel:+250788123123",
    "botpress": "250788000001",
    "pantheon": "whatsapp:+12025550143",
}
EXPLORER = "/explorer/rapidpro"
CHAT = "/chat?person=rapidpro/tel:%2B250788123123"
PATHS = (EXPLORER, "/", CHAT, "/data/rapidpro", "/data/rapidpro/rapidpro_contacts")


def get_workspace(address: str) -> httpx.Response:
    token = "ADMNSTRATR222222222222222222222222222222"
    return httpx.get(f"{address}/rapidpro/api/v2/workspace.json", headers={"Authorization": f"Token {token}"})


def test_a_request_appears_in_the_journal_and_can_be_opened(page: Page, address: str) -> None:
    page.goto("/")
    expect(page.locator("#journal-state")).to_have_text("Live")

    get_workspace(address)
    page.get_by_role("link", name="1", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("GET /rapidpro/api/v2/workspace.json")
    expect(page.get_by_text("workspace_get")).to_be_visible()


def test_a_profile_of_faults_is_switched_on_and_off(page: Page, address: str, sandbox: Sandbox) -> None:
    page.goto("/")
    form = page.locator("#profiles")
    form.get_by_label("Profile").select_option("offline")
    form.get_by_role("button").click()
    expect(page.locator("#rules")).to_contain_text("reset: injected 0 of 0 times, until 12:01:00")
    with pytest.raises(httpx.ReadError):
        get_workspace(address)

    page.get_by_role("button", name="Switch all off").click()
    expect(page.locator("#rules")).to_contain_text("None.")

    assert get_workspace(address).status_code == 200


def test_a_mistake_is_explained_where_it_was_made(page: Page, sandbox: Sandbox) -> None:
    page.goto("/")
    page.locator("#fault").get_by_label("Operation").fill("message_send")

    with page.expect_response(lambda response: response.status == 400):
        page.get_by_role("button", name="Inject").click()

    expect(page.locator("#result")).to_contain_text("the nearest is 'messages_send'")
    assert sandbox.faults.rules == ()


def test_the_clock_is_moved_and_a_snapshot_restored(page: Page, sandbox: Sandbox) -> None:
    page.goto("/")
    page.locator("#take-snapshot").get_by_label("Name").fill("before")
    page.get_by_role("button", name="Take").click()
    expect(page.locator("#restore")).to_contain_text("before")
    page.locator("#clock").get_by_label("Forward by").select_option("a day")
    page.get_by_role("button", name="Move").click()
    expect(page.locator("#now")).to_contain_text("2026-01-02 12:00")
    assert sandbox.now() - START >= timedelta(days=1)

    page.get_by_role("button", name="Restore").click()

    expect(page.locator("#now")).to_contain_text("2026-01-01 12:00")


def test_the_clock_is_set_to_a_time(page: Page) -> None:
    page.goto("/")
    page.locator("#set-clock").get_by_label("Time (UTC)").fill("2026-03-01T08:30:00")
    page.get_by_role("button", name="Set", exact=True).click()

    expect(page.locator("#now")).to_contain_text("2026-03-01 08:30:00")


def test_more_data_is_seeded_and_everything_reset(page: Page, sandbox: Sandbox) -> None:
    before = tables_of(sandbox, "rapidpro")["rapidpro_contacts"]
    page.goto("/")
    form = page.locator("#seed-rapidpro")
    form.get_by_label("What").select_option("contacts")
    form.get_by_label("How many").fill("25")
    form.get_by_role("button").click()
    expect(page.locator("#result")).to_contain_text("More data in RapidPro: done.")
    assert tables_of(sandbox, "rapidpro")["rapidpro_contacts"] == before + 25

    page.get_by_role("button", name="Reset").click()

    expect(page.locator("#result")).to_contain_text("Start again: done.")
    assert tables_of(sandbox, "rapidpro")["rapidpro_contacts"] == before


def test_rows_are_filtered(page: Page) -> None:
    page.goto("/data/rapidpro")
    page.get_by_role("link", name="rapidpro_urns").click()
    page.get_by_label("Contains").fill("+250780000001")
    page.get_by_role("button", name="Filter").click()

    expect(page.locator("tbody tr")).to_have_count(1)


def test_code_is_copied(page: Page, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/")
    page.get_by_role("button", name="Copy the address of RapidPro").click()
    expect(page.get_by_role("button", name="Copied the address of RapidPro")).to_be_visible()

    assert page.evaluate("navigator.clipboard.readText()") == f"{address}/rapidpro/api/v2"


def test_several_people_write_side_by_side_on_each_platform(page: Page, sandbox: Sandbox) -> None:
    page.goto("/chat")
    for platform, contact in PEOPLE.items():
        page.get_by_label("Platform").select_option(platform)
        page.get_by_label("Address").fill(contact)
        page.get_by_role("button", name="Add a person").click()
    for contact in PEOPLE.values():
        field = page.get_by_label(f"Message of {contact}")
        field.fill(f"Hello from {contact}")
        field.press("Enter")
        expect(page.get_by_role("log", name=re.compile(re.escape(contact)))).to_contain_text(f"Hello from {contact}")

    for platform, contact in PEOPLE.items():
        assert sandbox.contact(contact, platform).messages[-1].text == f"Hello from {contact}"
    page.get_by_role("button", name=f"Remove {PEOPLE['rapidpro']}").click()
    expect(page.locator(".person")).to_have_count(2)


def test_a_person_sees_delivery_and_taps_a_quick_reply(page: Page, sandbox: Sandbox, address: str) -> None:
    ana = sandbox.contact(PEOPLE["rapidpro"])
    ana.says("hello")
    token = {"Authorization": "Token ADMNSTRATR222222222222222222222222222222"}
    url = f"{address}/rapidpro/api/v2"
    contact = httpx.get(f"{url}/contacts.json", params={"urn": ana.address}, headers=token).json()["results"][0]
    message = {"contact": contact["uuid"], "text": "Tea?", "quick_replies": [{"type": "text", "text": "Yes, please"}]}
    assert httpx.post(f"{url}/messages.json", json=message, headers=token).status_code == 201
    page.goto(CHAT)
    expect(page.get_by_role("log")).to_contain_text("queued")

    sandbox.advance(timedelta(seconds=10))
    page.get_by_role("button", name="Yes, please").click()
    expect(page.get_by_role("log")).to_contain_text("Yes, please")
    page.get_by_role("button", name="Mark as read").click()

    expect(page.get_by_role("log")).to_contain_text("read")
    assert [message.text for message in ana.messages] == ["hello", "Tea?", "Yes, please"]


def test_a_person_pays_and_sees_the_code_of_a_one_time_password(page: Page) -> None:
    page.goto("/chat?person=pantheon/whatsapp:%2B12025550143")
    expect(page.get_by_role("log")).to_contain_text("is your code for Example Shop.")
    page.get_by_role("button", name="Pay").click()

    expect(page.get_by_role("log")).to_contain_text("Gift wrapping: 1200 EUR (in the minor unit) [paid]")


def test_a_person_whose_message_cannot_come_in_is_told_why(page: Page) -> None:
    page.goto("/chat?person=rapidpro/fax:1")

    expect(page.get_by_role("alert")).to_contain_text("`contact` is not a URN")


@pytest.mark.parametrize(
    ("platform", "operation", "shown"),
    [
        ("rapidpro", "workspace-workspace_get", '"country"'),
        ("botpress", "conversations-listConversations", '"conversations"'),
        ("botpress_chat", "conversations-listConversations", '"welcome"'),
        ("pantheon", "apps-apps_get", '"Example Shop"'),
    ],
)
def test_an_operation_is_tried(page: Page, sandbox: Sandbox, platform: str, operation: str, shown: str) -> None:
    page.goto(f"/explorer/{platform}#/{operation.replace('-', '/')}")
    expect(page.get_by_text("Signed in")).to_be_visible()
    block = page.locator(f"#operations-{operation}")
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()

    expect(block.locator(".live-responses-table .response").first).to_contain_text(shown)
    assert sandbox.journal.entries[-1].operation_id == operation.partition("-")[2]
    assert sandbox.journal.entries[-1].status == 200


SCROLL = """() => {
  const before = scrollY;
  scrollBy(0, innerHeight / 2);
  if (scrollY === before) scrollTo(0, 0);  // from the beginning, for what was rendered too late
}"""


@pytest.mark.parametrize(("platform", "operations"), [("botpress", 213), ("pantheon", 57 + 21)])
def test_every_operation_and_webhook_is_shown(page: Page, platform: str, operations: int) -> None:
    page.goto(f"/explorer/{platform}")
    page.get_by_role("link", name="Show all operations").click()
    page.locator(".opblock").first.wait_for(timeout=60_000)
    shown: set[str] = set()
    for _ in range(400):  # what is far from the window is not in the page
        shown |= {*page.locator(".opblock").evaluate_all("blocks => blocks.map(block => block.id)")}
        if len(shown) >= operations:
            break
        page.evaluate(SCROLL)
        page.wait_for_timeout(100)

    assert len(shown) == operations


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_a_phone(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(path)
    page.wait_for_load_state("networkidle" if path == EXPLORER else "load")
    width = page.evaluate("document.documentElement.scrollWidth")
    context.close()

    assert width <= 360


def test_a_request_in_the_journal_takes_one_line_on_a_phone(browser: Browser, address: str) -> None:
    get_workspace(address)
    context = browser.new_context(base_url=address, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto("/")
    height = page.evaluate("document.querySelector('#journal tbody tr').clientHeight")
    context.close()

    assert height < 40


@pytest.mark.parametrize("path", PATHS)
def test_a_page_can_be_used_by_keyboard(page: Page, path: str) -> None:
    page.goto(path)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PATHS, "/journal/1", "/nowhere"])
def test_axe_finds_no_barrier(browser: Browser, address: str, path: str, scheme: Literal["light", "dark"]) -> None:
    if not AXE.is_file():
        pytest.fail("axe is not installed; run: npm ci --prefix scripts/node --ignore-scripts")
    get_workspace(address)
    context = browser.new_context(base_url=address, color_scheme=scheme)
    page = context.new_page()
    page.goto(path)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({exclude: [['#explorer']]})")
    context.close()

    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_dark(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> None:
    context = browser.new_context(base_url=address, color_scheme=scheme)
    page = context.new_page()
    page.goto("/")
    style = "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
    text, background = (sum(map(int, re.findall(r"\d+", color)[:3])) for color in page.evaluate(style))
    context.close()

    assert (text > background) == (scheme == "dark")
    assert abs(text - background) > 500
