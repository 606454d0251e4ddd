"""Responses with faults: the examples of the description, mutated."""

from __future__ import annotations

import copy
import json
import random
from functools import cache
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules
from typing import Any

import httpx
from msgspec.structs import replace
from trilogue._http.messages import HttpResponse
from trilogue_generated.runtime.operation import Operation

STATUSES = (200,) * 8 + (201, 204, 206, 302, 400, 400, 401, 402, 403, 404, 409, 413, 429, 500, 502, 503, 520)
HEADERS = ("retry-after", "date", "x-ratelimit-remaining", "x-ratelimit-total", "x-request-id", "location")
ODD_HEADERS = (
    "",
    "0",
    "-1",
    "1e400",
    "nan",
    "soon",
    "\xff",
    "Sat, 99 Nov 2026 00:00:00 GMT",
    "9" * 40,
    "//[",
    "http://[",
)
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**70, 1.5, "", "x", "\x00", "\ud83d", "2026-13-45T99:99:99Z",
    "9999-12-31T23:59:59-23:59", [], [None], [[]], {}, {"": None}, {"detail": 5}, {"non_field_errors": {"0": None}},
)  # fmt: skip


@cache
def described_operations(platform: str) -> list[Operation[Any]]:
    """All operations of a platform, without their arguments."""
    found = operations_of(platform)
    return [replace(made, parameters=(), exactly_one=(), at_most_one=(), at_least_one=()) for made in found]


@cache
def operations_of(platform: str) -> list[Operation[Any]]:
    """All operations of a platform."""
    package = f"trilogue_generated.{platform}.operations"
    modules = [import_module(f"{package}.{module.name}") for module in iter_modules(import_module(package).__path__)]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Operation)]


@cache
def examples(platform: str) -> dict[str, list[Any]]:
    """The examples of the responses of each operation, errors included, by the operation's name."""
    document = json.loads((files(f"trilogue_generated.{platform}") / "openapi.json").read_text(encoding="utf-8"))
    by_id = {
        entry["operationId"]: [
            example["value"]
            for response in entry["responses"].values()
            for media in _resolved(document, response).get("content", {}).values()
            for example in media.get("examples", {}).values()
        ]
        for path in document["paths"].values()
        for entry in path.values()
        if isinstance(entry, dict)
    }
    return {made.name: by_id[made.id] or [{}] for made in described_operations(platform)}


def _resolved(document: Any, response: Any) -> Any:
    if "$ref" not in response:
        return response
    for key in response["$ref"].removeprefix("#/").split("/"):
        document = document[key]
    return document


class Mutator:
    """Mutates responses, the same way for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def reply(self, responses: list[Any]) -> HttpResponse:
        """Return a response with a few faults."""
        body = json.loads(json.dumps(self._chance.choice(responses)))
        for _ in range(self._chance.randint(0, 3)):
            body = self._spoil(body)
        content = self._spoil_bytes(json.dumps(body).encode())
        return HttpResponse(self._chance.choice(STATUSES), self._headers(), content)

    def _headers(self) -> httpx.Headers:
        headers = {"content-type": self._chance.choice(["application/json"] * 9 + ["text/html", ""])}
        if self._chance.random() < 0.2:
            headers[self._chance.choice(HEADERS)] = self._chance.choice(ODD_HEADERS)
        return httpx.Headers(headers, encoding="latin-1")

    def _spoil(self, value: Any) -> Any:
        """Change one thing somewhere within a value."""
        if not isinstance(value, (dict, list)) or not value or self._chance.random() < 0.1:
            return self._odd()
        key = self._chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
        what = self._chance.random()
        if what < 0.2:
            del value[key]
        elif what < 0.25 and isinstance(value, dict):
            value["unknown"] = self._odd()
        elif what < 0.3:
            value[key] = self._deep(self._chance.choice([10, 200, 800]))
        else:
            value[key] = self._spoil(value[key])
        return value

    def _odd(self) -> Any:
        return copy.deepcopy(self._chance.choice(ODD))

    def _deep(self, levels: int) -> Any:
        value: Any = self._odd()
        for _ in range(levels):
            value = [value] if levels % 2 else {"a": value}
        return value

    def _spoil_bytes(self, content: bytes) -> bytes:
        what = self._chance.random()
        if what < 0.9:
            return content
        at = self._chance.randrange(len(content) + 1)
        if what < 0.94:
            return content[:at]
        return content[:at] + self._chance.randbytes(3) + content[at + 1 :]
