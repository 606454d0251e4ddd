"""The RapidPro server under test, for what hooks and checks want to ask it themselves."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import httpx


@cache
def server() -> httpx.Client:
    """Return a client of the server under test, signed in as schemathesis is."""
    headers = {"Authorization": f"Token {os.environ['TOKEN']}", "Connection": "close"}
    return httpx.Client(base_url=os.environ["URL"], headers=headers, trust_env=False)


def rows(path: str, **query: str) -> list[dict[str, Any]]:
    """Return the rows of the first page of a list."""
    results: list[dict[str, Any]] = server().get(path, params=query).raise_for_status().json()["results"]
    return results
