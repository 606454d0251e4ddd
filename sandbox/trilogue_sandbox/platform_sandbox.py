"""One platform of a sandbox, as a test wants to hold it."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from trilogue_sandbox.contact import Contact
from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.kernel.journal import Entry
from trilogue_sandbox.kernel.platform import Account
from trilogue_sandbox.kernel.world import Callback
from trilogue_sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from trilogue_sandbox.transports import AsyncSandboxTransport, SandboxTransport


class PlatformSandbox:
    """A platform and the sandbox it lives in."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self.sandbox = sandbox
        self.name = name

    def __repr__(self) -> str:
        return f"PlatformSandbox({self.name!r})"

    @property
    def url(self) -> str:
        """The base URL to give a client whose transport is `transport()` or `async_transport()`."""
        return self.sandbox.url(self.name)

    @property
    def accounts(self) -> Sequence[Account]:
        """The ways to sign in that are there from the start."""
        return self.sandbox.accounts(self.name)

    @property
    def credentials(self) -> Mapping[str, str]:
        """What the first of the accounts signs in with, such as its `token`."""
        return self.accounts[0].credentials

    @property
    def journal(self) -> tuple[Entry, ...]:
        """The latest requests to this platform, oldest first."""
        return tuple(entry for entry in self.sandbox.journal.entries if entry.platform == self.name)

    def control(self, action: str, **arguments: Json) -> Any:
        """Do what a person, a channel or the passing of time would do; return what came of it, as plain JSON values.

        Raises:
            ControlError: there is no such action, or an argument is missing or wrong.
        """
        return msgspec.to_builtins(self.sandbox.control(self.name, action, arguments))

    def contact(self, address: str, **options: str) -> Contact:
        """Return the person with an address, such as `tel:+250788123123`; `options` are those of `Contact`."""
        return Contact(self.sandbox, self.name, address, options)

    def on(self, callback: str, function: Callback | None) -> None:
        """Have a function take the part of a program behind the platform, such as a bot; None takes it away.

        It is called within the request that causes it, so it must not send requests to this sandbox.

        Raises:
            ControlError: the platform has no callback of that name.
        """
        self.sandbox.set_callback(self.name, callback, function)

    def seed(self, **data: Json) -> Any:
        """Add data; return what was made, as plain JSON values.

        Raises:
            ControlError: the data does not say what to make.
        """
        return msgspec.to_builtins(self.sandbox.seed_data(self.name, data))

    def now(self) -> datetime:
        """Return the time in the sandbox."""
        return self.sandbox.now()

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward, let what falls due happen, and return the new time.

        Raises:
            ValueError: `by` is negative.
        """
        return self.sandbox.advance(by)

    def settle(self, seconds: float = 30.0) -> bool:
        """Wait until every event has been posted to its webhooks; False if that takes longer."""
        return self.sandbox.settle(seconds)

    def transport(self) -> SandboxTransport:
        """Return a transport for `httpx.Client`."""
        return self.sandbox.transport()

    def async_transport(self) -> AsyncSandboxTransport:
        """Return a transport for `httpx.AsyncClient`."""
        return self.sandbox.async_transport()

    @contextlib.contextmanager
    def serve(self, port: int = 0) -> Generator[str, None, None]:
        """Serve the sandbox from a thread within a `with` block; the value is the base URL of this platform."""
        with self.sandbox.serve(port) as origin:
            yield self.sandbox.url(self.name, origin)
