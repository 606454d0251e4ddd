"""What a request has against its description, in the words of the API: the path of a field, and a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.validation import Violation

Fault: TypeAlias = tuple[str, str]

_SENTENCES: Mapping[str, Callable[[JsonObject], str]] = {
    "type": lambda said: f"Must be of the type {_listed(said['types'])}",
    "enum": lambda said: f"Must be one of: {_listed(said['options'])}",
    "pattern": lambda said: f"Must have the form {said['pattern']}",
    "format": lambda said: f"Must be a {said['format']}",
    "minLength": lambda said: f"Must have at least {said['limit']} characters",
    "maxLength": lambda said: f"Must have at most {said['limit']} characters",
    "minItems": lambda said: f"Must have at least {said['limit']} entries",
    "maxItems": lambda said: f"Must have at most {said['limit']} entries",
    "maxProperties": lambda said: f"Must have at most {said['limit']} keys",
    "minimum": lambda said: f"Must be at least {said['limit']}",
    "maximum": lambda said: f"Must be at most {said['limit']}",
    "uniqueItems": lambda said: "Must not have the same entry twice",
}
_UNREADABLE = {"malformed": "The body cannot be read", "required": "A body is required"}


def explain(violations: Iterable[Violation]) -> list[Fault]:
    """Return every fault, each once."""
    return list(dict.fromkeys(fault for violation in violations for fault in _explain(violation)))


def _explain(violation: Violation) -> Iterator[Fault]:
    place, _, path = violation.location.partition("/")
    field = path.replace("/", ".")
    if place == "header":
        yield _of_header(field, violation)
    elif violation.keyword == "unknown":
        yield field or "body", "There is no such parameter" if field else "No body is expected"
    elif not field and violation.keyword in _UNREADABLE and not violation.details:
        yield "body", _UNREADABLE[violation.keyword]
    else:
        yield from _of_value(field, violation)


def _of_header(name: str, violation: Violation) -> Fault:
    if name == "content-type":
        return "Content-Type", violation.message
    return name, _sentence(violation)


def _of_value(field: str, violation: Violation) -> Iterator[Fault]:
    said = violation.details
    if violation.keyword == "required":
        name = f"{field}.{said['property']}" if field else str(said["property"])
        yield name, f"The {said['property']} field is required"
    elif violation.keyword == "additionalProperties":
        yield from (
            (f"{field}.{name}" if field else str(name), "There is no such field")
            for name in _list_of(said["unexpected"])
        )
    elif violation.keyword == "propertyNames":
        yield field, f"One of the keys is wrong. {_sentence(violation.branches[0][0])}"
    elif branch := _meant(violation):
        yield from explain(branch)
    else:
        yield field or "body", _sentence(violation)


def _meant(violation: Violation) -> tuple[Violation, ...]:
    """Return the faults of the one of several schemas that the value was meant for.

    If it was meant for none of them, return what it would need to be meant for one.
    """
    chosen = [branch for branch in violation.branches if not any(_is_choice(violation, fault) for fault in branch)]
    if chosen:
        return chosen[0] if len(chosen) == 1 else ()
    choices = [fault for branch in violation.branches for fault in branch if _is_choice(violation, fault)]
    return (_merged(choices),) if choices else ()


def _is_choice(union: Violation, fault: Violation) -> bool:
    """Whether a fault says that the value was meant for another schema: by its JSON type, or by its field `type`."""
    if fault.location == union.location:
        return fault.keyword == "type" or (fault.keyword == "required" and fault.details["property"] == "type")
    return fault.location == f"{union.location}/type"


def _merged(choices: Sequence[Violation]) -> Violation:
    """Make one fault of several of the same kind, with all that they would take."""
    first = choices[0]
    details = dict(first.details)
    for name in ("types", "options"):
        if name in details:
            taken = [str(value) for choice in choices for value in _list_of(choice.details.get(name))]
            details[name] = [*dict.fromkeys(taken)]
    return Violation(first.location, first.keyword, first.message, details)


def _list_of(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _sentence(violation: Violation) -> str:
    found = _SENTENCES.get(violation.keyword)
    return found(violation.details) if found else violation.message


def _listed(values: Json) -> str:
    return ", ".join(map(str, _list_of(values)))
