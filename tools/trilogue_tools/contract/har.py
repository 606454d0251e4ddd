"""What was sent and received, as HAR 1.2: the shape of everything, and no value of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import define, field
from trilogue._drift.description import JsonObject
from trilogue._version import __version__

from trilogue_tools.drift.endpoints import Endpoint
from trilogue_tools.drift.server import Exchange
from trilogue_tools.masking import MASK

_SHOWN_HEADERS = ("content-type", "content-length", "allow", "retry-after")


@define(eq=False)
class Har:
    """A recording; as a listener of a server it takes each exchange."""

    base_url: str
    entries: list[dict[str, Any]] = field(factory=list[dict[str, Any]])

    def add(self, exchange: Exchange) -> None:
        """Record an exchange: names, statuses, times, and bodies whose strings and numbers are masked."""
        started = datetime.now(UTC).isoformat()
        milliseconds = round(exchange.seconds * 1000, 1)
        self.entries.append(
            {
                "startedDateTime": started,
                "time": milliseconds,
                "request": self._request(exchange),
                "response": _response(exchange),
                "cache": {},
                "timings": {"send": 0, "wait": milliseconds, "receive": 0},
                "comment": exchange.endpoint.name,
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the recording as JSON values."""
        creator = {"name": "trilogue", "version": __version__}
        return {"log": {"version": "1.2", "creator": creator, "entries": self.entries}}

    def _request(self, exchange: Exchange) -> dict[str, Any]:
        names = [name for name, _ in parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)]
        known = [name.partition("[")[0] for name in names]
        query = [{"name": name, "value": MASK} for name in known if name in exchange.endpoint.inputs]
        return {
            "method": exchange.method,
            "url": self.base_url + exchange.endpoint.path,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [],
            "queryString": query,
            "headersSize": -1,
            "bodySize": -1,
        }


def _response(exchange: Exchange) -> dict[str, Any]:
    media_type = exchange.headers.get("content-type", "")
    content = {"size": len(exchange.content), "mimeType": media_type, "text": _text(exchange)}
    return {
        "status": exchange.status or 0,
        "statusText": exchange.error,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [
            {"name": name, "value": value if name.lower() in _SHOWN_HEADERS else MASK}
            for name, value in exchange.headers.items()
        ],
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(exchange.content),
    }


def _text(exchange: Exchange) -> str:
    if exchange.body is None:
        return ""
    schema = exchange.endpoint.result_schema if exchange.is_granted else {}
    return json.dumps(_shape(exchange.endpoint, schema, exchange.body), ensure_ascii=False)


def _shape(endpoint: Endpoint, schema: JsonObject, value: Any) -> Any:
    """Return a value with strings and numbers masked, and the names of fields that the schema does not have."""
    schema = endpoint.description.resolve(schema)
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        schema = endpoint.description.resolve(options[0])
    if isinstance(value, list):
        return [_shape(endpoint, schema.get("items", {}), item) for item in value]
    if isinstance(value, Mapping):
        properties = schema.get("properties", {})
        known = {name: _shape(endpoint, properties[name], item) for name, item in value.items() if name in properties}
        others = len(value) - len(known)
        return {**known, **{f"{MASK}{number}": MASK for number in range(others)}}
    return value if value is None or isinstance(value, bool) else MASK
