"""The page at `/chat`: the people on the other side, side by side. Its script reads and sends what they write."""

from __future__ import annotations

import re
from typing import Any

import attrs
import msgspec

from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.pages.rendering import labels, render


@attrs.frozen
class _Person:
    """A person of the page; `key` is how its address names them."""

    key: str
    platform: str
    contact: str
    without: list[str]


def respond(engine: Engine, request: Request, found: re.Match[str]) -> Response:
    """Return the page for the people that the query names, each as `person=<platform>/<address>`."""
    given = [value for key, value in request.query if key == "person"]
    platform, contact = (dict(request.query).get(key, "").strip() for key in ("platform", "contact"))
    if contact:
        given.append(f"{platform}/{contact}")
    known = {name: chats for name in engine.names if (chats := _known(engine, name))}
    keys = [key for key in dict.fromkeys(given) if key.partition("/")[0] in known]
    people = [_Person(key, *_parts(key), [other for other in keys if other != key]) for key in keys]
    named = {name: label for name, label in labels(engine).items() if name in known}
    return render(engine, request, "chat.html", people=people, keys=keys, labels=named, known=known)


def _parts(key: str) -> tuple[str, str]:
    platform, _, contact = key.partition("/")
    return platform, contact


def _known(engine: Engine, name: str) -> dict[str, Any] | None:
    """Return the chats of a platform, None if people do not chat on it."""
    try:
        found: dict[str, Any] = msgspec.to_builtins(engine.control(name, "list_chats"))
    except ControlError:
        return None
    return found
