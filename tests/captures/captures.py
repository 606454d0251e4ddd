"""The captured answers, read once."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from attrs import frozen
from trilogue._http.messages import HttpResponse
from trilogue_generated.rapidpro import operations as operations_package
from trilogue_generated.runtime.operation import Operation

FOLDER = Path(__file__).parent / "rapidpro"
API = "/api/v2"


@frozen(repr=False)
class Capture:
    """One request and its answer."""

    name: str
    method: str
    path: str
    status: int
    headers: dict[str, str]
    is_json: bool
    body: Any

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        if self.is_json:
            return json.dumps(self.body, ensure_ascii=False).encode()
        return str(self.body or "").encode()

    def response(self) -> HttpResponse:
        """Return the answer as the client sees it."""
        return HttpResponse(self.status, httpx.Headers(self.headers), self.content)

    def operation(self) -> Operation[Any] | None:
        """Return a generated operation of this path and method."""
        return generated_operations().get((self.method, self.path))


@cache
def captures() -> tuple[Capture, ...]:
    """Return all captured answers."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.json")))


def _read(path: Path) -> Capture:
    data = json.loads(path.read_text(encoding="utf-8"))
    request, response = data["request"], data["response"]
    where = urlsplit(request["path"]).path.rstrip("/").removeprefix(API)
    return Capture(
        path.stem,
        request["method"],
        where,
        response["status"],
        response.get("headers", {}),
        bool(response.get("body_is_json")),
        response.get("body"),
    )


@cache
def generated_operations() -> dict[tuple[str, str], Operation[Any]]:
    """Return one generated operation for each method and path."""
    from importlib import import_module
    from pkgutil import iter_modules

    found: dict[tuple[str, str], Operation[Any]] = {}
    for module in iter_modules(operations_package.__path__):
        for value in vars(import_module(f"{operations_package.__name__}.{module.name}")).values():
            if isinstance(value, Operation):
                found.setdefault((value.method, value.path), value)
    return found
