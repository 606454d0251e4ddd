"""The Pantheon server under test: how to sign in, and what hooks and checks want to ask it themselves."""

from __future__ import annotations

import os
from base64 import b64encode
from functools import cache
from typing import Any

import httpx

BASIC = "Basic " + b64encode(f"{os.environ['CLIENT_ID']}:{os.environ['CLIENT_SECRET']}".encode()).decode()
"""How the app shows who it is in the namespace `auth`."""


@cache
def access_token() -> str:
    """Return the access token of the run; it lives longer than the run."""
    url = f"{os.environ['URL']}/auth/getAccessToken"
    response = httpx.post(
        url, json={"grant_type": "client_credentials"}, headers={"Authorization": BASIC}, trust_env=False
    )
    return str(response.raise_for_status().json()["access_token"])


@cache
def server() -> httpx.Client:
    """Return a client of the server under test, signed in as schemathesis is."""
    headers = {"Authorization": f"Bearer {access_token()}"}
    return httpx.Client(base_url=os.environ["URL"], headers=headers, trust_env=False)


def items(method: str, **body: Any) -> list[dict[str, Any]]:
    """Return the items of the first page of a list, the newest first."""
    found: list[dict[str, Any]] = server().post(method, json=body).raise_for_status().json()["items"]
    return found


def move_clock(time: str) -> None:
    """Move the clock of the sandbox to a time."""
    control = httpx.URL(os.environ["URL"]).join("/__sandbox__/clock")
    server().post(control, json={"set": time}).raise_for_status()
