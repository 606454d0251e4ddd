"""An operation as data: everything the description says that a caller needs, and nothing that acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from typing import IO, Any, Generic, Literal, TypeAlias, TypeVar

from msgspec import Struct

from .json_object import JsonObject

Result = TypeVar("Result")
Item = TypeVar("Item")


class Upload(Struct, frozen=True, eq=False):
    """A file to send, with the name and the content type that bytes alone do not have."""

    content: bytes | IO[bytes]
    filename: str
    content_type: str | None = None

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Show no content."""
        return [("filename", self.filename), ("content_type", self.content_type)]

    def __repr__(self) -> str:
        """Show no content."""
        return f"Upload({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


FileContent: TypeAlias = str | PathLike[str] | bytes | IO[bytes] | Upload
"""A file to send: a path, its bytes, a file opened for reading bytes, or an `Upload`."""

DownloadTarget: TypeAlias = str | PathLike[str] | IO[bytes]
"""Where to write a file: a path, which names it once it is complete, or a file opened for writing bytes."""

Location = Literal["path", "query", "header", "body", "multipart"]
Retry = Literal["idempotent", "idempotency-key", "non-idempotent"]


class Schema(Struct, frozen=True, eq=False):
    """The values an argument may have, and how they are serialized.

    `style` is how an array or a map is serialized in a query: `repeat` (a=1&a=2), `comma` (a=1,2), `deep` (a[k]=v) or
    `dotted` (a.k=v). `options` are the schemas of an `any` that is one of several. Of an `object`, `properties` are
    what it consists of; `is_open` allows others. `variants` are the objects that a union consists of, by the value of
    `tag`, its discriminator as (name in Python, name on the wire). An object with neither takes any keys.
    """

    type: Literal[
        "string", "integer", "number", "boolean", "datetime", "date", "uuid", "array", "map", "object", "file", "any"
    ]
    choices: tuple[str, ...] = ()
    items: Schema | None = None
    style: Literal["repeat", "comma", "deep", "dotted"] = "repeat"
    options: tuple[Schema, ...] = ()
    properties: Callable[[], tuple[Parameter, ...]] | None = None
    is_open: bool = False
    tag: tuple[str, str] = ("", "")
    variants: Callable[[], Mapping[str, Schema]] | None = None


STRING = Schema("string")
INTEGER = Schema("integer")
NUMBER = Schema("number")
BOOLEAN = Schema("boolean")
DATETIME = Schema("datetime")
DATE = Schema("date")
UUID = Schema("uuid")
OBJECT = Schema("object")
FILE = Schema("file")
ANY = Schema("any")


class Parameter(Struct, frozen=True, eq=False):
    """One argument of a method, or property of one: its name in Python, name and location on the wire, and schema.

    `nullable` means that None is sent as null; otherwise None means not given. `bounds` are the least and the most that
    it may be, or of a string its characters, where a server fails at others.
    """

    name: str
    wire: str
    location: Location
    schema: Schema = ANY
    required: bool = False
    nullable: bool = False
    bounds: tuple[int, int] | None = None


class ContextHeader(Struct, frozen=True, eq=False):
    """A header that the client fills in from its own settings (a bot, a workspace), not from an argument."""

    name: str
    required: bool = False


class Effect(Struct, kw_only=True, frozen=True, eq=False):
    """How to find out whether a request was carried out: by its idempotency key, or by what `lookup` lists since then.

    `probe`: fields of the request with the id of an object, of which the first that was sent is replaced by that of
    none. A platform that has seen the key refuses the other body for that, and one that has not finds no such object.

    `by`: arguments of the look-up, each with the path of its value in the request. `created`: the field with the
    time at which a row was created, empty if a row that exists is the effect. `match`: fields of the request, each
    with the fields of a row of which one has the same value. `hints`: the same, but a row that differs in one of
    them may be the effect all the same. `unseen`: fields of the request that no row shows. `where`: fields of a row
    that always have these values. All by their names on the wire.
    """

    lookup: Operation[Any] | None = None
    probe: tuple[str, ...] = ()
    by: tuple[tuple[str, str], ...] = ()
    created: str = ""
    match: tuple[tuple[str, tuple[str, ...]], ...] = ()
    hints: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unseen: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()


class Operation(Struct, Generic[Result], kw_only=True, frozen=True, eq=False):
    """One method of a resource.

    `decode` returns the result of a response body (parsed JSON, bytes or text, see `response_type`; None for an empty
    one) and may raise KeyError, TypeError or ValueError for one that breaks the description. `content_type` is that of
    the request body, None if there is none. `servers` are the kinds of server that have it, if not all do. The groups
    in `exactly_one`, `at_most_one` and `at_least_one` hold argument names. `finds_one`: its result is the one row of a
    list; a call whose list is empty fails with `NotFound`.
    """

    id: str
    name: str
    method: str
    path: str
    decode: Callable[[Any], Result]
    parameters: tuple[Parameter, ...] = ()
    retry: Retry = "non-idempotent"
    retry_unless: tuple[str, ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()
    at_most_one: tuple[tuple[str, ...], ...] = ()
    at_least_one: tuple[tuple[str, ...], ...] = ()
    finds_one: bool = False
    content_type: str | None = None
    response_type: Literal["json", "bytes", "text"] = "json"
    context: tuple[ContextHeader, ...] = ()
    key_header: str | None = None
    security: tuple[str, ...] = ()
    effect: Callable[[], Effect] | None = None
    servers: tuple[str, ...] = ()


class Paging(Struct, frozen=True, eq=False):
    """How a list is paginated; the fields are those of `page` under `x-sdk` in openapi/README.md.

    `required_links`: how many of the names in `next` each page has, even the last one.
    """

    style: Literal["next-url", "token", "offset"]
    items: str
    next: tuple[str, ...] = ()
    required_links: int = 0
    parameter: str = ""
    limit: str = ""
    total: str = ""
    primary_key: tuple[str, ...] = ()


class ListOperation(Operation[Result], Generic[Result, Item], kw_only=True, frozen=True, eq=False):
    """An operation that returns one page of a list.

    `rows` decodes its rows; `row_struct` is the struct of a row, where those that the description promises are decoded
    in one pass.
    """

    paging: Paging
    rows: Callable[[list[Any]], list[Item]]
    row_struct: Callable[[], type[JsonObject]] | None = None


class StreamOperation(Operation[Result], kw_only=True, frozen=True, eq=False):
    """An operation whose response is a stream of server-sent events; `decode` decodes the data of one of them."""


class Waiter(Struct, Generic[Item], kw_only=True, frozen=True, eq=False):
    """A method that looks something up until its state is final.

    `lookup` is the operation that returns it, or a list that has it. `keys` are the fields that identify it, each with
    the argument of the look-up that takes it, empty if there is none. `state` is the field with its state.
    `pending_while`: pairs of a state and a field; the state is not final while the field is true.
    """

    name: str
    lookup: Operation[Any]
    keys: tuple[tuple[str, str], ...]
    state: str
    success: tuple[str, ...]
    failure: tuple[str, ...]
    pending_while: tuple[tuple[str, str], ...] = ()


class Download(Struct, Generic[Item], kw_only=True, frozen=True, eq=False):
    """A method that writes to a file what a field of an object points at.

    `lookup` is the operation that returns the object; without it the caller has the object. `url`, `size` and `digest`
    are its fields with the address, the number of bytes and the digest by `algorithm`; the last two may be empty.
    """

    name: str
    lookup: Operation[Item] | None = None
    url: str
    size: str = ""
    digest: str = ""
    algorithm: str = ""


class Lookup(Struct, Generic[Item], kw_only=True, frozen=True, eq=False):
    """A method that returns the field `value` of the row of a list whose field `by` is what the caller gives."""

    name: str
    operation: ListOperation[Any, Any]
    by: str
    value: str


OnProgress = Callable[[Item], object]
"""Called with the result of each look-up."""

WAIT_DEADLINE = 300.0
"""Seconds that a method waits for a final state, unless the caller says otherwise."""


def nothing(_: Any) -> None:
    """Decode a response without a body."""


def first(rows: list[Any]) -> Any:
    """Return the first row of a list, None of an empty one."""
    return rows[0] if rows else None
