"""What the tests of the Botpress client share: a client with a clock of its own, and small answers."""

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
REFUSED: dict[str, Any] = {"id": "err_1", "code": 404, "type": "ResourceNotFound", "message": "there is none"}


class BotpressHarness(Harness):
    """A `Harness` whose clients are Botpress's."""

    def client(self, transport: Any = None, **options: Any) -> Any:
        kind: Any = Botpress if isinstance(self.mode, Sync) else AsyncBotpress
        given = {"token": TOKEN, "clock": self.clock, **options}
        client = kind(**given) if transport is None else kind(**given, transport=transport)
        self._clients.append(client)
        return client


def user(request: httpx.Request | None = None) -> Reply:
    """An answer with a user."""
    return json_response(json={"user": USER})


def refuse(request: httpx.Request | None = None) -> Reply:
    """An answer that says no to anything."""
    return json_response(404, json=REFUSED)
