"""What web pages on this machine may ask of the sandbox, and those from elsewhere may not."""

from __future__ import annotations

import httpx
import pytest

from .notebook import TOKEN, notebook_sandbox

URL = "http://sandbox.test/notebook/v1/notes"
PREFLIGHT = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization,x-note"}


def send(method: str, **headers: str) -> httpx.Response:
    with httpx.Client(transport=notebook_sandbox().transport()) as client:
        return client.request(method, URL, headers={**TOKEN, **headers})


@pytest.mark.parametrize("origin", ["http://localhost:5173", "http://127.0.0.1", "https://[::1]:3000"])
def test_a_page_on_a_loopback_address_reads_responses(origin: str) -> None:
    plain, shared = send("GET"), send("GET", Origin=origin)

    assert (shared.status_code, shared.content) == (200, plain.content)
    assert shared.headers["access-control-allow-origin"] == origin
    assert shared.headers["access-control-allow-credentials"] == "true"
    assert shared.headers["access-control-expose-headers"] == "content-type, date"
    assert shared.headers["vary"] == "Origin"


def test_a_preflight_allows_the_headers_that_it_asks_for() -> None:
    response = send("OPTIONS", Origin="http://localhost:5173", **PREFLIGHT)

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert response.headers["access-control-allow-headers"] == "authorization,x-note"
    assert "DELETE" in response.headers["access-control-allow-methods"]


def test_a_preflight_is_no_request_to_the_platform() -> None:
    sandbox = notebook_sandbox()
    with httpx.Client(transport=sandbox.transport()) as client:
        client.options(URL, headers={"Origin": "http://localhost", **PREFLIGHT})

    assert sandbox.journal.entries == ()


@pytest.mark.parametrize(
    "origin", ["https://example.org", "http://localhost.example.org", "http://127.0.0.1@x.test", "null"]
)
def test_a_page_from_elsewhere_reads_nothing(origin: str) -> None:
    response, preflight = send("GET", Origin=origin), send("OPTIONS", Origin=origin, **PREFLIGHT)

    assert "access-control-allow-origin" not in response.headers
    assert "access-control-allow-origin" not in preflight.headers
