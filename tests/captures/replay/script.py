"""Scripts: requests in the order in which a real server got them, with its responses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import attrs
from trilogue_sandbox.kernel.http import Headers, Json, Request
from trilogue_sandbox.rapidpro.sign_ins import ACCOUNTS

FOLDER = Path(__file__).parent
PREFIX = "/rapidpro"
_UNREADABLE = "\ufffd"
"""Stands in scripts for a byte that is no UTF-8."""
_TOKENS = {f"<{account.name}>": account.credentials["token"] for account in ACCOUNTS} | {"<wrong>": "W" * 40}


@attrs.frozen
class Recorded:
    """The response of the real server."""

    status: int
    headers: dict[str, str]
    body: Json

    @classmethod
    def of(cls, response: dict[str, Any]) -> Self:
        """Read the response of a line."""
        return cls(response["status"], response["headers"], response["body"])


@attrs.frozen
class Step:
    """A request, and its response unless that is held back."""

    number: int
    note: str
    method: str
    path: str
    headers: dict[str, str] = attrs.field(repr=False)
    body: Json = attrs.field(repr=False)
    response: Recorded | None = attrs.field(repr=False)

    @property
    def endpoint(self) -> str:
        """The path without its query."""
        return urlsplit(self.path).path

    def request(self) -> Request:
        """Return the request as the sandbox gets it."""
        url = urlsplit(self.path)
        headers = Headers([(name, _with_token(value)) for name, value in self.headers.items()])
        query = parse_qsl(url.query, keep_blank_values=True)
        return Request(self.method, f"{PREFIX}{url.path}", query=query, headers=headers, body=self._content())

    def _content(self) -> bytes:
        if self.body is None:
            return b"null" if "json null" in self.note else b""
        is_json = self.headers.get("Content-Type", "application/json").startswith(("application/json", "text/plain"))
        if isinstance(self.body, str) and (not is_json or self.body.startswith("{")):  # a form, or broken JSON
            return self.body.encode().replace(_UNREADABLE.encode(), b"\xe9")
        document = json.dumps(self.body, ensure_ascii=_UNREADABLE not in str(self.body))
        return document.encode().replace(_UNREADABLE.encode(), b"\xe9")


def _with_token(value: str) -> str:
    scheme, _, name = value.partition(" ")
    return f"{scheme} {_TOKENS[name]}" if name in _TOKENS else value


def read_script(path: Path) -> list[Step]:
    """Read a script."""
    return [_read_step(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _read_step(line: dict[str, Any]) -> Step:
    request, response = line["request"], line["response"]
    return Step(
        line["n"],
        line["note"],
        request["method"],
        request["path"],
        request["headers"],
        request["body"],
        Recorded.of(response) if response else None,
    )
