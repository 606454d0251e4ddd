"""How a response differs from what its operation promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from .._json import parse_json
from .description import Description, JsonObject
from .differences import Difference
from .schemas import compare

STANDARD_HEADERS = frozenset(
    (
        *("accept-ranges", "age", "allow", "alt-svc", "cache-control", "connection", "content-disposition"),
        *("content-encoding", "content-language", "content-length", "content-location", "content-security-policy"),
        *("content-type", "cross-origin-embedder-policy", "cross-origin-opener-policy", "cross-origin-resource-policy"),
        *("date", "etag", "expect-ct", "expires", "keep-alive", "last-modified", "link", "location", "nel"),
        *("permissions-policy", "pragma", "proxy-authenticate", "referrer-policy", "report-to", "retry-after"),
        *("server", "server-timing", "set-cookie", "strict-transport-security", "timing-allow-origin", "trailer"),
        *("transfer-encoding", "upgrade", "vary", "via", "www-authenticate", "x-content-type-options"),
        *("x-frame-options", "x-xss-protection"),
    )
)
"""Headers with a meaning of their own, which servers and proxies add to any response (lower case)."""


def compare_response(
    description: Description, operation: JsonObject, status: int, headers: Mapping[str, str], content: bytes
) -> Iterator[Difference]:
    """Yield how a response to an operation differs from its description."""
    headers = {name.lower(): value for name, value in headers.items()}
    responses = operation["responses"]
    described = responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default")
    if described is None:
        yield Difference("", "undocumented status", str(status))
        return
    response = description.resolve(described)
    described_anywhere = (description.resolve(each).get("headers", {}) for each in responses.values())
    names = {name.lower() for each in described_anywhere for name in each}
    yield from _find_undocumented(names, headers)
    yield from _compare_headers(description, response.get("headers", {}), headers)
    yield from _compare_content(description, response.get("content", {}), headers, content)


def _find_undocumented(documented: Set[str], headers: Mapping[str, str]) -> Iterator[Difference]:
    """Yield the headers that no response of the operation is said to have: an error often has those of a success."""
    for name in headers:
        if name not in documented | STANDARD_HEADERS and not name.startswith("access-control-"):
            yield Difference(f"header/{name}", "undocumented header")


def _compare_headers(
    description: Description, described: Mapping[str, JsonObject], headers: Mapping[str, str]
) -> Iterator[Difference]:
    documented = {name.lower(): description.resolve(header) for name, header in described.items()}
    for name, header in documented.items():
        if header.get("required") and name not in headers:
            yield Difference(f"header/{name}", "missing header")
        elif name in headers:
            value = _read_header(description.resolve(header["schema"]), headers[name])
            yield from compare(description, header["schema"], value, f"header/{name}")


def _read_header(schema: JsonObject, text: str) -> Any:
    if schema.get("type") == "boolean":
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    is_integer = schema.get("type") == "integer" and text.strip().removeprefix("-").isdecimal()
    return int(text) if is_integer else text


def _compare_content(
    description: Description, described: Mapping[str, JsonObject], headers: Mapping[str, str], content: bytes
) -> Iterator[Difference]:
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not described or not content:
        return
    found = described.get(media_type) or described.get(f"{media_type.partition('/')[0]}/*") or described.get("*/*")
    if found is None:
        yield Difference("", "wrong content type", f"{media_type or 'none'} instead of {' or '.join(described)}")
    elif media_type.endswith("json") and "schema" in found:
        try:
            value = parse_json(content)
        except ValueError:
            yield Difference("", "invalid JSON")
        else:
            yield from compare(description, found["schema"], value)
