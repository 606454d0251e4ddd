"""The request a call would send."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import httpx

from trilogue_tools.connections import Connection
from trilogue_tools.errors import ToolError
from trilogue_tools.method import Method

_TOKEN_PATHS = ("/auth/token", "/auth/getAccessToken")


class _Kept(Exception):
    """The request is known; nothing more has to happen."""


class _Recorder(httpx.BaseTransport):
    """Keeps the first request instead of sending it; a token that it needs first is made up."""

    request: httpx.Request | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.rstrip("/").endswith(_TOKEN_PATHS):
            return httpx.Response(200, json={"access_token": "dry-run", "token_type": "bearer", "expires_in": 3600})
        request.read()
        self.request = request
        raise _Kept


def request_of(method: Method, account: Connection, arguments: Mapping[str, Any]) -> httpx.Request:
    """Return the first request that a call would send.

    Raises:
        TrilogueError: an argument is wrong.
        ToolError: nothing would be sent.
    """
    recorder = _Recorder()
    with account.open(transport=recorder) as client, contextlib.suppress(_Kept):
        method.on(client)(**arguments)
    if recorder.request is None:
        raise ToolError("nothing would be sent")
    return recorder.request
