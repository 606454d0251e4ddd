"""All namespaces, and what they bring together."""

from __future__ import annotations

from trilogue_sandbox.pantheon import (
    apps,
    channels,
    contacts,
    conversations,
    files,
    logins,
    messages,
    otps,
    payments,
    simulated_contacts,
    tokens,
    webhooks,
)
from trilogue_sandbox.pantheon.resources import Action, Handler, Resource

RESOURCES: tuple[Resource, ...] = (
    tokens.RESOURCE,
    apps.RESOURCE,
    channels.RESOURCE,
    contacts.RESOURCE,
    conversations.RESOURCE,
    messages.RESOURCE,
    simulated_contacts.RESOURCE,
    files.RESOURCE,
    payments.RESOURCE,
    logins.RESOURCE,
    otps.RESOURCE,
    webhooks.RESOURCE,
)

HANDLERS: dict[str, Handler] = {name: handler for part in RESOURCES for name, handler in part.handlers.items()}
ACTIONS: dict[str, Action] = {name: action for part in RESOURCES for name, action in part.actions.items()}
TIMERS: dict[str, Action] = {name: action for part in RESOURCES for name, action in part.timers.items()}
