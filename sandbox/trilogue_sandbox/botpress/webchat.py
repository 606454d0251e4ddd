"""The code of a webchat. Its bundle is not part of the sandbox: the page that the code leads to only says so."""

from __future__ import annotations

import html

from trilogue_sandbox.botpress import bot_access
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.world import World


def _get(call: Call) -> JsonObject:
    bot = bot_access.find(call)
    page = f"{call.request.base_url}/webchat/{bot['id']}"
    return {"code": _CODE[call.query.text("type")].format(page=page, bot=bot["id"])}


_CODE = {
    "preconfigured": '<script src="{page}/inject.js" defer></script>',
    "configurable": (
        '<script src="{page}/inject.js"></script>\n<script>window.botpress.init({{"botId": "{bot}"}})</script>'
    ),
    "fullscreen": '<iframe src="{page}" style="border: 0; width: 100vw; height: 100vh"></iframe>',
    "sharableUrl": "{page}",
}


def _open(world: World, _request: Request, rest: str) -> Response:
    bot_id, _, file = rest.partition("/")
    row = world.store.one("SELECT name FROM botpress_bots WHERE id = ?", bot_id)
    if row is None or file not in ("", "inject.js"):
        return Response(404, {"Content-Type": "text/plain"}, b"there is no such webchat")
    if file:
        script = "window.botpress = { init() { console.info('The sandbox has no webchat.') } }\n"
        return Response(200, {"Content-Type": "text/javascript; charset=utf-8"}, script.encode())
    name = html.escape(row["name"])
    return Response.html(f"<!doctype html><title>{name}</title><p>The sandbox has no webchat of {name}.</p>")


RESOURCE = Resource(handlers={"getBotWebchat": _get}, folders={"webchat": _open})
