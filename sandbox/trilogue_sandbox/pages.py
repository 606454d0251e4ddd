"""The pages for people: what is here, how to reach it, what an endpoint takes and gives.

There is no script in them and nothing from outside.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Sequence
from functools import cache
from urllib.parse import quote, unquote

import attrs

from trilogue_sandbox.kernel.description import Description, Operation
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.platform import Account
from trilogue_sandbox.markup import Markup, element, join, table
from trilogue_sandbox.prose import prose
from trilogue_sandbox.reference import badge, operation_section

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_CONTROL = (
    ("GET", "journal", "the latest requests; ?bodies=true shows all of them"),
    ("GET", "drift", "where an answer did not fit its description"),
    ("POST", "reset", "begin anew"),
    ("POST", "seed", '{"platform": "...", "data": {...}}'),
    ("POST", "clock", '{"advance": 3600} or {"set": "2026-01-01T12:00:00Z"}'),
    ("POST", "faults", '{"kind": "rate_limit", "times": 1, "retry_after": 2}'),
    ("DELETE", "faults", "no more faults"),
    ("POST", "snapshot", '{"name": "before"}'),
    ("POST", "restore", '{"name": "before"}'),
    ("POST", "<platform>/<action>", "what a person, a channel or the passing of time would do"),
)


@attrs.frozen
class Shown:
    """What the pages tell of a platform."""

    name: str
    url: str
    description: Description
    accounts: tuple[Account, ...]

    @property
    def title(self) -> str:
        """The title of its description."""
        return _title(self.description) or self.name


def respond(request: Request, platforms: Sequence[Shown]) -> Response:
    """Answer with a page: `/`, `/<platform>` or `/docs/<platform>/<path of an endpoint>`; else with a 404."""
    if request.path == "/":
        return _page("Sandbox", _index(platforms))
    for platform in platforms:
        if request.path.rstrip("/") == f"/{platform.name}":
            return _page(platform.title, _overview(platform))
        if request.path.startswith(root := f"/docs/{platform.name}/"):
            path = "/" + unquote(request.path.removeprefix(root))
            if any(operation.path == path for operation in platform.description.operations.values()):
                return endpoint(platform.description, path, platform.url)
    return _page("Not here", join(element("h1", "There is no such page"), _links(platforms)), 404)


def endpoint(description: Description, path: str, base_url: str) -> Response:
    """Answer with the documentation of a path of the description: its methods, inputs, answers and errors."""
    operations = [operation for operation in description.operations.values() if operation.path == path]
    sections = [operation_section(operation, base_url) for operation in operations]
    title, home = _title(description), "/" + base_url.split("/")[3]
    return _page(path, join(element("h1", path), _contents(operations), *sections), trail=((title, home),))


def _index(platforms: Sequence[Shown]) -> Markup:
    return join(
        element("h1", "Trilogue sandbox"),
        element(
            "p",
            "Servers to try things on. Everything here is made up, stays on this machine and is checked against the "
            "description of each platform.",
            class_="lead",
        ),
        *(_card(platform) for platform in platforms),
        element("h2", "Control plane"),
        element("p", "JSON in, JSON out, below ", element("code", "/__sandbox__/"), "."),
        table(("Request", "What it does or takes"), [_control_row(*row) for row in _CONTROL]),
    )


def _control_row(method: str, path: str, text: str) -> tuple[str, str]:
    return join(badge(method), " ", element("code", path)), element("code", text) if text.startswith("{") else text


def _card(platform: Shown) -> Markup:
    return element(
        "section",
        element("h2", element("a", platform.title, href=f"/{platform.name}")),
        _access(platform),
        class_="card",
    )


def _access(platform: Shown) -> Markup:
    rows = [(account.name, _credentials(account), account.note) for account in platform.accounts]
    address = element("p", element("code", platform.url), class_="address")
    return join(address, table(("Account", "Credentials", ""), rows))


def _credentials(account: Account) -> Markup:
    return join(*(element("div", element("code", f"{key}={value}")) for key, value in account.credentials.items()))


def _overview(platform: Shown) -> Markup:
    info = platform.description.root.child("info")
    operations = list(platform.description.operations.values())
    tags = dict.fromkeys(operation.tag for operation in operations)
    return join(
        element("h1", platform.title),
        _access(platform),
        prose(info.text("description") if info else ""),
        *(_tag(platform, tag, [operation for operation in operations if operation.tag == tag]) for tag in tags),
    )


def _tag(platform: Shown, tag: str, operations: list[Operation]) -> Markup:
    tags = platform.description.root.child("tags")
    described = [node.text("description") for _, node in (tags.children() if tags else ()) if node.text("name") == tag]
    rows = [
        (join(badge(operation.method), " ", _link(platform.name, operation)), operation.summary)
        for operation in operations
    ]
    return join(element("h2", tag, id=tag), prose(" ".join(described)), table(("Request", "What it does"), rows))


def _link(platform: str, operation: Operation) -> Markup:
    address = f"/docs/{platform}{quote(operation.path)}#{operation.id}"
    return element("a", element("code", operation.path), href=address)


def _contents(operations: list[Operation]) -> Markup:
    items = (
        element("li", badge(operation.method), " ", element("a", operation.summary, href=f"#{operation.id}"))
        for operation in operations
    )
    return element("ul", *items, class_="contents")


def _links(platforms: Sequence[Shown]) -> Markup:
    pages = [("/", "Sandbox"), *((f"/{platform.name}", platform.title) for platform in platforms)]
    return element("ul", *(element("li", element("a", title, href=address)) for address, title in pages))


def _title(description: Description) -> str:
    info = description.root.child("info")
    return info.text("title") if info else ""


def _page(title: str, content: Markup, status: int = 200, trail: Sequence[tuple[str, str]] = ()) -> Response:
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title} · Trilogue sandbox"),
        element("style", _style()),
    )
    steps = (element("a", text, href=address) for text, address in (("Trilogue sandbox", "/"), *trail))
    body = element("body", element("nav", *steps), element("main", content))
    return Response.html(join(Markup("<!DOCTYPE html>"), element("html", head, body, lang="en")), status, _HEADERS)


@cache
def _style() -> Markup:
    return Markup(importlib.resources.files("trilogue_sandbox").joinpath("style.css").read_text(encoding="utf-8"))
