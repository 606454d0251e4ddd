"""Who may call, compared: requirements, and the schemes they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .documents import Node
from .findings import Finding, Findings, Level

Alternative = frozenset[tuple[str, str]]
"""One way to be let in: the schemes needed together, and each of their scopes."""


def compare_requirements(old: Node, new: Node, label: str, python: str = "") -> Findings:
    """Yield which ways of being let in came, went or changed; a way is a set of schemes and scopes."""
    before, after = _alternatives(old), _alternatives(new)
    if before == after:
        return
    node = new.child("security") if "security" in new else new
    for lost in before - after:
        if not any(kept <= lost for kept in after):
            words = f"can no longer be called with {_words(lost)}"
            yield Finding(Level.BREAKING, "security-removed", node.pointer, f"{label} {words}", python)
    for gained in after - before:
        words = f"can be called with {_words(gained)} now"
        yield Finding(Level.COMPATIBLE, "security-added", node.pointer, f"{label} {words}", python)


def _alternatives(node: Node) -> set[Alternative]:
    requirements = node.get("security", node.document.get("security"))
    if not requirements:
        return {frozenset()}
    return {_alternative(requirement) for requirement in requirements}


def _alternative(requirement: Mapping[str, Any]) -> Alternative:
    schemes = {(name, "") for name in requirement}
    return frozenset(schemes | {(name, scope) for name, scopes in requirement.items() for scope in scopes})


def _words(alternative: Alternative) -> str:
    named = sorted({f"{name} ({scope})" if scope else name for name, scope in alternative})
    scoped = {name.partition(" (")[0] for name in named if " (" in name}
    return " and ".join(name for name in named if name not in scoped) or "no credentials"


def compare_schemes(old: Node, new: Node) -> Findings:
    """Yield what differs between two `securitySchemes`."""
    names = dict.fromkeys([*(name for name, _ in old.children()), *(name for name, _ in new.children())])
    for name in names:
        before, after = old.child(name), new.child(name)
        if not after:
            yield Finding(Level.COMPATIBLE, "security-scheme-removed", before.pointer, f"the scheme {name} is gone")
        elif not before:
            yield Finding(Level.COMPATIBLE, "security-scheme-added", after.pointer, f"the scheme {name} is new")
        else:
            yield from _scheme(name, before, after)


def _scheme(name: str, old: Node, new: Node) -> Findings:
    for key in ("type", "in", "name", "scheme"):
        if old.get(key) != new.get(key):
            words = f"the scheme {name} has {key} {new.get(key)} now, had {old.get(key)}"
            yield Finding(Level.BREAKING, "security-scheme-changed", new.pointer, words)
    if old.get("openIdConnectUrl") != new.get("openIdConnectUrl"):
        yield Finding(
            Level.RISKY, "security-url-changed", new.pointer, f"the scheme {name} has another openIdConnectUrl"
        )
    flows = old.child("flows"), new.child("flows")
    for flow in dict.fromkeys([*(key for key, _ in flows[0].children()), *(key for key, _ in flows[1].children())]):
        before, after = flows[0].child(flow), flows[1].child(flow)
        if not after:
            yield Finding(Level.BREAKING, "oauth-flow-removed", before.pointer, f"the scheme {name} has no flow {flow}")
        elif not before:
            yield Finding(
                Level.COMPATIBLE, "oauth-flow-added", after.pointer, f"the scheme {name} has the new flow {flow}"
            )
        else:
            yield from _flow(name, flow, before, after)


def _flow(name: str, flow: str, old: Node, new: Node) -> Findings:
    for key in ("authorizationUrl", "tokenUrl", "refreshUrl"):
        if old.get(key) != new.get(key):
            words = f"the flow {flow} of the scheme {name} has another {key}"
            yield Finding(Level.RISKY, "oauth-url-changed", new.pointer, words)
    before: dict[str, str] = old.get("scopes") or {}
    after: dict[str, str] = new.get("scopes") or {}
    for scope in sorted(before.keys() - after.keys()):
        yield Finding(Level.RISKY, "oauth-scope-removed", new.pointer, f"the scheme {name} has no scope {scope}")
    for scope in sorted(after.keys() - before.keys()):
        yield Finding(
            Level.COMPATIBLE, "oauth-scope-added", new.pointer, f"the scheme {name} has the new scope {scope}"
        )
