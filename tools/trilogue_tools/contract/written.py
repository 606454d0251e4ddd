"""Whether what a server returns is what was sent to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

_EMPTY: tuple[Any, ...] = (None, [], {}, "")


def lost_fields(sent: Mapping[str, Any], shown: Any, properties: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields that a server was sent and shows with another value; what it does not show is not compared.

    `properties` describe what it shows: a field may be "null until" something happens.
    """
    if not isinstance(shown, dict):
        return
    for name, value in sent.items():
        is_pending = shown.get(name) is None and "null until" in properties.get(name, {}).get("description", "")
        if name in shown and not is_pending and not is_same(value, shown[name]):
            yield name


def is_same(sent: Any, shown: Any) -> bool:
    """Whether a value is the one that was sent, perhaps as a reference that names it, or with more beside it."""
    if sent == shown or (sent in _EMPTY and shown in _EMPTY):
        return True
    if isinstance(sent, dict):
        return isinstance(shown, dict) and all(is_same(item, shown.get(key)) for key, item in sent.items())
    if isinstance(sent, list):
        return isinstance(shown, list) and all(any(is_same(item, found) for found in shown) for item in sent)
    if isinstance(shown, (dict, list)):
        return any(is_same(sent, item) for item in (shown.values() if isinstance(shown, dict) else shown))
    return bool(_normalized(sent) == _normalized(shown))


def _normalized(value: Any) -> Any:
    """Return a timestamp as a number, and other values as text."""
    try:
        return datetime.fromisoformat(value).timestamp()
    except (TypeError, ValueError):
        return str(value).strip()
