"""The client a command uses: of a server, of a sandbox, or one that only shows what it would send."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import click
import httpx
from trilogue_generated.platforms import PlatformInfo

from trilogue_tools.cli.profiles import settings_for

PRIVATE = "private"
"""The value of `--sandbox` without an address: a sandbox in this process, gone when the command ends."""


@contextlib.contextmanager
def opened(info: PlatformInfo, options: dict[str, Any], **more: Any) -> Iterator[Any]:
    """Open the client of a platform within a block."""
    import trilogue

    factory: Callable[..., Any] = getattr(trilogue, info.client)
    with _connection(info, options) as settings, factory(**{**settings, **more}) as client:
        yield client


@contextlib.contextmanager
def _connection(info: PlatformInfo, options: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sandbox = options.get("sandbox")
    given = {key: value for key in info.variables if (value := options.get(f"with_{key}"))}
    if sandbox is None:
        yield {**settings_for(info, options.get("profile")), **given}
    elif sandbox == PRIVATE:
        with _private_sandbox(info) as settings:
            yield {**settings, **given}
    else:
        yield {**_running_sandbox(info, sandbox), **given}


@contextlib.contextmanager
def _private_sandbox(info: PlatformInfo) -> Iterator[dict[str, Any]]:
    try:
        from trilogue_sandbox import Sandbox
    except ImportError as error:
        raise click.ClickException(f"the sandbox needs {error.name}: pip install 'trilogue[sandbox]'") from error
    with Sandbox() as sandbox:
        credentials = dict(sandbox.accounts(info.name)[0].credentials)
        yield {**credentials, "host": sandbox.url(info.name), "transport": sandbox.transport()}


def _running_sandbox(info: PlatformInfo, address: str) -> dict[str, Any]:
    address = address.rstrip("/")
    try:
        overview = httpx.get(f"{address}/__sandbox__/", timeout=10).json()
        account = overview["platforms"][info.name]["accounts"][0]
    except (httpx.HTTPError, ValueError, KeyError, IndexError) as error:
        raise click.ClickException(f"no sandbox answers at {address}; start one: trilogue sandbox") from error
    return {**account["credentials"], "host": f"{address}{overview['platforms'][info.name]['url']}"}


def default_sandbox() -> str | None:
    """Return the sandbox that TRILOGUE_SANDBOX names."""
    return os.environ.get("TRILOGUE_SANDBOX")


class DryRun(httpx.BaseTransport):
    """A transport that shows a request instead of sending it; tokens that it would need first are made up."""

    def __init__(self) -> None:
        self.request: httpx.Request | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Keep the request and respond with nothing."""
        if request.url.path.rstrip("/").endswith(("/auth/token", "/auth/getAccessToken")):
            return httpx.Response(200, json={"access_token": "dry-run", "token_type": "bearer", "expires_in": 3600})
        request.read()
        self.request = request
        return httpx.Response(200, json={})
