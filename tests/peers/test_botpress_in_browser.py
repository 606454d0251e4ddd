"""@botpress/client, as it comes from npm, in a web page: the sandbox lets pages on loopback addresses use it (CORS)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from trilogue_sandbox.platform_sandbox import PlatformSandbox

from tests.services import chromium

from .official_client import PACKAGES, installed

PAGE = """<!DOCTYPE html><title>Bot</title>
<script type="importmap">
{"imports": {
  "@botpress/client": "/@botpress/client/dist/index.mjs",
  "axios": "/axios/dist/esm/axios.js",
  "browser-or-node": "data:text/javascript,export const isBrowser = true, isNode = false",
  "crypto": "data:text/javascript,export default {}"
}}
</script>
"""
PROGRAM = """
async (settings) => {
  const { Client } = await import("@botpress/client");
  const client = new Client(settings);
  const { conversations } = await client.listConversations({});
  const sent = await client.createMessage({
    conversationId: conversations[0].id, userId: settings.botId, tags: {},
    type: "text", payload: { text: "from a page" },
  });
  const missing = await client.getMessage({ id: "msg_nothing" }).catch((error) => error.type);
  const { message } = await client.getMessage({ id: sent.message.id });
  return [conversations.length, message.payload.text, missing];
}
"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves the packages and the page; says nothing."""

    extensions_map: ClassVar[dict[str, str]] = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def origin() -> Iterator[str]:
    """A server of a page, at another origin than the sandbox."""
    installed("@botpress/client")
    folder: Path = PACKAGES / "node_modules"
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_official_client_runs_in_a_web_page(origin: str, botpress_sandbox: PlatformSandbox) -> None:
    account = botpress_sandbox.credentials
    with botpress_sandbox.serve() as url, chromium() as browser:
        page = browser.new_page()
        page.goto(origin)
        settings = {"apiUrl": url, "token": account["token"], "botId": account["bot_id"]}
        found = page.evaluate(f"({PROGRAM})({json.dumps(settings)})")

    assert found == [1, "from a page", "ResourceNotFound"]
    assert [entry.operation_id for entry in botpress_sandbox.journal] == [
        *("listConversations", "createMessage", "getMessage", "getMessage")
    ]
