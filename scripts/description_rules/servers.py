"""The rules about what only some servers of a platform have, and where they are known to fail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .description import Description
from .rule import Faults, Rule
from .walking import Location, parts_of


def _marked(description: Description, key: str) -> Iterator[tuple[str, Any]]:
    """Yield where a vendor key stands, but for the one at the top that explains it, and its value."""
    for part in parts_of(description.document):
        if key in part.node and part.node is not description.document:
            yield f"{part.where}.{key}", part.node[key]


def names_servers_that_there_are(description: Description) -> Faults:
    for where, servers in _marked(description, "x-servers"):
        if not _are_servers(description, servers) or len(servers) == len(description.servers):
            yield where, f"list some of, but not all: {', '.join(description.servers)}"


def _are_servers(description: Description, servers: Any) -> bool:
    listed: list[Any] = [*servers] if isinstance(servers, list) else []
    return bool(listed) and set(listed) <= set(description.servers)


def limits_only_what_is_limited(description: Description) -> Faults:
    for part in parts_of(description.document):
        limits: Any = part.node.get("x-limits", {})
        pairs: list[tuple[str, Any]] = [*limits.items()] if isinstance(limits, Mapping) else [("x-limits", {})]
        for server, keywords in pairs:
            if server not in description.servers or not set(keywords) <= set(part.node):
                yield (
                    f"{part.where}.x-limits.{server}",
                    "name a server, and keywords that the schema has for the others",
                )


def explains_the_faults_of_servers(description: Description) -> Faults:
    used: set[str] = set()
    for where, faults in _marked(description, "x-faults"):
        for name, servers in faults.items():
            used.add(name)
            if name not in description.faults:
                yield f"{where}.{name}", "say in openapi.yaml, under x-faults, at which input the server fails"
            if not _are_servers(description, servers):
                yield f"{where}.{name}", f"list servers: {', '.join(description.servers)}"
    for name, text in description.faults.items():
        if not re.fullmatch(r"for .*[^.\s]", str(text)):
            yield f"x-faults.{name}", "finish the sentence `Fails with 500 ...` with for, without a full stop"
        if name not in used:
            yield f"x-faults.{name}", "nothing fails so: remove it"


def requires_nothing_that_some_servers_lack(description: Description) -> Faults:
    for part in parts_of(description.document):
        for name in _required_fields(part):
            if "x-servers" in part.node.get("properties", {}).get(name, {}):
                yield f"{part.where}.{name}", "take it out of required: not every server has it"


def _required_fields(part: Location) -> list[str]:
    required: Any = part.node.get("required")
    return [*required] if isinstance(required, list) else []


def leaves_it_to_the_generator_to_say_which_server_has_it(description: Description) -> Faults:
    labels = "|".join(map(re.escape, description.servers.values())) or "(?!)"
    for part in parts_of(description.document):
        if re.search(rf"\b[Oo]nly (on )?({labels})\b", str(part.node.get("description", ""))):
            yield part.where, "write x-servers in place of these words; the generator adds them"


SERVER_RULES = (
    Rule(names_servers_that_there_are),
    Rule(limits_only_what_is_limited),
    Rule(explains_the_faults_of_servers),
    Rule(requires_nothing_that_some_servers_lack),
    Rule(leaves_it_to_the_generator_to_say_which_server_has_it),
)
