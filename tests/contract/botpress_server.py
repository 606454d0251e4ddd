"""The Botpress server under test: how to sign in, and what hooks and checks want to ask it themselves."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx

BOT, WORKSPACE = os.environ["BOT_ID"], os.environ["WORKSPACE_ID"]


@cache
def server() -> httpx.Client:
    """Return a client of the server under test, signed in as schemathesis is, for the bot and the workspace."""
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}", "x-bot-id": BOT, "x-workspace-id": WORKSPACE}
    return httpx.Client(base_url=os.environ["URL"], headers=headers, trust_env=False)


@cache
def integration() -> str:
    """Return the id of the integration that is installed in the bot."""
    installed: dict[str, Any] = get(f"/v1/admin/bots/{BOT}")["bot"]["integrations"]
    return next(iter(installed))


def as_in(headers: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers by which the integration makes a call, if it made the one with these; none for the bot."""
    return {"x-integration-id": integration()} if headers.get("x-integration-id") == integration() else {}


def get(path: str, headers: Mapping[str, str] | None = None, **query: str) -> Any:
    """Return the answer to a GET, which must be 200."""
    return server().get(path, headers=headers, params=query).raise_for_status().json()


def first_page(path: str, headers: Mapping[str, str] | None = None, **query: str) -> list[Any]:
    """Return the rows of the first page of a list, the newest first."""
    return rows(get(path, headers, **query))


def rows(page: Any) -> list[Any]:
    """Return the rows of a page: what is a list in it."""
    return page if isinstance(page, list) else next(value for value in page.values() if isinstance(value, list))
