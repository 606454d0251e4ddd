"""Two descriptions compared whole, and the findings as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .documents import Node
from .findings import Finding, Findings, Level
from .operations import compare_operations
from .security import compare_schemes


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Finding]:
    """Return what a change of a description means, the worst first, each finding once.

    Raises:
        DocumentError: a reference in one of them leads nowhere.
    """
    found = dict.fromkeys(_all(Node.of(old), Node.of(new)))
    return sorted(found, key=lambda finding: (-finding.level, finding.pointer, finding.rule, finding.message))


def _all(old: Node, new: Node) -> Findings:
    yield from compare_operations(old.child("paths"), new.child("paths"))
    yield from compare_operations(_as_paths(old), _as_paths(new), "webhook")
    yield from compare_schemes(*(node.child("components").child("securitySchemes") for node in (old, new)))
    yield from _servers(old, new)
    yield from _components(old, new)


def _as_paths(document: Node) -> Node:
    """Return the webhooks as paths, where they are: at the top, in 3.0 under an extension."""
    return document.child("webhooks") if "webhooks" in document else document.child("x-webhooks")


def _servers(old: Node, new: Node) -> Findings:
    before = {server.get("url"): server for server in old.child("servers").items()}
    after = {server.get("url"): server for server in new.child("servers").items()}
    for url in before.keys() - after.keys():
        yield Finding(Level.RISKY, "server-removed", before[url].pointer, f"the server {url} is gone or has moved")
    for url in after.keys() - before.keys():
        yield Finding(Level.COMPATIBLE, "server-added", after[url].pointer, f"the server {url} is new")


def _components(old: Node, new: Node) -> Findings:
    before, after = (node.child("components").child("schemas") for node in (old, new))
    names = {name for name, _ in after.children()}
    for name, node in before.children():
        if name not in names:
            yield Finding(Level.COMPATIBLE, "schema-removed", node.pointer, f"the schema {name} is gone", name)


def worst(findings: Iterable[Finding]) -> Level:
    """Return the worst level of some findings; compatible for none."""
    return max((finding.level for finding in findings), default=Level.COMPATIBLE)


def as_json(findings: Iterable[Finding]) -> str:
    """Return the findings as a list of objects."""
    return json.dumps([finding.as_dict() for finding in findings], indent=2, ensure_ascii=False, default=str)


def as_text(findings: Iterable[Finding]) -> str:
    """Return the findings for a person: a line each, grouped by level."""
    lines: list[str] = []
    listed = list(findings)
    for level in sorted(Level, reverse=True):
        members = [finding for finding in listed if finding.level is level]
        if members:
            lines += ["", f"{str(level).upper()} ({len(members)})"]
            lines += [f"  {finding.message}\n      {finding.rule}  {finding.pointer or '/'}" for finding in members]
    return "\n".join(lines).strip() or "No difference that a caller could notice."
