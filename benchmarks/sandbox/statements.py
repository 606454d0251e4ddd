"""How many SQL statements a request costs."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Headers, JsonObject, Request


def measure() -> None:
    """Print the number of statements for each type of request."""
    print("\nSQL statements for one request")
    with Sandbox() as sandbox:
        headers = Headers([("Authorization", f"Token {sandbox.accounts('rapidpro')[0].credentials['token']}")])
        sandbox.seed_data("rapidpro", {"contacts": 1000})
        lists = ("/groups.json", "/contacts.json", "/flows.json")
        first = {path: _first_uuid(sandbox, path, headers) for path in lists}
        contact, flow = first["/contacts.json"], first["/flows.json"]
        for name, request in {
            "one group by UUID": _get("/groups.json", headers, first["/groups.json"]),
            "one contact by UUID": _get("/contacts.json", headers, contact),
            "a page of 250 contacts": _get("/contacts.json", headers),
            "a new contact": _post("/contacts.json", headers, {"name": "Ana", "urns": ["tel:+250788000001"]}),
            "a new message": _post("/messages.json", headers, {"contact": contact, "text": "Hello"}),
            "a new flow start": _post("/flow_starts.json", headers, {"flow": flow, "contacts": [contact]}),
        }.items():
            with _counting(sandbox) as statements:
                response = sandbox.respond(request)
            assert response.status < 300, response.body
            print(f"  {name:<28}{len(statements):>9}")


@contextmanager
def _counting(sandbox: Sandbox) -> Generator[Sequence[str]]:
    statements: list[str] = []
    connection = sandbox._store._connection  # pyright: ignore[reportPrivateUsage]  only a benchmark wants to know

    def note(statement: str) -> None:
        if statement not in statements[-1:]:  # each trigger reports again what has set it off
            statements.append(statement)

    connection.set_trace_callback(note)
    yield statements
    connection.set_trace_callback(None)


def _get(path: str, headers: Headers, uuid: str | None = None) -> Request:
    return Request("GET", f"/rapidpro/api/v2{path}", [("uuid", uuid)] if uuid else (), headers)


def _post(path: str, headers: Headers, body: JsonObject) -> Request:
    sent = headers.set("Content-Type", "application/json")
    return Request("POST", f"/rapidpro/api/v2{path}", (), sent, json.dumps(body).encode())


def _first_uuid(sandbox: Sandbox, path: str, headers: Headers) -> str:
    return str(json.loads(sandbox.respond(_get(path, headers)).body)["results"][0]["uuid"])
