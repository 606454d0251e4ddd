"""A caller of the sandbox's Botpress, in few words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import attrs
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Request, Response

HEADERS = {"workspace_id": "x-workspace-id", "bot_id": "x-bot-id", "integration_id": "x-integration-id"}
FAMILIES = ("chat", "files", "tables", "admin")


@attrs.frozen
class Caller:
    """Calls with one token and the context headers that belong to it."""

    sandbox: Sandbox
    headers: dict[str, str] = attrs.field(factory=dict)

    @classmethod
    def of(cls, sandbox: Sandbox, account: str) -> Caller:
        """Call with the token of an account (`pat`, `bak`, `iak`, `stranger`)."""
        found = {found.name: found.credentials for found in sandbox.accounts("botpress")}[account]
        context = {header: found[name] for name, header in HEADERS.items() if name in found}
        return cls(sandbox, {"Authorization": f"Bearer {found['token']}", **context})

    def with_headers(self, **headers: str | None) -> Caller:
        """Return a caller with other headers (`x_bot_id=...`); None drops one."""
        merged: dict[str, str | None] = {**self.headers}
        merged |= {name.replace("_", "-"): value for name, value in headers.items()}
        return attrs.evolve(self, headers={name: value for name, value in merged.items() if value is not None})

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        content_type: str = "application/json",
        **query: object,
    ) -> Response:
        """Send one request; the path is that of the description, and path parts are percent-encoded with `part`."""
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        sent = {**self.headers, "Content-Type": content_type} if data else self.headers
        return self.sandbox.respond(Request(method, f"/botpress{path}", list(_pairs(query)), sent, data))

    def get(self, path: str, **query: object) -> Any:
        """Return the response to a GET, which must be 200."""
        return _document(self.call("GET", path, **query), 200)

    def create(self, path: str, **body: object) -> Any:
        """Return the response to a POST of the runtime that creates, which must be 201."""
        return _document(self.call("POST", path, body), 201)

    def post(self, path: str, **body: object) -> Any:
        """Return the response to a POST, which must be 200."""
        return _document(self.call("POST", path, body), 200)

    def put(self, path: str, **body: object) -> Any:
        """Return the response to a PUT, which must be 200."""
        return _document(self.call("PUT", path, body), 200)

    def patch(self, path: str, **body: object) -> Any:
        """Return the response to a PATCH, which must be 200."""
        return _document(self.call("PATCH", path, body), 200)

    def delete(self, path: str, **query: object) -> Any:
        """Return the response to a DELETE, which must be 200; it carries `{}`, as with the official client."""
        return _document(self.call("DELETE", path, {}, **query), 200)

    def iterate(self, path: str, field: str, **query: object) -> list[Any]:
        """Return the rows of all pages of a list."""
        page = self.get(path, **query)
        rows: list[Any] = page[field]
        while token := page["meta"].get("nextToken"):
            page = self.get(path, **query, nextToken=token)
            rows += page[field]
        return rows

    def error(self, error: str, method: str, path: str, body: object = None, **query: object) -> Any:
        """Return the error response to a request, which must be of this type."""
        document = json.loads(self.call(method, path, body, **query).body)
        assert document["type"] == error, document
        return document

    def control(self, action: str, **arguments: Any) -> Any:
        """Do something that no request does."""
        return self.sandbox.control("botpress", action, arguments)


def part(text: str) -> str:
    """Percent-encode a string as one segment of a path."""
    return quote(text, safe="")


def _pairs(query: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Serialize a query as the platform's own client does: dots for the keys of a map, repetition for a list."""
    for name, value in query.items():
        if isinstance(value, dict):
            yield from _pairs({f"{name}.{key}": item for key, item in value.items()})
        elif isinstance(value, list):
            yield from ((name, str(item)) for item in value)
        else:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)


def _document(response: Response, status: int) -> Any:
    assert response.status == status, (response.status, response.body.decode())
    return json.loads(response.body)
