"""What the tests of the Botpress client share: a client with its own clock, and small responses."""

from __future__ import annotations

from typing import Any

import httpx
from trilogue import AsyncBotpress, Botpress

from .support import Harness, Reply, Sync, json_response

TOKEN = "bp_pat_test"
BOT, WORKSPACE, INTEGRATION = "bot-1", "wkspace_1", "intver_1"
CONTEXT = {"bot_id": BOT, "workspace_id": WORKSPACE, "integration_id": INTEGRATION}

USER: dict[str, Any] = {
    "id": "user_1",
    "createdAt": "2026-01-01T12:00:00.000Z",
    "updatedAt": "2026-01-01T12:00:00.000Z",
    "tags": {},
    "properties": {},
    "attributes": {},
}
NOT_FOUND: dict[str, Any] = {"id": "err_1", "code": 404, "type": "ResourceNotFound", "message": "there is none"}


class BotpressHarness(Harness):
    """A `Harness` whose clients are Botpress's."""

    def client(self, transport: Any = None, **options: Any) -> Any:
        client_class: Any = Botpress if isinstance(self.mode, Sync) else AsyncBotpress
        settings = {"token": TOKEN, "clock": self.clock, **options}
        client = client_class(**settings) if transport is None else client_class(**settings, transport=transport)
        self._clients.append(client)
        return client


def user(request: httpx.Request | None = None) -> Reply:
    """A response with a user."""
    return json_response(json={"user": USER})


def not_found(request: httpx.Request | None = None) -> Reply:
    """A 404 for any request."""
    return json_response(404, json=NOT_FOUND)
