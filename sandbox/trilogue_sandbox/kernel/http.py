"""Requests and responses: plain values that know no socket, no framework and no platform."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

import attrs
import msgspec

from trilogue_sandbox.kernel.streams import Stream

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A value as it stands in a JSON document."""

JsonObject: TypeAlias = "dict[str, Json]"

Pairs: TypeAlias = tuple[tuple[str, str], ...]

Failure: TypeAlias = Literal["reset", "truncate", "drop", "hang"]
"""How a connection can fail while it carries a response."""


class Headers(Mapping[str, str]):
    """Header fields, found whatever the case of their name; `pairs` has them in the order of the wire.

    A field that was sent more than once reads as one value, joined with a comma and a space.
    """

    __slots__ = ("_joined", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs: Pairs = tuple(pairs)
        self._joined: dict[str, str] | None = None

    @property
    def _values(self) -> dict[str, str]:
        """The fields by name, made when the first is looked for: of most responses on their way none is."""
        if self._joined is None:
            self._joined = {}
            for name, value in self.pairs:
                key = name.lower()
                self._joined[key] = f"{self._joined[key]}, {value}" if key in self._joined else value
        return self._joined

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({', '.join(self)})"

    def set(self, name: str, value: str) -> Headers:
        """Return these fields with one of them replaced or added."""
        kept = [pair for pair in self.pairs if pair[0].lower() != name.lower()]
        return Headers([*kept, (name, value)])

    def add(self, *pairs: tuple[str, str]) -> Headers:
        """Return these fields and more of them."""
        return Headers((*self.pairs, *pairs))


def _as_upper(given: str) -> str:
    return given.upper()


def _as_pairs(given: Iterable[tuple[str, str]]) -> Pairs:
    return tuple(given)


def _as_headers(given: Headers | Mapping[str, str]) -> Headers:
    return given if isinstance(given, Headers) else Headers(given.items())


@attrs.frozen
class Request:
    """One request, read to its end.

    `base_url` and `path` together are the URL the client called, without the query. When a request reaches a platform,
    `base_url` ends with the platform's prefix (`http://127.0.0.1:8000/rapidpro/api/v2`) and `path` is what follows
    (`/contacts.json`), still percent-encoded, so that an encoded slash stays inside its segment. `query` is decoded and
    keeps order and repetition. `method` is in upper case. Nothing a person wrote is in the repr.
    """

    method: str = attrs.field(converter=_as_upper)
    path: str
    query: Pairs = attrs.field(default=(), converter=_as_pairs, repr=False)
    headers: Headers = attrs.field(factory=Headers, converter=_as_headers, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)
    base_url: str = "http://127.0.0.1"

    def below(self, prefix: str) -> Request:
        """Return the same request with `prefix` moved from the path to the base URL."""
        path, base_url = self.path[len(prefix) :], self.base_url + prefix
        return Request(self.method, path, self.query, self.headers, self.body, base_url)

    def json(self) -> Json:
        """Return the body read as JSON.

        Raises:
            ValueError: the body is not JSON.
        """
        document: Json = msgspec.json.decode(self.body)
        return document


@attrs.frozen
class Delivery:
    """How a response is delivered: after `delay` seconds, and complete unless there is a `failure`.

    The body takes `duration` seconds, in small pieces.
    """

    delay: float = 0.0
    failure: Failure | None = None
    duration: float = 0.0


@attrs.frozen
class Response:
    """One response. The entry points add `Content-Length`; everything else is as given here.

    With a `stream`, its pieces are the body.
    """

    status: int
    headers: Headers = attrs.field(factory=Headers, converter=_as_headers, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)
    delivery: Delivery = Delivery()
    stream: Stream | None = attrs.field(default=None, repr=False, eq=False, kw_only=True)
    _source: tuple[bytes, object] = attrs.field(default=(b"", None), repr=False, eq=False)

    @classmethod
    def json(cls, document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """Return a response with a document, encoded compactly, its keys in the order given."""
        body = msgspec.json.encode(document)
        all_headers = {"Content-Type": "application/json", **(headers or {})}
        return cls(status, all_headers, body, Delivery(), (body, document))

    @classmethod
    def html(cls, text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """Return a response with a page, or with a line of text under the content type of one."""
        return cls(status, {"Content-Type": "text/html; charset=utf-8", **(headers or {})}, text.encode())

    @classmethod
    def empty(cls, status: int = 204, headers: Mapping[str, str] | None = None) -> Response:
        """Return a response without a body."""
        return cls(status, headers or {})

    def with_headers(self, headers: Headers) -> Response:
        """Return the same response with other header fields."""
        return Response(self.status, headers, self.body, self.delivery, self._source, stream=self.stream)

    @property
    def document(self) -> object:
        """What the body was encoded from; None where it was not made by `json` or is another body now."""
        encoded, document = self._source
        return document if encoded is self.body else None

    @property
    def is_received(self) -> bool:
        """Whether at least the beginning of it reaches the client."""
        failure = self.delivery.failure
        return failure is None or (failure == "truncate" and bool(self.body))

    @property
    def content_type(self) -> str:
        """The media type in lower case and without parameters; empty where none was given."""
        return media_type_of(self.headers.get("content-type", ""))


def media_type_of(content_type: str) -> str:
    """Return the media type of a content type, in lower case and without parameters."""
    return content_type.partition(";")[0].strip().lower()
