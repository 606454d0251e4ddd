"""Violations of the description in the words of the API: the path of a field, and a message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.validation import Violation

FieldError: TypeAlias = tuple[str, str]

_MESSAGES: Mapping[str, Callable[[JsonObject], str]] = {
    "type": lambda details: f"Must be of the type {_listed(details['types'])}",
    "enum": lambda details: f"Must be one of: {_listed(details['options'])}",
    "pattern": lambda details: f"Must have the form {details['pattern']}",
    "format": lambda details: f"Must be a {details['format']}",
    "minLength": lambda details: f"Must have at least {details['limit']} characters",
    "maxLength": lambda details: f"Must have at most {details['limit']} characters",
    "minItems": lambda details: f"Must have at least {details['limit']} entries",
    "maxItems": lambda details: f"Must have at most {details['limit']} entries",
    "maxProperties": lambda details: f"Must have at most {details['limit']} keys",
    "minimum": lambda details: f"Must be at least {details['limit']}",
    "maximum": lambda details: f"Must be at most {details['limit']}",
    "uniqueItems": lambda details: "Must not have the same entry twice",
}
_UNREADABLE = {"malformed": "The body cannot be read", "required": "A body is required"}


def explain(violations: Iterable[Violation]) -> list[FieldError]:
    """Return the error of every violation, each once."""
    return list(dict.fromkeys(error for violation in violations for error in _explain(violation)))


def _explain(violation: Violation) -> Iterator[FieldError]:
    location, _, path = violation.location.partition("/")
    field = path.replace("/", ".")
    if location == "header":
        yield _of_header(field, violation)
    elif violation.keyword == "unknown":
        yield field or "body", "There is no such parameter" if field else "No body is expected"
    elif not field and violation.keyword in _UNREADABLE and not violation.details:
        yield "body", _UNREADABLE[violation.keyword]
    else:
        yield from _of_value(field, violation)


def _of_header(name: str, violation: Violation) -> FieldError:
    if name == "content-type":
        return "Content-Type", violation.message
    return name, _message(violation)


def _of_value(field: str, violation: Violation) -> Iterator[FieldError]:
    details = violation.details
    if violation.keyword == "required":
        name = f"{field}.{details['property']}" if field else str(details["property"])
        yield name, f"The {details['property']} field is required"
    elif violation.keyword == "additionalProperties":
        yield from (
            (f"{field}.{name}" if field else str(name), "There is no such field")
            for name in _list_of(details["unexpected"])
        )
    elif violation.keyword == "propertyNames":
        yield field, f"One of the keys is wrong. {_message(violation.branches[0][0])}"
    elif branch := _meant(violation):
        yield from explain(branch)
    else:
        yield field or "body", _message(violation)


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


def _message(violation: Violation) -> str:
    found = _MESSAGES.get(violation.keyword)
    return found(violation.details) if found else violation.message


def _listed(values: Json) -> str:
    return ", ".join(map(str, _list_of(values)))
