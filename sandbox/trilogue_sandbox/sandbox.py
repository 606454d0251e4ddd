"""The sandbox: one function from a request to a response, and the ways to reach it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import attrs

from trilogue_sandbox import cross_origin, index_page
from trilogue_sandbox.control_plane import ControlPlane
from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.http import Request, Response

if TYPE_CHECKING:
    from trilogue_sandbox.contact import Contact
    from trilogue_sandbox.transports import AsyncSandboxTransport, SandboxTransport


class Sandbox(Engine):
    __doc__ = Engine.__doc__

    host_names: frozenset[str] = frozenset()
    """Under which names besides `localhost` and IP addresses its pages and its control plane may be reached."""

    def respond(self, request: Request) -> Response:
        """Respond to a request to a platform, to the control plane, or for the index page."""
        first = request.path.split("/", 2)[1] if "/" in request.path else ""
        if first in self.names and request.path.rstrip("/") != f"/{first}":
            is_preflight = cross_origin.is_preflight(request)
            response = cross_origin.respond_to_preflight(request) if is_preflight else self.exchange(first, request)
            return cross_origin.share(request, response)
        if first == ControlPlane.SEGMENT:
            return ControlPlane(self, self.host_names).respond(request)
        if first and (name := self.find_platform(request.method, request.path)):
            return self.exchange(name, attrs.evolve(request, path=f"/{name}{request.path}"))
        return index_page.respond(self, request)

    def contact(self, address: str, platform: str | None = None, **options: str) -> Contact:
        """Return the person with an address, such as `tel:+250788123123`, on a platform, by default the first one.

        `options` are those of `Contact`.

        Raises:
            ControlError: there is no such platform.
        """
        from trilogue_sandbox.contact import Contact  # for those who use it

        name = platform or self.names[0]
        self.accounts(name)
        return Contact(self, name, address, options)

    def transport(self, sleep: Callable[[float], object] = time.sleep) -> SandboxTransport:
        """Return a transport for `httpx.Client`; latency is slept with `sleep`."""
        from trilogue_sandbox.transports import SandboxTransport  # httpx is loaded by those who use it

        return SandboxTransport(self.respond, sleep)

    def async_transport(self, sleep: Callable[[float], Awaitable[object]] | None = None) -> AsyncSandboxTransport:
        """Return a transport for `httpx.AsyncClient`; latency is slept with `sleep`, `anyio.sleep` by default."""
        from trilogue_sandbox.transports import AsyncSandboxTransport

        return AsyncSandboxTransport(self.respond, sleep)

    def serve(self, port: int = 0) -> AbstractContextManager[str]:
        """Serve from a thread within a `with` block, at a free port unless one is given; the value is the address.

        Raises:
            OSError: the port is not available.
        """
        from trilogue_sandbox.server import serving  # as is httptools

        return serving(self.respond, port=port)
