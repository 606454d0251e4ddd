"""The set of calls: a reading of every list and get, and where that is allowed a create of each kind first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import trilogue
from attrs import define, field
from trilogue_generated.platforms import PLATFORMS
from trilogue_tools.drift.endpoints import Endpoint, endpoints
from trilogue_tools.drift.reading import Reading
from trilogue_tools.drift.server import Exchange, Server

REQUESTS = 1_000
"""How many requests are sent at most."""


@define(eq=False)
class Responses:
    """The responses of a server, by operation; `sent` is how many requests that took."""

    by_operation: dict[str, list[Exchange]] = field(factory=dict[str, list[Exchange]])
    sent: int = 0

    def add(self, exchange: Exchange) -> None:
        """Keep a response."""
        self.by_operation.setdefault(exchange.endpoint.id, []).append(exchange)


def call_all(platform: str, settings: Mapping[str, Any], *, writes: bool) -> Responses:
    """Make the calls with a client of these settings; nothing that may change something unless `writes`."""
    responses, known = Responses(), endpoints(platform)
    with getattr(trilogue, PLATFORMS[platform].client)(**settings) as client:
        server = Server(client, REQUESTS, writes=writes)
        server.listeners.append(responses.add)
        reading = Reading(server, known)
        for endpoint in known.values() if writes else ():
            if endpoint.method_names[0] == "create" and (body := _example(endpoint)) is not None:
                server.send(endpoint, body)
        for _ in reading.run():
            pass
        responses.sent = server.sent
    return responses


def _example(endpoint: Endpoint) -> Mapping[str, Any] | None:
    """Return the first example of a request body; None for an operation that takes none, or needs more than one."""
    if any(each.location == "path" for each in endpoint.inputs.values()) or endpoint.body_schema is None:
        return None
    content = endpoint.description.resolve(endpoint.node["requestBody"])["content"]["application/json"]
    value: Mapping[str, Any] = next(iter(content["examples"].values()))["value"]
    return value
