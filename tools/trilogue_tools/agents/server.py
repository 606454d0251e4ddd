"""The server: three tools, whatever the number of methods."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError as ProtocolError
from mcp.types import ToolAnnotations
from pydantic import Field
from trilogue._version import __version__

from trilogue_tools.agents.calling import MOST_ROWS, call, describe, effect, find, is_for_agents, known, to_arguments
from trilogue_tools.agents.searching import Index
from trilogue_tools.connections import Connection
from trilogue_tools.errors import ToolError, UsageError

DEADLINE = 60.0
"""Seconds after which a call is given up: an agent does not wait for a rate limit that lasts an hour."""

MethodName = Annotated[str, Field(description="PLATFORM.RESOURCE.METHOD, such as rapidpro.contacts.list")]


class Tools:
    """What the tools do, without the protocol."""

    def __init__(self, accounts: Mapping[str, Connection], *, writes: bool, masks: bool) -> None:
        self._accounts, self.writes, self._masks = accounts, writes, masks
        self._platforms = known(tuple(accounts))
        self._stack, self._lock = ExitStack(), threading.Lock()
        self._clients: dict[str, Any] = {}
        self._index: Index | None = None

    def search(self, query: str, limit: int = 10) -> str:
        """Find methods of the messaging platforms by what they do, such as "send a message"."""
        with self._lock:
            if self._index is None:
                self._index = Index(
                    method for one in self._platforms.values() for method in one.all_methods() if is_for_agents(method)
                )
        found = self._index.search(query, limit)
        lines = [f"{one.platform}.{one.path} [{effect(one)}] {one.summary}" for one in found]
        return "\n".join(lines) or "Nothing found; use other words."

    def describe(self, method: MethodName) -> str:
        """Describe a method: what it does, and its arguments. Do this before the first call of it."""
        with _explained():
            return _to_json(describe(find(method, self._platforms)))

    def call(
        self,
        method: MethodName,
        arguments: Annotated[dict[str, Any], Field(description="By name, as `describe` says.")] | None = None,
        limit: Annotated[int, Field(description=f"Rows of a list, at most {MOST_ROWS}.", ge=1, le=MOST_ROWS)] = 20,
    ) -> str:
        """Call a method and return its result as JSON. Personal data is masked, unless the server shows it."""
        with _explained():
            found = find(method, self._platforms)
            if not (found.reads_only or self.writes):
                raise UsageError(f"{method} {effect(found)} something; this server only reads (start it with --write)")
            client = self._client(found.platform)
            return _to_json(call(client, found, to_arguments(found, arguments or {}), limit, masks=self._masks))

    def _client(self, platform: str) -> Any:
        with self._lock:
            if platform not in self._clients:
                opened = self._accounts[platform].open(deadline=DEADLINE)
                self._clients[platform] = self._stack.enter_context(opened)
            return self._clients[platform]

    def close(self) -> None:
        """Close the clients."""
        self._stack.close()


@contextmanager
def _explained() -> Generator[None]:
    """Turn what went wrong into a result that an agent can read."""
    from trilogue import TrilogueError

    try:
        yield
    except (ToolError, TrilogueError, TypeError) as error:
        raise ProtocolError(str(error)) from error


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def make_server(tools: Tools, platforms: Sequence[str]) -> MCPServer[Any]:
    """Return a server with the three tools."""
    server: MCPServer[Any] = MCPServer(
        "trilogue",
        version=__version__,
        instructions=f"Calls {', '.join(platforms)}: search for a method, describe it, call it.",
        log_level="WARNING",
    )
    reading = ToolAnnotations(read_only_hint=True)
    server.tool(annotations=reading, structured_output=False)(tools.search)
    server.tool(annotations=reading, structured_output=False)(tools.describe)
    calling = ToolAnnotations(read_only_hint=not tools.writes, destructive_hint=tools.writes)
    server.tool(annotations=calling, structured_output=False)(tools.call)
    return server
