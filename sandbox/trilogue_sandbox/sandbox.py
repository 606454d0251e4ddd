"""The sandbox: one function from a request to a response, and the ways to reach it."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from trilogue_sandbox import cross_origin
from trilogue_sandbox import tenants as tenancy
from trilogue_sandbox.control_plane import ControlPlane
from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.journal import Entry
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.tenants import Tenants

if TYPE_CHECKING:
    from trilogue_sandbox.contact import Contact
    from trilogue_sandbox.transports import AsyncSandboxTransport, SandboxTransport


_TENANT = re.compile(f"/{tenancy.SEGMENT}/([^/]+)")
_PAGES_OF_PLATFORMS = ("", "/", "/openapi.json")


class Sandbox(Engine):
    __doc__ = Engine.__doc__

    _log: Callable[[Entry], object] | None = None

    host_names: frozenset[str] = frozenset()
    """Under which names besides `localhost` and IP addresses its pages and its control plane may be reached."""

    @cached_property
    def tenants(self) -> Tenants[Sandbox]:
        """Further sandboxes, reached through this one: see `Tenants`."""
        return Tenants(self)

    def close(self) -> None:
        """Close the tenants, end the background jobs, close the database and delete the snapshots."""
        self.tenants.close()
        super().close()

    def log_requests(self, log: Callable[[Entry], object]) -> None:
        """Have each request to a platform reported from now on, those of tenants by their whole path."""
        self._log = log
        self.journal.subscribe(log)

    def respond(self, request: Request) -> Response:
        """Respond to a request to a platform, to the control plane, to a tenant, or for a page."""
        first = request.path.split("/", 2)[1] if "/" in request.path else ""
        if first in self.names and request.path[len(first) + 1 :] not in _PAGES_OF_PLATFORMS:
            is_preflight = cross_origin.is_preflight(request)
            response = cross_origin.respond_to_preflight(request) if is_preflight else self.exchange(first, request)
            return cross_origin.share(request, response)
        if first == ControlPlane.SEGMENT:
            return ControlPlane(self, self.tenants, self.host_names).respond(request)
        if first == tenancy.SEGMENT and (found := _TENANT.match(request.path)):
            return self._respond_as_tenant(found, request)
        if first not in self.names and first and (name := self.find_platform(request.method, request.path)):
            return self.exchange(name, attrs.evolve(request, path=f"/{name}{request.path}"))
        return self._show_page(request)

    def _show_page(self, request: Request) -> Response:
        from trilogue_sandbox.pages.routes import respond  # for people; programs need not wait for it

        return respond(self, request, self.host_names)

    def tenant(self, name: str) -> Sandbox:
        """Return the tenant of a name; one that is not there yet begins as a copy of this sandbox as it is now.

        Raises:
            ControlError: this cannot be a name, or there are too many tenants.
        """
        is_new = name not in self.tenants.names
        tenant = self.tenants.get(name)
        if is_new:
            tenant.host_names = self.host_names
            if log := self._log:
                tenant.log_requests(
                    lambda entry: log(attrs.evolve(entry, path=f"/{tenancy.SEGMENT}/{name}{entry.path}"))
                )
        return tenant

    def _respond_as_tenant(self, found: re.Match[str], request: Request) -> Response:
        try:
            tenant = self.tenant(found[1])
        except ControlError as error:
            return Response.json({"error": str(error), "field": error.field}, 400)
        inner = request.below(found[0])
        return tenant.respond(inner if inner.path else attrs.evolve(inner, path="/"))

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
