"""Captured responses in a folder: JSON files with a request and its response, such files line by line, and HAR."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from trilogue_generated.platforms import PLATFORMS

from trilogue_tools.drift.endpoints import Endpoint, endpoints
from trilogue_tools.drift.server import Exchange
from trilogue_tools.errors import ToolError


def read_captures(platform: str, folder: Path) -> Iterator[Exchange]:
    """Yield the captured exchanges below a folder that are with an operation of the platform.

    A capture is an object with `request` (`method`, `path` or `url`) and `response` (`status`, `headers`, `body`).

    Raises:
        ToolError: a file is no JSON, or there is none.
    """
    files = sorted(file for file in folder.rglob("*") if file.suffix in (".json", ".jsonl", ".har"))
    if not files:
        raise ToolError(f"{folder} has no file that ends in .json, .jsonl or .har")
    for file in files:
        for entry in _entries(file):
            if exchange := _exchange(platform, entry):
                yield exchange


def _entries(file: Path) -> Iterator[Mapping[str, Any]]:
    text = file.read_text(encoding="utf-8")
    try:
        documents = [json.loads(line) for line in text.splitlines()] if file.suffix == ".jsonl" else [json.loads(text)]
    except ValueError as error:
        raise ToolError(f"{file}: this is no JSON: {error}") from None
    for document in documents:
        is_har = isinstance(document, dict) and "log" in document
        for entry in document["log"]["entries"] if is_har else (document if isinstance(document, list) else [document]):
            if (
                isinstance(entry, dict)
                and isinstance(entry.get("request"), dict)
                and isinstance(entry.get("response"), dict)
            ):
                yield entry


def _exchange(platform: str, entry: Mapping[str, Any]) -> Exchange | None:
    request, response = entry["request"], entry["response"]
    url = str(request.get("url") or request.get("path") or "")
    endpoint = _find(platform, str(request.get("method")).upper(), urlsplit(url).path)
    if endpoint is None:
        return None
    return Exchange(endpoint, endpoint.method, url, response["status"], _headers(response), _content(response), 0.0)


def _find(platform: str, method: str, path: str) -> Endpoint | None:
    base = PLATFORMS[platform].base_path
    below = (
        path[path.find(base) + len(base) :] if base and base in path else path.removeprefix(PLATFORMS[platform].prefix)
    )
    found = [each for each in endpoints(platform).values() if each.method == method and each.matches(below) is not None]
    return min(found, key=lambda each: each.path.count("{"), default=None)


def _headers(response: Mapping[str, Any]) -> dict[str, str]:
    headers = response.get("headers") or {}
    pairs = headers.items() if isinstance(headers, dict) else ((each["name"], each["value"]) for each in headers)
    return {str(name).lower(): str(value) for name, value in pairs}


def _content(response: Mapping[str, Any]) -> bytes:
    if "content" in response:
        return str(response["content"].get("text", "")).encode()
    body = response.get("body")
    is_text = isinstance(body, str) and response.get("body_is_json") is not True
    return b"" if body is None else str(body).encode() if is_text else json.dumps(body).encode()
