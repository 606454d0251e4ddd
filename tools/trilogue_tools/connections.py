"""Opens a client: of a server, with settings of a profile or of the environment, or of a sandbox."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Mapping
from typing import Any

from attrs import field, frozen
from trilogue_generated.platforms import PLATFORMS

from trilogue_tools.errors import ToolError
from trilogue_tools.profiles import settings_for

USUAL_ADDRESS = "http://127.0.0.1:8000"
"""Where `trilogue sandbox` listens unless told otherwise."""


@frozen
class Connection:
    """Which account of a platform is used.

    `profile` is the name of a profile; without one the environment decides, or the profile `default`. `sandbox` is the
    address of a sandbox that takes its place, or an empty string for the one that TRILOGUE_SANDBOX names, that runs at
    the usual address, or else one in this process. `settings` go before all else; they are arguments of the client.
    """

    platform: str
    profile: str | None = None
    sandbox: str | None = None
    settings: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)

    @contextlib.contextmanager
    def open(self, **options: Any) -> Generator[Any]:
        """Open the client within a block; `options` are arguments of its constructor.

        Raises:
            ToolError: there are no credentials, or no sandbox responds.
        """
        import trilogue

        factory: Callable[..., Any] = getattr(trilogue, PLATFORMS[self.platform].client)
        with self._settings() as settings, factory(**{**settings, **self.settings, **options}) as client:
            yield client

    @contextlib.contextmanager
    def _settings(self) -> Generator[dict[str, Any]]:
        if self.sandbox is None:
            yield {} if self._is_complete else dict(settings_for(PLATFORMS[self.platform], self.profile))
            return
        address = complete_address(self.sandbox or os.environ.get("TRILOGUE_SANDBOX") or USUAL_ADDRESS)
        running = overview(address)
        if running is not None:
            yield _of_running(running, address, self.platform)
        elif address == USUAL_ADDRESS:
            with _private_sandbox(self.platform) as settings:
                yield settings
        else:
            raise ToolError(f"no sandbox responds at {address}; start one: trilogue sandbox")

    @property
    def _is_complete(self) -> bool:
        return any(name in self.settings for name in ("token", "client_id", "user_key"))


def complete_address(address: str) -> str:
    """Return the address of a sandbox with a scheme: people write 127.0.0.1:8000."""
    return address if "://" in address else f"http://{address}"


def overview(address: str) -> dict[str, Any] | None:
    """Return what the sandbox at an address tells of itself; None if there is none."""
    import httpx

    try:
        found = httpx.get(f"{address.rstrip('/')}/__sandbox__/", timeout=10).json()
    except (httpx.HTTPError, ValueError):
        return None
    return found if isinstance(found, dict) and "platforms" in found else None


def _of_running(found: Mapping[str, Any], address: str, platform: str) -> dict[str, Any]:
    served = found["platforms"].get(platform)
    if served is None:
        raise ToolError(f"the sandbox at {address} does not serve {platform}")
    credentials = _credentials(served["accounts"][0]["credentials"], platform)
    return {**credentials, "host": _host(f"{address.rstrip('/')}{served['url']}", platform)}


@contextlib.contextmanager
def _private_sandbox(platform: str) -> Generator[dict[str, Any]]:
    from trilogue_sandbox import Sandbox

    with Sandbox(start=None) as sandbox:
        credentials = _credentials(sandbox.accounts(platform)[0].credentials, platform)
        yield {**credentials, "host": _host(sandbox.url(platform), platform), "transport": sandbox.transport()}


def _host(url: str, platform: str) -> str:
    return url.removesuffix(PLATFORMS[platform].base_path)


def _credentials(credentials: Mapping[str, Any], platform: str) -> dict[str, Any]:
    """Return those of an account that the client takes; an e-mail address would turn a token into a password."""
    return {name: value for name, value in credentials.items() if name in PLATFORMS[platform].variables}
