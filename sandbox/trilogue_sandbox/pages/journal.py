"""The pages below `/journal/`: one request and its response each."""

from __future__ import annotations

import re

import msgspec

from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.messages import shown_headers
from trilogue_sandbox.pages.rendering import render

_LONGEST = 100_000


def respond(engine: Engine, request: Request, found: re.Match[str]) -> Response | None:
    """Return the page of the request with a number, None if the journal does not have it (any more)."""
    number = int(found[1])
    entry = next((entry for entry in engine.journal.entries if entry.number == number), None)
    if entry is None:
        return None
    messages = {
        "Request": (shown_headers(entry.request), _body(entry.request)),
        "Response": (shown_headers(entry.response), _body(entry.response)),
    }
    return render(engine, request, "entry.html", entry=entry, query=entry.request.query, messages=messages)


def _body(message: Request | Response) -> str:
    """Return a body as text; JSON is laid out."""
    try:
        text = msgspec.json.format(message.body).decode() if message.body.strip() else ""
    except ValueError:
        text = message.body.decode("utf-8", "replace")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n... ({len(text)} characters)"
