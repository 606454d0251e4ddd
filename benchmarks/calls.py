"""What one small call costs, in a thread and in the event loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import httpx
import httpx2
from trilogue import AsyncRapidPro, RapidPro

from benchmarks.bodies import CONTACT
from benchmarks.measure import Case, interleaved, interleaved_async
from benchmarks.server import serving

HEADERS = {"Authorization": "Token x"}
AT_A_TIME = 64


def measure() -> Iterator[Case]:
    """Measure GET and POST one after the other, and GET many at a time."""
    with serving(0) as address, httpx.Client() as raw, RapidPro("x" * 40, host=address) as client:
        url, contacts = f"{address}/api/v2/workspace.json", f"{address}/api/v2/contacts.json"
        gets: dict[str, Callable[[], object]] = {
            "httpx: client.get(...).json()": lambda: raw.get(url, headers=HEADERS).json(),
            "trilogue: workspace.get()": client.workspace.get,
        }
        yield Case("small GET", next(iter(gets)), interleaved(gets, rounds=40, repeats=20), "us")
        posts: dict[str, Callable[[], object]] = {
            "httpx: client.post(..., json=...).json()": lambda: raw.post(
                contacts, headers=HEADERS, json=CONTACT
            ).json(),
            "trilogue: contacts.create()": lambda: client.contacts.create(**CONTACT),
        }
        yield Case(
            "POST with 100 URNs and 100 fields", next(iter(posts)), interleaved(posts, rounds=40, repeats=10), "us"
        )
        results = asyncio.run(_fan_out(address, url))
    yield Case(f"async GET, {AT_A_TIME} at a time", "httpx: AsyncClient", results, "us")


async def _fan_out(address: str, url: str) -> dict[str, float]:
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    async with (
        httpx.AsyncClient(limits=limits) as raw,
        httpx2.AsyncClient() as newer,
        aiohttp.ClientSession() as session,
        AsyncRapidPro("x" * 40, host=address) as client,
    ):

        async def get_httpx() -> Any:
            return (await raw.get(url, headers=HEADERS)).json()

        async def get_httpx2() -> Any:
            return (await newer.get(url, headers=HEADERS)).json()

        async def get_aiohttp() -> Any:
            async with session.get(url, headers=HEADERS) as response:
                return json.loads(await response.read())

        candidates: dict[str, Callable[[], Awaitable[object]]] = {
            "httpx: AsyncClient": get_httpx,
            "httpx2: AsyncClient": get_httpx2,
            "aiohttp: ClientSession": get_aiohttp,
            "trilogue: AsyncRapidPro": client.workspace.get,
        }
        return await interleaved_async(candidates, rounds=9, calls=256, at_a_time=AT_A_TIME)
