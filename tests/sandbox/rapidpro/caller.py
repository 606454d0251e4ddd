"""A caller of the sandbox's RapidPro, in few words."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Request, Response

PREFIX = "/rapidpro/api/v2"


@attrs.frozen
class Caller:
    """Calls with one token, or with none."""

    sandbox: Sandbox
    token: str | None = None
    headers: dict[str, str] = attrs.field(factory=dict)

    @classmethod
    def of(cls, sandbox: Sandbox, account: str) -> Caller:
        """Call with the token of an account."""
        tokens = {found.name: found.credentials["token"] for found in sandbox.accounts("rapidpro")}
        return cls(sandbox, tokens[account])

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
        **query: object,
    ) -> Response:
        """Send one request; a path that does not begin with a slash is an endpoint (`contacts`)."""
        full = path if path.startswith("/") else f"{PREFIX}/{path}.json"
        sent = {"Authorization": f"Token {self.token}"} if self.token else {}
        data = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            sent["Content-Type"] = "application/json"
        pairs = [(name, str(item)) for name, value in query.items() for item in _listed(value)]
        return self.sandbox.respond(
            Request(method, full, pairs, {**sent, **self.headers, **(headers or {})}, data if raw is None else raw)
        )

    def get(self, path: str, **query: object) -> Any:
        """Return the response to a GET, which must be 200."""
        return _document(self.call("GET", path, **query), 200)

    def rows(self, path: str, **query: object) -> list[Any]:
        """Return the results of the first page of a list."""
        rows: list[Any] = self.get(path, **query)["results"]
        return rows

    def iterate(self, path: str, **query: object) -> list[Any]:
        """Return the results of all pages of a list."""
        page = self.get(path, **query)
        rows: list[Any] = page["results"]
        while page["next"]:
            page = self.follow(page["next"])
            rows += page["results"]
        return rows

    def follow(self, url: str) -> Any:
        """Return the page at a URL."""
        parts = urlsplit(url)
        return _document(
            self.sandbox.respond(
                Request("GET", parts.path, parse_qsl(parts.query), {"Authorization": f"Token {self.token}"})
            ),
            200,
        )

    def create(self, path: str, **body: object) -> Any:
        """Return the response to a POST that creates, which must be 201."""
        return _document(self.call("POST", path, body), 201)

    def update(self, path: str, body: object, **query: object) -> Any:
        """Return the response to a POST that creates nothing, which must be 200."""
        return _document(self.call("POST", path, body, **query), 200)

    def upload(self, data: bytes, name: str, content_type: str, field: str = "file", status: int = 201) -> Any:
        """Return the response to the upload of a file."""
        disposition = f'Content-Disposition: form-data; name="{field}"; filename="{name}"'
        raw = f"--x\r\n{disposition}\r\nContent-Type: {content_type}\r\n\r\n".encode() + data + b"\r\n--x--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        return _document(self.call("POST", "media", raw=raw, headers=headers), status)

    def error(self, status: int, method: str, path: str, body: object = None, **query: object) -> Any:
        """Return the error response to a request, which must have this status."""
        return _document(self.call(method, path, body, **query), status)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _document(response: Response, status: int) -> Any:
    assert response.status == status, (response.status, response.body.decode())
    return json.loads(response.body)
