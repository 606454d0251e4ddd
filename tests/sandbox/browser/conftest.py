"""A browser, and pages in it that may not fail: an error in the console fails the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from trilogue_sandbox import Sandbox

from tests.services import chromium


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def template() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as sandbox:
        for name in sandbox.names:
            sandbox.url(name)
        yield sandbox


@pytest.fixture
def sandbox(template: Sandbox) -> Iterator[Sandbox]:
    with template.copy() as copy:
        yield copy
        assert copy.drift == ()


@pytest.fixture
def address(sandbox: Sandbox) -> Iterator[str]:
    with sandbox.serve() as address:
        yield address


expect.set_options(timeout=20_000)


def _is_problem(message: ConsoleMessage) -> bool:
    """Whether a script failed or the browser refused something, and not only reports an error response."""
    return message.type == "error" and not message.text.startswith(("Failed to load resource", "Deprecated: "))


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address)
    page, problems, requests = context.new_page(), list[str](), list[str]()
    page.on("console", lambda message: problems.append(message.text) if _is_problem(message) else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.set_default_timeout(20_000)
    yield page
    context.close()
    assert problems == []
    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []
