"""What the house rules ask of one platform and not of the others."""

from __future__ import annotations

from dataclasses import dataclass

SNAKE_CASE = r"[a-z][a-z0-9]*(_[a-z0-9]+)*"


@dataclass(frozen=True)
class Platform:
    """The ways of one platform, as far as a description can miss them."""

    verbs: frozenset[str]
    path: str
    """The pattern of every path."""
    operation_id: str
    """The pattern of every operationId; `{resource}` stands for the one of `x-sdk`, with `_` for a dot."""
    failures: frozenset[str]
    """Statuses other than 2xx that every operation can answer."""
    failures_with_body: frozenset[str]
    """Those that an operation with a request body can answer besides."""
    looks_up: str
    """The pattern of the arguments with which an operation can answer 404, written as `required path id`."""
    makes_what_it_misses: frozenset[str]
    """Operations that have such an argument and never answer 404, since they create what they do not find."""
    answer_headers: frozenset[str]
    """The headers of every answer, whatever its status."""
    refuses_unknown_fields: bool
    some_servers_only: str
    """The pattern of the words by which a description says that not every server of the platform has something."""
    next_fields: tuple[str, ...]
    """Where an answer that is one page of many says how to go on."""


PLATFORMS = {
    "rapidpro": Platform(
        verbs=frozenset({"get", "post", "delete"}),
        path=r"/[a-z_]+\.json",
        operation_id=rf"{{resource}}_{SNAKE_CASE}",
        failures=frozenset({"403", "406", "429", "500"}),
        failures_with_body=frozenset({"400", "415"}),
        looks_up=r"\w+ query (cursor|uuid|urn|key)",
        makes_what_it_misses=frozenset(),
        answer_headers=frozenset(),
        refuses_unknown_fields=False,
        some_servers_only=r"\bOnly (on )?(TextIt|RapidPro 9)\b",
        next_fields=("next",),
    ),
    "botpress": Platform(
        verbs=frozenset({"get", "post", "put", "patch", "delete"}),
        path=r"/v[12](/[a-z0-9-]+|/\{[A-Za-z]+\})+",
        operation_id=r"[a-z]+([A-Z][a-z0-9]*)*",
        failures=frozenset({"400", "401", "403", "413", "429", "500", "504"}),
        failures_with_body=frozenset({"415"}),
        looks_up=r"required path \w+",
        makes_what_it_misses=frozenset({"getOrCreateTable"}),
        answer_headers=frozenset({"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}),
        refuses_unknown_fields=True,
        some_servers_only=r"(?!)",
        next_fields=("meta.nextToken", "nextToken"),
    ),
    "pantheon": Platform(
        verbs=frozenset({"post"}),
        path=r"/[a-z]+/[a-z]+([A-Z][a-z]+)*",
        operation_id=rf"{{resource}}_{SNAKE_CASE}",
        failures=frozenset({"400", "401", "429", "500", "502", "503", "504"}),
        failures_with_body=frozenset(),
        looks_up=r"required body ([a-z]+_)?id",
        makes_what_it_misses=frozenset(),
        answer_headers=frozenset({"X-RateLimit-Total", "X-RateLimit-Remaining"}),
        refuses_unknown_fields=True,
        some_servers_only=r"(?!)",
        next_fields=("next_cursor",),
    ),
}
