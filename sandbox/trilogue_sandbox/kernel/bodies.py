"""Request bodies, decoded by their content type."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable
from functools import partial
from urllib.parse import parse_qsl

import attrs
import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header

from trilogue_sandbox.kernel.decoding import Text, decode
from trilogue_sandbox.kernel.document import Node
from trilogue_sandbox.kernel.http import Json, JsonObject, media_type_of

_ANY_TYPE = "application/octet-stream"
_IN_MEMORY = {"MAX_MEMORY_FILE_SIZE": math.inf}

logging.getLogger("python_multipart").addHandler(logging.NullHandler())  # the response says what is malformed


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
    media_type = media_type_of(content_type)
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
    files: dict[str, UploadedFile] = {}
    texts: list[tuple[str, str]] = []

    def add_field(field: Field) -> None:
        name, value = _text(field.field_name), field.value or b""
        if _is_binary(schema, name):
            files[name] = UploadedFile("", field.content_type or _ANY_TYPE, value)
        else:
            texts.append((name, _text(value)))

    def add_file(file: File) -> None:
        file.file_object.seek(0)
        content = file.file_object.read()
        files[_text(file.field_name)] = UploadedFile(_text(file.file_name), file.content_type or _ANY_TYPE, content)

    _parse_multipart(content_type, body, add_field, add_file)
    fields = _read_fields(schema, texts)
    return Body({**fields, **dict.fromkeys(files, "")}, files)


def _parse_multipart(
    content_type: str, body: bytes, add_field: Callable[[Field], None], add_file: Callable[[File], None]
) -> None:
    endings: list[bool] = []
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        raise UnreadableBody("the content type of a multipart body names its boundary")
    try:
        end = partial(endings.append, True)
        FormParser("multipart/form-data", add_field, add_file, end, boundary, config=_IN_MEMORY).write(body)
    except FormParserError as error:
        raise UnreadableBody(f"the multipart body is malformed: {error}") from error
    if not endings:
        raise UnreadableBody("the multipart body ends before its last boundary")


def _is_binary(schema: Node | None, name: str) -> bool:
    properties = schema.child("properties") if schema else None
    described = properties.child(name) if properties else None
    return described is not None and described.text("format") == "binary"


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")
