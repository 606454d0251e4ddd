"""What a page costs, from bytes to objects and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
from temba_client.v2 import types as peers  # pyright: ignore[reportMissingTypeStubs]  it has no types
from trilogue import RapidPro
from trilogue._json import parse_json
from trilogue._pagination.bodies import page_decoder
from trilogue_generated.rapidpro.operations.contacts import LIST as CONTACTS
from trilogue_generated.rapidpro.operations.messages import LIST as MESSAGES
from trilogue_generated.rapidpro.operations.runs import LIST as RUNS
from trilogue_generated.runtime.operation import ListOperation

from benchmarks.examples import Listed, lists
from benchmarks.measure import Case, interleaved

FLOOR, OWN = "json.loads (dicts)", "trilogue"
PEERS: dict[str, Any] = {CONTACTS.path: peers.Contact, MESSAGES.path: peers.Message, RUNS.path: peers.Run}


def measure() -> Iterator[Case]:
    """Measure decoding, the public call over a canned transport, and `to_dict`."""
    pages = lists()
    yield from map(_decode, pages)
    yield from (_call(page) for page in pages if page.operation.path in PEERS)
    yield _to_dict(pages[0])


def _decode(page: Listed) -> Case:
    content, operation, peer = page.content, page.operation, PEERS.get(page.operation.path)
    candidates = {
        FLOOR: lambda: json.loads(content),
        OWN: lambda: _rows(operation, content),
    }
    if peer is not None:
        candidates["rapidpro-python"] = lambda: peer.deserialize_list(json.loads(content)["results"])
    return Case(f"decode {page.name}, {len(content) // 1000} kB", FLOOR, interleaved(candidates, rounds=60))


def _rows(operation: ListOperation[Any, Any], content: bytes) -> list[Any]:
    if operation.row_struct is None:
        return operation.rows(parse_json(content)[operation.paging.items])
    return [struct.to_model() for struct in page_decoder(operation).decode(content)[operation.paging.items]]


def _call(page: Listed) -> Case:
    content = page.content
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=content))
    client = RapidPro("x" * 40, transport=transport)
    resource = getattr(client, page.operation.name.partition(".")[0])
    candidates = {FLOOR: lambda: json.loads(content), f"{OWN}: list().page()": lambda: resource.list().page()}
    return Case(f"fetch {page.name} from a transport in memory", FLOOR, interleaved(candidates, rounds=60))


def _to_dict(page: Listed) -> Case:
    models, content = page.operation.rows(page.rows), page.content
    candidates = {FLOOR: lambda: json.loads(content), f"{OWN}: to_dict()": lambda: [row.to_dict() for row in models]}
    return Case(f"to_dict of {page.name}", FLOOR, interleaved(candidates, rounds=60))
