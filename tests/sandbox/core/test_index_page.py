"""The page at `/`."""

from __future__ import annotations

import httpx


def test_the_page_names_the_platforms_their_accounts_and_the_control_plane(client: httpx.Client) -> None:
    page = client.get("http://127.0.0.1:8000/")

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for text in ("http://127.0.0.1:8000/notebook/v1", "reader", "token=notebook", "POST /__sandbox__/clock"):
        assert text in page.text


def test_the_page_loads_nothing(client: httpx.Client) -> None:
    page = client.get("http://127.0.0.1/")

    assert page.headers["content-security-policy"] == "default-src 'none'"
    assert not any(f"<{tag}" in page.text for tag in ("script", "link", "img", "iframe"))


def test_any_other_page_is_404_and_shows_the_same(client: httpx.Client) -> None:
    page = client.get("http://127.0.0.1/nowhere")

    assert page.status_code == 404
    assert "/notebook/v1" in page.text
