"""Personal data, masked in what is shown: an allow-list, which the models of the client carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trilogue_generated.runtime.model import Model

from trilogue_tools.method import Method

MASK = "•••"

IMPERSONAL: Mapping[str, tuple[str, ...]] = {
    "rapidpro": (
        *("archives", "boundaries", "campaign_events", "campaigns", "channels", "classifiers", "definitions"),
        *("fields", "flows", "globals", "groups", "labels", "org", "resthooks", "statistics", "templates", "topics"),
        "workspace",
    ),
    "botpress": (
        *("bots", "files.tags", "hub", "hub.integrations", "hub.interfaces", "hub.plugins", "integrations"),
        *("interfaces", "plugins", "tables", "tags", "usages", "workspaces.quotas", "workspaces.usages"),
    ),
    "pantheon": ("apps", "channels"),
}
"""Resources that tell of no contact, user or member; of all others only identifiers, choices, counts and times show."""

CREDENTIALS: Mapping[str, tuple[str, ...]] = {
    "botpress": ("account.tokens", "bots.api_keys", "integrations.api_keys"),
    "pantheon": ("auth", "webhooks"),
}
"""Resources whose results hold a secret that is shown only once: to the person who asked for it, to nobody else."""

_PERSONAL_METHODS = ("logs", "action_runs")


def is_personal(method: Method) -> bool:
    """Whether what a method returns may tell of a person."""
    is_impersonal = method.resource in IMPERSONAL.get(method.platform, ()) and method.name not in _PERSONAL_METHODS
    return not is_impersonal and not holds_credentials(method)


def holds_credentials(method: Method) -> bool:
    """Whether what a method returns may hold a secret."""
    return method.resource in CREDENTIALS.get(method.platform, ()) or "secret" in method.name


def masked(value: Any) -> Any:
    """Return a result as JSON values, with everything masked that its model does not allow to be shown."""
    if isinstance(value, Model):
        document = value.to_dict()
        allowed = {field.wire: field for field in value.FIELDS}
        return {
            key: _masked_field(getattr(value, allowed[key].name), item, is_shown=allowed[key].shown)
            if key in allowed
            else _hidden(item)
            for key, item in document.items()
        }
    if isinstance(value, list):
        return [masked(item) for item in value]
    return _hidden(value)


def _masked_field(value: Any, plain: Any, *, is_shown: bool) -> Any:
    if is_shown:
        return plain
    if isinstance(value, Model) or (isinstance(value, list) and any(isinstance(item, Model) for item in value)):
        return masked(value)
    return _hidden(plain)


def _hidden(value: Any) -> Any:
    return value if value is None or value in ([], {}, "") or isinstance(value, bool) else MASK


def plain(value: Any) -> Any:
    """Return a result as JSON values."""
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
