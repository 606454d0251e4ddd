"""Violations of the description in the words of the API: the path of a field, and a message.

Nothing that a caller wrote is repeated: a token sent under the wrong content type would be the name of a field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.validation import Violation

FieldError: TypeAlias = tuple[str, str]

_PREDICATES: Mapping[str, Callable[[JsonObject], str]] = {
    "required": lambda details: "is required",
    "type": lambda details: f"must be of the type {_listed(details['types'])}",
    "enum": lambda details: f"must be one of: {_listed(details['options'])}",
    "pattern": lambda details: f"must have the form {details['pattern']}",
    "format": lambda details: f"must be a {details['format']}",
    "minLength": lambda details: f"must have at least {details['limit']} characters",
    "maxLength": lambda details: f"must have at most {details['limit']} characters",
    "minItems": lambda details: f"must have at least {details['limit']} entries",
    "maxItems": lambda details: f"must have at most {details['limit']} entries",
    "maxProperties": lambda details: f"must have at most {details['limit']} keys",
    "minimum": lambda details: f"must be at least {details['limit']}",
    "maximum": lambda details: f"must be at most {details['limit']}",
    "uniqueItems": lambda details: "must not have the same entry twice",
    "malformed": lambda details: "cannot be read",
    "additionalProperties": lambda details: f"has unknown fields; it takes: {_listed(details['expected'])}",
}
MAPS = frozenset(("metadata", "credentials", "variables"))
"""The fields whose keys callers choose, and which errors therefore do not repeat."""


def explain(violations: Iterable[Violation]) -> list[FieldError]:
    """Return the error of every violation, each once."""
    return list(dict.fromkeys(error for violation in violations for error in _explain(violation)))


def _explain(violation: Violation) -> Iterator[FieldError]:
    location, _, path = violation.location.partition("/")
    if location == "header":
        yield _of_header(path, violation)
    elif location == "query" and violation.keyword == "unknown":
        yield "query", "The query has unknown parameters"
    elif location == "query":
        yield path, f"The {path} parameter {_predicate(violation)}"
    else:
        yield from _of_value(path, violation)


def _of_header(name: str, violation: Violation) -> FieldError:
    if name == "content-type":
        return "Content-Type", f"The Content-Type header {violation.message}"
    return name, f"The {name} header {_predicate(violation)}"


def _of_value(path: str, violation: Violation) -> Iterator[FieldError]:
    if violation.keyword == "required" and "property" in violation.details:
        path = f"{path}/{violation.details['property']}".removeprefix("/")
    elif branch := _meant(violation):
        yield from explain(branch)
        return
    yield _of_field(path.split("/"), violation)


def _of_field(steps: Sequence[str], violation: Violation) -> FieldError:
    """Return the error of a field; of what is in a map, that of the map."""
    depth = next((depth for depth, step in enumerate(steps, 1) if step in MAPS), len(steps))
    field = ".".join(steps[:depth])
    subject = f"The {field} field" if field else "The body"
    if violation.keyword == "propertyNames":
        return field, f"{subject} has a key that {_predicate(violation.branches[0][0])}"
    if depth < len(steps):
        return field, f"{subject} has a value that {_predicate(violation)}"
    return field or "body", f"{subject} {_predicate(violation)}"


def _meant(violation: Violation) -> tuple[Violation, ...]:
    """Return the violations of the one of several schemas that the value was meant for.

    If it was meant for none of them, return what it would need to be meant for one.
    """
    chosen = [branch for branch in violation.branches if not any(_is_choice(violation, item) for item in branch)]
    if chosen:
        return chosen[0] if len(chosen) == 1 else ()
    choices = [item for branch in violation.branches for item in branch if _is_choice(violation, item)]
    return (_merged(choices),) if choices else ()


def _is_choice(union: Violation, item: Violation) -> bool:
    """Whether the value was meant for another schema: by its JSON type, or by its field `type`."""
    if item.location == union.location:
        return item.keyword == "type" or (item.keyword == "required" and item.details["property"] == "type")
    return item.location == f"{union.location}/type"


def _merged(choices: Sequence[Violation]) -> Violation:
    """Merge violations of the same keyword into one, with all that they would accept."""
    first = choices[0]
    details = dict(first.details)
    for name in ("types", "options"):
        if name in details:
            accepted = [str(value) for choice in choices for value in _list_of(choice.details.get(name))]
            details[name] = [*dict.fromkeys(accepted)]
    return Violation(first.location, first.keyword, first.message, details)


def _list_of(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _predicate(violation: Violation) -> str:
    """Return what is wrong, without a part of the request: that of a library would quote it."""
    found = _PREDICATES.get(violation.keyword)
    return found(violation.details) if found else "is not valid"


def _listed(values: Json) -> str:
    return ", ".join(map(str, _list_of(values)))
