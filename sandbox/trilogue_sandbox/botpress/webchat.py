"""The code of a webchat. Its bundle is not part of the sandbox: the page that the code leads to only says so."""

from __future__ import annotations

import html

from trilogue_sandbox.botpress import bot_allowlist
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.world import World

_CODE = {
    "preconfigured": '<script src="{page}/inject.js" defer></script>',
    "configurable": (
        '<script src="{page}/inject.js"></script>\n<script>window.botpress.init({{"botId": "{bot}"}})</script>'
    ),
    "fullscreen": '<iframe src="{page}" style="border: 0; width: 100vw; height: 100vh"></iframe>',
    "sharableUrl": "{page}",
}


def _get(exchange: Exchange) -> JsonObject:
    bot_id = bot_allowlist.find(exchange)["id"]
    page = f"{exchange.request.base_url}/webchat/{bot_id}"
    return {"code": _CODE[exchange.query.string("type")].format(page=page, bot=bot_id)}


def _open(world: World, _request: Request, rest: str) -> Response:
    bot_id, _, file = rest.partition("/")
    bot = world.records.find(BOTS, id=bot_id)
    if bot is None or file not in ("", "inject.js"):
        return Response(404, {"Content-Type": "text/plain"}, b"there is no such webchat")
    if file:
        script = "window.botpress = { init() { console.info('The sandbox has no webchat.') } }\n"
        return Response(200, {"Content-Type": "text/javascript; charset=utf-8"}, script.encode())
    name = html.escape(bot["name"])
    return Response.html(f"<!doctype html><title>{name}</title><p>The sandbox has no webchat of {name}.</p>")


RESOURCE = Resource(operations={"getBotWebchat": _get}, downloads={"webchat": _open})
