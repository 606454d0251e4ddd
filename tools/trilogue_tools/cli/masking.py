"""Personal data, masked in what a person sees on a screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MASK = "•••"

PERSONAL = frozenset(
    {
        *("name", "first_name", "last_name", "email", "phone", "address", "urn", "urns", "text", "body", "fields"),
        *("display", "anon_display", "code", "identity", "identities", "picture_url", "params", "results", "extra"),
        *("content", "payload", "properties", "attributes", "tags", "metadata", "value", "values", "note", "notes"),
        *("quick_replies", "attachments", "token", "secret", "client_secret", "subject", "preview"),
    }
)
"""Fields that may say something about a person, in any resource that is about persons."""

PERSON_RESOURCES = (
    *("contacts", "messages", "runs", "broadcasts", "tickets", "users", "conversations", "events", "channel_events"),
    *("flow_starts", "states", "logins", "otps", "payments", "otp", "identities", "participants", "rows", "members"),
)


def is_about_persons(resource: str) -> bool:
    """Whether rows of a resource tell of persons; those of flows, groups or bots do not."""
    return any(part in PERSON_RESOURCES for part in resource.split("."))


def masked(value: Any) -> Any:
    """Return a value with personal fields masked, at every depth."""
    if isinstance(value, Mapping):
        return {
            key: MASK if key in PERSONAL and item not in (None, [], {}) else masked(item) for key, item in value.items()
        }
    if isinstance(value, list):
        return [masked(item) for item in value]
    return value
