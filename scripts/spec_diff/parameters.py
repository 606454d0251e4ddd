"""Parameters compared."""

from __future__ import annotations

from attrs import evolve

from .directions import Direction
from .documents import Node
from .findings import Finding, Findings, Level
from .locations import Location
from .operation import Operation
from .schemas import compare


def compare_parameters(old: Operation, new: Operation, direction: Direction) -> Findings:
    """Yield what differs between the parameters of two operations."""
    before, after = old.parameters, new.parameters
    for key in dict.fromkeys([*before, *after]):
        location = key[0]
        if key not in after:
            words = f"no longer takes the {location} parameter `{before[key].get('name')}`"
            yield new.found(Level.BREAKING, "request-parameter-removed", before[key], words)
        elif key not in before:
            node = after[key]
            level = Level.BREAKING if node.get("required") and location != "path" else Level.COMPATIBLE
            words = (
                f"takes the new {'required ' if node.get('required') else ''}{location} parameter `{node.get('name')}`"
            )
            yield new.found(level, "request-parameter-added", node, words)
        else:
            yield from _parameter(before[key], after[key], new, direction)


def _parameter(old: Node, new: Node, operation: Operation, direction: Direction) -> Findings:
    name, location = new.get("name"), new.get("in")
    label = f"{operation.label}, {location} parameter `{name}`,"
    python = f"{operation.python}({name}=)" if operation.python else ""

    def found(level: Level, rule: str, words: str) -> Finding:
        return Finding(level, f"request-parameter-{rule}", new.pointer, f"{label} {words}", python)

    before, after = bool(old.get("required")), bool(new.get("required"))
    if before != after and location != "path":
        if after:
            yield found(Level.BREAKING, "became-required", "is required now")
        else:
            yield found(Level.COMPATIBLE, "became-optional", "is no longer required")
    if old.get("name") != name and location == "path":
        yield found(Level.COMPATIBLE, "renamed", f"was called `{old.get('name')}`")
    if bool(old.get("deprecated")) != bool(new.get("deprecated")):
        yield found(
            Level.COMPATIBLE, "deprecation-changed", "is deprecated now" if new.get("deprecated") else "is back"
        )
    if _style(old) != _style(new):
        yield found(Level.BREAKING, "style-changed", f"is written as {_style(new)}, was {_style(old)}")
    if bool(old.get("allowReserved")) and not new.get("allowReserved"):
        yield found(Level.BREAKING, "reserved-refused", "takes reserved characters only encoded")
    if old.get("x-sunset") is not None and str(new.get("x-sunset", "")) < str(old.get("x-sunset")):
        yield found(Level.BREAKING, "sunset-earlier", f"ends at {new.get('x-sunset') or 'no stated date'}")
    where = Location(direction, label.rstrip(","), is_text=True, is_repeatable=location == "query", python=python)
    yield from renamed(compare(schema_of(old), schema_of(new), where), "parameter")


def _style(parameter: Node) -> str:
    style = parameter.get("style") or ("form" if parameter.get("in") in ("query", "cookie") else "simple")
    return f"{style}{', exploded' if parameter.get('explode', style == 'form') else ''}"


def schema_of(parameter: Node) -> Node:
    """Return the schema of a parameter or header, which may be that of its content."""
    if "schema" in parameter:
        return parameter.child("schema")
    return next(
        (content.child("schema") for _, content in parameter.child("content").children()), parameter.child("schema")
    )


def renamed(findings: Findings, what: str) -> Findings:
    """Name the rules for what the schema belongs to: `request-parameter-type-changed`."""
    for finding in findings:
        direction, _, rule = finding.rule.partition("-")
        yield evolve(finding, rule=f"{direction}-{what}-{rule}")
