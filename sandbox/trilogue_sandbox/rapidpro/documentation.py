"""The pages for people: the overview, one page for each endpoint, and the page for what is not there."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.platform import Account
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import negotiation
from trilogue_sandbox.rapidpro.errors import refusal

_UNLISTED = ("/definitions", "/optins", "/org", "/statistics")
_NOT_FOUND = (
    '<!doctype html>\n<html lang="en">\n<head>\n  <title>Not Found</title>\n</head>\n<body>\n  <h1>Not Found</h1>'
    "<p>There is nothing at this address. Endpoints end in .json.</p>\n</body>\n</html>\n"
)


def root(world: World, request: Request, accounts: Sequence[Account]) -> Response:
    """Answer with the overview: a page, or the addresses of the documentation pages by endpoint."""
    is_json = request.path == "/.json"
    if is_json:
        negotiation.require_json(request)
    if request.method != "GET":
        raise refusal(f'Method "{request.method}" not allowed.', 405)
    if is_json or negotiation.prefers_json(request):
        return Response.json({path[1:]: request.base_url + path for path in _paths(world)})
    links = "".join(f'<li><a href="{path[1:]}">{path}</a>' for path in _paths(world))
    tokens = "".join(f"<li>{escape(account.name)}: <code>{account.credentials['token']}</code>" for account in accounts)
    return _page("RapidPro", f"<ul>{tokens}</ul><ul>{links}</ul>")


def page(world: World, request: Request, name: str) -> Response:
    """Answer with the documentation of an endpoint."""
    operations = [op for op in world.description.operations.values() if op.path == f"/{name}.json"]
    methods = "".join(f"<li>{op.method}: {escape(op.node.text('summary'))}" for op in operations)
    return _page(f"/{name}.json", f"<p><code>{escape(request.base_url)}/{name}.json</code></p><ul>{methods}</ul>")


def not_found() -> Response:
    """Answer that there is no such endpoint."""
    return Response.html(_NOT_FOUND, 404)


def options(name: str) -> Response:
    """Answer OPTIONS where it is allowed."""
    title = name.replace("_", " ").title()
    renders = ["application/json"]
    parses = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
    return Response.json({"name": title, "description": "", "renders": renders, "parses": parses})


def _paths(world: World) -> list[str]:
    paths = sorted({operation.path.removesuffix(".json") for operation in world.description.operations.values()})
    return [path for path in paths if path not in _UNLISTED]


def _page(title: str, content: str) -> Response:
    return Response.html(f'<!doctype html>\n<html lang="en"><title>{title}</title><h1>{title}</h1>{content}</html>\n')
