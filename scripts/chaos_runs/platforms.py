"""How each platform makes one item, and how one looks for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen
from trilogue import Botpress, Pantheon, RapidPro


@frozen
class Target:
    """A platform: `connect` returns a client, `make` an item by its key, `find` counts the items by key."""

    name: str
    connect: Callable[..., Any]
    settings: tuple[str, ...]
    make: Callable[[Any, str], Any]
    find: Callable[[Any], Counter[str]]


def _count_contacts(client: Any) -> Counter[str]:
    return Counter(contact.name for contact in client.contacts.list() if (contact.name or "").startswith("item-"))


def _count_users(client: Any) -> Counter[str]:
    return Counter(user.name for user in client.users.list() if (user.name or "").startswith("item-"))


TARGETS = {
    target.name: target
    for target in (
        Target("rapidpro", RapidPro, ("token",), lambda client, key: client.contacts.create(name=key), _count_contacts),
        Target(
            "botpress",
            Botpress,
            ("token", "bot_id", "workspace_id"),
            lambda client, key: client.users.create(name=key, tags={}),
            _count_users,
        ),
        Target(
            "pantheon",
            Pantheon,
            ("client_id", "client_secret"),
            lambda client, key: client.contacts.create(name=key),
            _count_contacts,
        ),
    )
}


def settings_of(target: Target, credentials: Mapping[str, str]) -> dict[str, str]:
    """Return the credentials that a client of this platform takes."""
    return {name: credentials[name] for name in target.settings if name in credentials}
