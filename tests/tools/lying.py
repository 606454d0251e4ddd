"""Sandboxes behind a proxy that lies: it changes what they respond, after they have checked it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Request, Response

Respond = Callable[[Request], Response]
Lie = Callable[[Request, Respond], Response]


class LyingSandbox(Sandbox):
    """A sandbox whose responses pass through a lie."""

    def __init__(self, lie: Lie, **settings: Any) -> None:
        super().__init__(**settings)
        self.lie = lie

    def respond(self, request: Request) -> Response:
        """Respond to a request, with the lie."""
        return self.lie(request, super().respond)


def about_bodies(change: Callable[[Any], Any], path: str = "") -> Lie:
    """Return the lie that changes the JSON of successful responses below a path."""

    def lie(request: Request, respond: Respond) -> Response:
        response = respond(request)
        if response.status != 200 or response.content_type != "application/json" or path not in request.path:
            return response
        return attrs.evolve(response, body=json.dumps(change(json.loads(response.body))).encode())

    return lie


def about_rows(change: Callable[[dict[str, Any]], dict[str, Any]], path: str, items: str) -> Lie:
    """Return the lie that changes each row of a list."""

    def change_page(page: Any) -> Any:
        return {**page, items: [change(row) for row in page[items]]} if items in page else page

    return about_bodies(change_page, path)
