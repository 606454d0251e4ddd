"""Tenants: further sandboxes within one server, below `/tenants/<name>/`, for test runs that must not meet."""

from __future__ import annotations

import re
import threading
from typing import Generic, TypeVar

from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.platform import ControlError

SEGMENT = "tenants"
MOST = 200

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

E = TypeVar("E", bound=Engine)


class Tenants(Generic[E]):
    """The tenants of a sandbox, each with a state, a clock, faults and a journal of its own."""

    def __init__(self, sandbox: E) -> None:
        self._sandbox = sandbox
        self._tenants: dict[str, E] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tenants, in the order in which they were made."""
        return tuple(self._tenants)

    def get(self, name: str) -> E:
        """Return a tenant; one that is not there yet is made, as a copy of the sandbox as it is now, without faults.

        Raises:
            ControlError: this cannot be a name, or there are too many tenants.
        """
        with self._lock:
            if name not in self._tenants:
                self._tenants[name] = self._make(name)
            return self._tenants[name]

    def close(self, name: str | None = None) -> None:
        """Close a tenant, or all of them; who uses the name again gets a new one.

        Raises:
            ControlError: there is no such tenant.
        """
        with self._lock:
            if name is not None and name not in self._tenants:
                raise ControlError(
                    f"there is no tenant {name!r}; there is: {', '.join(self._tenants) or 'none'}", "name"
                )
            for closed in [*self._tenants] if name is None else [name]:
                self._tenants.pop(closed).close()

    def _make(self, name: str) -> E:
        if not _NAME.fullmatch(name):
            raise ControlError(
                "the name of a tenant has up to 64 letters, digits, dots, hyphens and underscores", "name"
            )
        if len(self._tenants) >= MOST:
            raise ControlError(f"there are {MOST} tenants; close some: DELETE /__sandbox__/tenants", "name")
        return self._sandbox.copy()
