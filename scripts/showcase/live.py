"""The demonstration against a live server; nothing is written."""

from __future__ import annotations

from itertools import islice
from typing import Any

from trilogue import BadRequest, NotFound, Paginator, PermissionDenied, RapidPro, Wait

from showcase.screen import progress, tell, title

MOST = 5_000
"""Rows to read of a list at most, so that a look at a large workspace stays a look."""


def show(url: str, token: str) -> None:
    """Read a workspace: what it is, its contacts and messages, and an error on purpose."""
    title(f"RapidPro at {url}, read-only")
    with RapidPro(token, host=url, on_wait=_say) as client:
        workspace = client.workspace.get()
        tell("Workspace", f"{workspace.name}, {workspace.timezone}, languages {', '.join(workspace.languages)}")
        contacts = _count(client.contacts.list(), "Listed contacts")
        messages = _count(client.messages.list(), "Listed messages")
        groups = [group.name for group in client.groups.list()]
        tell("Groups", f"{len(groups)}")
        _show_error(client)
    title("Summary")
    tell("Read", f"{contacts:,} contacts, {messages:,} messages, {len(groups):,} groups; nothing was written")


def _count(rows: Paginator[Any], what: str) -> int:
    return sum(1 for _ in progress(islice(rows, MOST), what))


def _show_error(client: RapidPro) -> None:
    try:
        client.with_options(extra_query={"uuid": "nonsense"}).campaigns.list().page()
        tell("A wrong UUID", "was accepted by this server")
    except (BadRequest, NotFound, PermissionDenied) as error:
        tell("A typed error", f"{type(error).__name__}: {error}")


def _say(wait: Wait) -> None:
    tell("Waiting", f"{wait.seconds:.0f} s ({wait.reason}), until {wait.until:%H:%M:%S} UTC")
