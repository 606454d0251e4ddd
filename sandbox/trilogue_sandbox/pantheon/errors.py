"""How Pantheon says no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NoReturn

from trilogue_sandbox.kernel.http import Response

_MESSAGES: Mapping[int, str] = {
    400: "Your request data was invalid.",
    401: "The access token is not valid.",
    404: "There is no such method.",
    429: "Too many calls, try again later.",
    503: "The service is unavailable.",
    504: "The service did not answer in time.",
}
_OUR_FAULT = "An error occurred on our end."


class ApiError(Exception):
    """A call that is refused; whatever its handler has written is undone."""

    def __init__(self, response: Response) -> None:
        super().__init__(str(response.status))
        self.response = response


class Faults:
    """Everything that is wrong with a call, gathered so that all of it can be said at once."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []

    def add(self, field: str, *sentences: str) -> None:
        """Note what is wrong with a field; with no sentence, nothing is."""
        self._found += [(field, sentence) for sentence in sentences]

    def add_if(self, is_wrong: bool, field: str, sentence: str) -> None:
        """Note that something is wrong with a field, if it is."""
        if is_wrong:
            self.add(field, sentence)

    def raise_if_any(self) -> None:
        """Refuse the call if anything was noted.

        Raises:
            ApiError: 400, with every fault.
        """
        if self._found:
            raise invalid(self._found)


def answer(status: int, message: str | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """Make an error answer; without a message, with the usual one of the status."""
    return Response.json({"message": message or _MESSAGES.get(status, _OUR_FAULT)}, status, headers)


def invalid(faults: Iterable[tuple[str, str]]) -> ApiError:
    """Make the refusal of faults, each a field and a sentence about it."""
    document = {"message": _MESSAGES[400], "errors": [{field: sentence} for field, sentence in faults]}
    return ApiError(Response.json(document, 400))


def not_found(what: str) -> ApiError:
    """Make the refusal of an id that names nothing; `what` says what it should have named: `conversation`."""
    return ApiError(answer(404, f"The {what} was not found."))


def refuse(field: str, sentence: str) -> NoReturn:
    """Refuse the call for one fault."""
    raise invalid([(field, sentence)])
