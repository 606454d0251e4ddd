# Copied by scripts/generate from generator-config/runtime; do not edit it here.
"""An operation as data: everything the description says that a caller needs, and nothing that acts."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import IO, Any, Generic, Literal, TypeAlias, TypeVar

from attrs import field, frozen

Answer = TypeVar("Answer")
Item = TypeVar("Item")


@frozen(eq=False)
class Upload:
    """A file to send, with the name and the content type that bytes alone do not have."""

    content: bytes | IO[bytes] = field(repr=False)
    filename: str
    content_type: str | None = None


FileContent: TypeAlias = str | PathLike[str] | bytes | IO[bytes] | Upload
"""A file to send: a path, its bytes, a file opened for reading bytes, or an `Upload`."""

Place = Literal["path", "query", "header", "body", "multipart"]
Resend = Literal["safe", "keyed", "never"]


@frozen(repr=False, eq=False)
class Kind:
    """What an argument may be, and how it is written.

    `style` tells how an array or a map travels in a query: `repeat` (a=1&a=2), `comma` (a=1,2), `deep` (a[k]=v) or
    `dotted` (a.k=v).
    """

    type: Literal[
        "string", "integer", "number", "boolean", "datetime", "date", "uuid", "array", "map", "object", "file", "any"
    ]
    choices: tuple[str, ...] = ()
    items: Kind | None = None
    style: Literal["repeat", "comma", "deep", "dotted"] = "repeat"


STRING = Kind("string")
INTEGER = Kind("integer")
NUMBER = Kind("number")
BOOLEAN = Kind("boolean")
DATETIME = Kind("datetime")
DATE = Kind("date")
UUID = Kind("uuid")
OBJECT = Kind("object")
FILE = Kind("file")
ANY = Kind("any")


@frozen(repr=False, eq=False)
class Parameter:
    """One argument of a method: its name in Python, its name and place on the wire, and its kind.

    `nullable` means that None is sent as null; otherwise None in a query or header means not given, and in a body it is
    refused.
    """

    name: str
    wire: str
    place: Place
    kind: Kind = ANY
    required: bool = False
    nullable: bool = False


@frozen(repr=False, eq=False)
class ContextHeader:
    """A header that the client fills in from its own settings (a bot, a workspace), not from an argument."""

    name: str
    required: bool = False


@frozen(kw_only=True, repr=False, eq=False)
class Operation(Generic[Answer]):
    """One method of a resource.

    `decode` makes the result out of the answer (parsed JSON, bytes or text as `answer` says; None for an empty one) and
    may raise KeyError, TypeError or ValueError when it is not what was promised. `content_type` is that of the body
    sent, None where there is none. The groups in `exactly_one`, `at_most_one` and `at_least_one` hold argument names.
    """

    id: str
    name: str
    method: str
    path: str
    decode: Callable[[Any], Answer]
    parameters: tuple[Parameter, ...] = ()
    resend: Resend = "never"
    resend_unless: tuple[str, ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()
    at_most_one: tuple[tuple[str, ...], ...] = ()
    at_least_one: tuple[tuple[str, ...], ...] = ()
    content_type: str | None = None
    answer: Literal["json", "bytes", "text"] = "json"
    context: tuple[ContextHeader, ...] = ()
    key_header: str | None = None
    security: tuple[str, ...] = ()


@frozen(repr=False, eq=False)
class Paging:
    """How a list is walked; the fields are those of `page` under `x-sdk` in openapi/README.md."""

    style: Literal["next-url", "token", "offset"]
    items: str
    next: tuple[str, ...] = ()
    parameter: str = ""
    limit: str = ""
    total: str = ""
    identity: tuple[str, ...] = ()


@frozen(kw_only=True, repr=False, eq=False)
class ListOperation(Operation[Answer], Generic[Answer, Item]):
    """An operation that answers one page of many; `rows` makes its rows."""

    paging: Paging
    rows: Callable[[list[Any]], list[Item]]


def nothing(_: Any) -> None:
    """Decode an answer that says nothing."""
