"""Identifiers that both servers drew for the same object."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from trilogue_sandbox.kernel.http import Json, JsonObject

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ENDPOINTS = {"campaign": "campaigns", "contact": "contacts", "group": "groups", "label": "labels", "topic": "topics"}


def is_identifier(text: str) -> bool:
    """Whether a string is a UUID."""
    return _UUID.fullmatch(text) is not None


class Identifiers:
    """Which UUID of the sandbox stands for which of the real server.

    `known` are the UUIDs that both have from the start. Where the response that held a new one is held back, its first
    mention in a request is taken to mean the object of that endpoint, of those that nothing else stands for, that is
    most like the one that the real server shows under it later (`shown`).
    """

    def __init__(self, known: Iterable[str], shown: Mapping[str, JsonObject]) -> None:
        self._known = frozenset(known)
        self._shown = shown
        self._actual: dict[str, str] = {}
        self._unclaimed: defaultdict[str, list[JsonObject]] = defaultdict(list)

    def bind(self, expected: str, actual: str) -> bool:
        """Have a UUID stand for another; False if one of the two stands for a third."""
        if expected in self._known or actual in self._known:
            return False
        if self._actual.setdefault(expected, actual) != actual:
            return False
        self._claim(actual)
        return True

    def note_unseen(self, endpoint: str, body: Json) -> None:
        """Remember the object in a response to which the real server's is held back."""
        if isinstance(body, dict) and "uuid" in body:
            self._unclaimed[endpoint].append(body)

    def translate(self, text: str, endpoint: str) -> str:
        """Return a request to an endpoint, or a part of it, with the UUIDs of the sandbox."""
        return _UUID.sub(lambda found: self._find(found[0], text[: found.start()], endpoint), text)

    def _find(self, uuid: str, before: str, endpoint: str) -> str:
        if uuid in self._known or uuid in self._actual:
            return self._actual.get(uuid, uuid)
        unclaimed = self._unclaimed[_endpoint_of(before) or endpoint]
        if unclaimed and len(set(uuid)) > 4:  # aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa names nothing
            chosen = max(unclaimed, key=lambda made: _likeness(made, self._shown.get(uuid, {})))
            unclaimed.remove(chosen)
            self._actual[uuid] = str(chosen["uuid"])
        return self._actual.get(uuid, uuid)

    def _claim(self, actual: str) -> None:
        for endpoint, unclaimed in self._unclaimed.items():
            self._unclaimed[endpoint] = [made for made in unclaimed if made["uuid"] != actual]


def shown_objects(bodies: Iterable[Json]) -> dict[str, JsonObject]:
    """Return the first object that responses show under each UUID."""
    shown: dict[str, JsonObject] = {}
    for body in bodies:
        rows = body.get("results", [body]) if isinstance(body, dict) else []
        for found in rows if isinstance(rows, list) else []:
            if isinstance(found, dict) and isinstance(found.get("uuid"), str):
                shown.setdefault(str(found["uuid"]), found)
    return shown


def _likeness(made: JsonObject, shown: JsonObject) -> int:
    return sum(value == shown.get(name) and bool(value) for name, value in made.items())


def _endpoint_of(before: str) -> str | None:
    """Return the endpoint of the objects that the field or parameter at the end of a text names."""
    names = re.findall(r"[a-z]+", urlsplit(before).query or before)
    name = names[-1].removesuffix("s") if names else ""
    return f"/api/v2/{_ENDPOINTS[name]}.json" if name in _ENDPOINTS else None
