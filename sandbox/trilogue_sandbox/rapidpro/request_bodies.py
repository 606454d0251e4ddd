"""Request bodies, parsed as Django REST Framework does, with the messages of the real server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from trilogue_sandbox.kernel.bodies import UnreadableBody, UploadedFile
from trilogue_sandbox.kernel.bodies import read_body as read_any_body
from trilogue_sandbox.kernel.http import Json, JsonObject, Request, media_type_of
from trilogue_sandbox.rapidpro.errors import ApiError, api_error, invalid_together

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


def parse_body(request: Request) -> tuple[JsonObject, bool]:
    """Return the fields of a body, and whether it is a form. An empty body has no fields.

    Raises:
        ApiError: it is malformed (400) or of a type that is not taken (415).
    """
    if not request.body:
        return {}, False
    media_type = media_type_of(request.headers.get("content-type", ""))
    if media_type == _FORM:
        return _gather(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)), True
    if media_type == _MULTIPART:
        return _parse_multipart(request)[0], True
    if media_type != "application/json":
        raise _unsupported(request)
    return _parse_json(request.body), False


def parse_upload(request: Request) -> tuple[JsonObject, Mapping[str, UploadedFile]]:
    """Return the fields and the files of a body that can only be a form.

    Raises:
        ApiError: it is malformed (400) or of a type that is not taken (415).
    """
    media_type = media_type_of(request.headers.get("content-type", ""))
    if request.body and media_type not in (_FORM, _MULTIPART):
        raise _unsupported(request)
    return _parse_multipart(request) if media_type == _MULTIPART and request.body else (parse_body(request)[0], {})


def _parse_multipart(request: Request) -> tuple[JsonObject, Mapping[str, UploadedFile]]:
    try:
        body = read_any_body(request.headers.get("content-type", ""), None, request.body)
    except UnreadableBody as error:
        raise api_error(f"Multipart form parse error - {error}") from error
    fields = body.value if isinstance(body.value, dict) else {}
    return {name: value for name, value in fields.items() if name not in body.files}, body.files


def _unsupported(request: Request) -> ApiError:
    return api_error(f'Unsupported media type "{request.headers.get("content-type", "")}" in request.', 415)


def _gather(pairs: Iterable[tuple[str, str]]) -> JsonObject:
    gathered: dict[str, list[Json]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in gathered.items()}


def _parse_json(body: bytes) -> JsonObject:
    try:
        document: Json = json.loads(body.decode(), parse_constant=_reject_constant)
        json.dumps(document, ensure_ascii=False).encode()  # fails on lone surrogates, which nothing can keep
    except RecursionError as error:
        raise api_error("JSON parse error - the document is nested too deeply") from error
    except ValueError as error:
        raise api_error(f"JSON parse error - {error}") from error
    if not isinstance(document, dict):
        raise invalid_together("Request body should be a single JSON object")
    return document


def _reject_constant(constant: str) -> Json:
    raise ValueError(f"Out of range float values are not JSON compliant: {constant!r}")
