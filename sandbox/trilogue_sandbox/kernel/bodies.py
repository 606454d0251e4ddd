"""Request bodies, decoded by their content type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import attrs
import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from trilogue_sandbox.kernel.decoding import Text, decode
from trilogue_sandbox.kernel.document import Node
from trilogue_sandbox.kernel.http import Json, JsonObject


class UnreadableBody(Exception):
    """A body that is not what its content type says; the message says why."""


@attrs.frozen
class UploadedFile:
    """One file of a multipart body; the filename is empty where none was given."""

    filename: str = attrs.field(repr=False)
    content_type: str
    data: bytes = attrs.field(repr=False)


@attrs.frozen
class Body:
    """A decoded body.

    In `value`, a file is an empty string. `files` has it by the name of its field; one that is the whole body has the
    empty name.
    """

    value: Json = None
    files: dict[str, UploadedFile] = attrs.field(factory=dict[str, UploadedFile])


def read_body(content_type: str, schema: Node | None, body: bytes) -> Body:
    """Decode a body.

    Raises:
        UnreadableBody: it is not what the content type says.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/json" or media_type.endswith("+json"):
        return Body(_read_json(body))
    if media_type == "application/x-www-form-urlencoded":
        return Body(_read_fields(schema, _form_pairs(body)))
    if media_type == "multipart/form-data":
        return _read_multipart(content_type, schema, body)
    if media_type.startswith("text/"):
        return Body(body.decode("utf-8", "replace"))
    return Body("", {"": UploadedFile("", media_type, body)})


def _read_json(body: bytes) -> Json:
    try:
        document: Json = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableBody(f"the body is not JSON: {error}") from error
    return document


def _form_pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise UnreadableBody("the form is not UTF-8") from error


def _read_fields(schema: Node | None, pairs: Iterable[tuple[str, str]]) -> JsonObject:
    texts: dict[str, list[Text]] = {}
    for name, value in pairs:
        texts.setdefault(name, []).append(value)
    form: Text = {name: values[0] if len(values) == 1 else values for name, values in texts.items()}
    fields = decode(schema, form)
    return fields if isinstance(fields, dict) else {}


def _read_multipart(content_type: str, schema: Node | None, body: bytes) -> Body:
    parts = _split_parts(content_type, body)
    files: dict[str, UploadedFile] = {}
    texts: list[tuple[str, str]] = []
    for part in parts:
        if part.has_filename or _is_binary(schema, part.name):
            files[part.name] = part.as_file()
        else:
            texts.append((part.name, part.data.decode("utf-8", "replace")))
    fields = _read_fields(schema, texts)
    return Body({**fields, **dict.fromkeys(files, "")}, files)


def _is_binary(schema: Node | None, name: str) -> bool:
    properties = schema.child("properties") if schema else None
    described = properties.child(name) if properties else None
    return described is not None and described.text("format") == "binary"


@attrs.define
class _Part:
    headers: dict[str, str] = attrs.field(factory=dict[str, str])
    data: bytes = b""

    @property
    def name(self) -> str:
        return self._disposition.get(b"name", b"").decode("utf-8", "replace")

    @property
    def has_filename(self) -> bool:
        return b"filename" in self._disposition

    def as_file(self) -> UploadedFile:
        filename = self._disposition.get(b"filename", b"").decode("utf-8", "replace")
        return UploadedFile(filename, self.headers.get("content-type", "application/octet-stream"), self.data)

    @property
    def _disposition(self) -> dict[bytes, bytes]:
        return parse_options_header(self.headers.get("content-disposition", ""))[1]


class _Collector:
    """The parts of a multipart body, gathered as the parser meets them."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.is_complete = False
        self._name = b""
        self._value = b""

    def begin(self) -> None:
        self.parts.append(_Part())

    def add_data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].data += data[start:end]

    def add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def end_header(self) -> None:
        self.parts[-1].headers[self._name.decode("latin-1").lower()] = self._value.decode("latin-1")
        self._name = self._value = b""

    def end(self) -> None:
        self.is_complete = True


def _split_parts(content_type: str, body: bytes) -> list[_Part]:
    collector = _Collector()
    try:
        parser = MultipartParser(_boundary(content_type), _callbacks(collector))
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise UnreadableBody(f"the multipart body is malformed: {error}") from error
    if not collector.is_complete:
        raise UnreadableBody("the multipart body ends before its last boundary")
    return collector.parts


def _boundary(content_type: str) -> bytes:
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        raise UnreadableBody("the content type of a multipart body names its boundary")
    return boundary


def _callbacks(collector: _Collector) -> Any:
    # Any: the parser's own type for this is private to its type checking.
    return {
        "on_part_begin": collector.begin,
        "on_part_data": collector.add_data,
        "on_header_field": collector.add_name,
        "on_header_value": collector.add_value,
        "on_header_end": collector.end_header,
        "on_end": collector.end,
    }
