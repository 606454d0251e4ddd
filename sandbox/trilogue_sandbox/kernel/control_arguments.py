"""Arguments of control actions and seed data, with errors that name them."""

from __future__ import annotations

from typing import TypeVar

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError

Word = TypeVar("Word", bound=str)

_LARGEST = 2**63 - 1


def text(arguments: JsonObject, name: str, default: str | None = None) -> str:
    """Return a text argument.

    Raises:
        ControlError: it is missing and there is no default, or it is no text.
    """
    value = arguments.get(name, default)
    if not isinstance(value, str):
        raise ControlError(f"`{name}` is a text" + (" and must be given" if value is None else ""), name)
    return value


def integer(arguments: JsonObject, name: str, default: int | None = None) -> int:
    """Return an argument that is a whole number.

    Raises:
        ControlError: it is missing and there is no default, or it is no whole number, or one beyond 64 bits.
    """
    value = arguments.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST:
        raise ControlError(f"`{name}` is a whole number" + (" and must be given" if value is None else ""), name)
    return value


def choice(arguments: JsonObject, name: str, choices: tuple[Word, ...], default: str | None = None) -> Word:
    """Return an argument that is one of some words.

    Raises:
        ControlError: it is another.
    """
    words = {str(word): word for word in choices}
    value = text(arguments, name, default)
    if value not in words:
        raise ControlError(f"`{name}` is one of: {', '.join(words)}", name)
    return words[value]


def count(value: Json, name: str) -> int:
    """Return how many of something the seed data asks for.

    Raises:
        ControlError: it is no number of things.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ControlError(f"`{name}` is a whole number, not below 0", name)
    return value
