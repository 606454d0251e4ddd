"""How many SQL statements a request costs."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Headers, Request


def measure() -> None:
    """Print the number of statements for each type of request."""
    print("\nSQL statements for one request")
    with Sandbox() as sandbox:
        headers = Headers([("Authorization", f"Token {sandbox.accounts('rapidpro')[0].credentials['token']}")])
        sandbox.seed_data("rapidpro", {"contacts": 1000})
        first = {path: _first_uuid(sandbox, path, headers) for path in ("/groups.json", "/contacts.json")}
        for name, request in {
            "one group by UUID": _get("/groups.json", headers, first["/groups.json"]),
            "one contact by UUID": _get("/contacts.json", headers, first["/contacts.json"]),
            "a page of 250 contacts": _get("/contacts.json", headers),
            "a new contact": _post(headers, b'{"name":"Ana","language":"eng","urns":["tel:+250788000001"]}'),
        }.items():
            with _counting(sandbox) as statements:
                response = sandbox.respond(request)
            assert response.status < 300, response.body
            print(f"  {name:<28}{len(statements):>9}")


@contextmanager
def _counting(sandbox: Sandbox) -> Generator[Sequence[str]]:
    statements: list[str] = []
    connection = sandbox._store._connection  # pyright: ignore[reportPrivateUsage]  only a benchmark wants to know
    connection.set_trace_callback(statements.append)
    yield statements
    connection.set_trace_callback(None)


def _get(path: str, headers: Headers, uuid: str | None = None) -> Request:
    return Request("GET", f"/rapidpro/api/v2{path}", [("uuid", uuid)] if uuid else (), headers)


def _post(headers: Headers, body: bytes) -> Request:
    return Request("POST", "/rapidpro/api/v2/contacts.json", (), headers.set("Content-Type", "application/json"), body)


def _first_uuid(sandbox: Sandbox, path: str, headers: Headers) -> str:
    return str(json.loads(sandbox.respond(_get(path, headers)).body)["results"][0]["uuid"])
