"""Uploads a file: one call creates it, a second sends its content to the address the first one returns."""

from __future__ import annotations

from collections.abc import Mapping
from mimetypes import guess_type
from pathlib import PurePath
from urllib.parse import urlsplit

from msgspec.structs import replace
from trilogue_generated.botpress import models as m
from trilogue_generated.botpress.operations.files import GET, UPSERT, WAIT
from trilogue_generated.runtime.operation import FileContent, Operation, Upload, nothing
from trilogue_generated.runtime.resource import refuse_others

from .._calls import MethodErrors, prepare
from .._clock import MAX_SECONDS
from .._core import Core
from .._flow import Flow
from .._http.file_parts import FilePart
from .._numbers import is_number
from .._presigned import is_secure, send_presigned
from .._sending import send
from .._serialization.files import file_part
from .._waiting import wait
from ..errors import ApiError, ErrorContext, InvalidArgument, TimedOut, WaitFailed, WaitTimedOut
from ._upload_options import UploadOptions
from .errors import UploadFailed

NAME = "files.upload"
CREATE, LOOK = replace(UPSERT, name=NAME), replace(GET, name=NAME)
WAITER = replace(WAIT, name=NAME)
SEND_CONTENT: Operation[None] = Operation(id="uploadContent", name=NAME, method="PUT", path="", decode=nothing)


ARGUMENTS = ("content", "key", "wait", *UploadOptions.__annotations__)


def upload(core: Core, content: FileContent, key: str | None, seconds: float, options: UploadOptions) -> Flow[m.File]:
    """Upload a file; see `Files.upload`."""
    refuse_others("Files.upload", ARGUMENTS, options)
    with MethodErrors(core, NAME):
        _require_seconds(seconds)
        key = key or _name_of(content)
        part = _sized_part(content)
    media_type = options.get("content_type") or _media_type(content, key, part)
    arguments = {**options, "key": key, "size": part.size, "content_type": media_type}
    created = (yield from send(prepare(core, CREATE, arguments), core)).parse()
    is_public = options.get("public_content_immediately_accessible")
    try:
        yield from _send_content(core, created, part, {"x-amz-tagging": "public=true"} if is_public else {})
    except ApiError as error:
        raise _failed(core, created, f"its content was refused with status {error.status}") from error
    return (yield from _look(core, created, seconds))


def _require_seconds(seconds: object) -> None:
    if not is_number(seconds, 0, MAX_SECONDS):
        raise InvalidArgument("wait: expected a number of seconds, or 0 not to wait")


def _name_of(content: FileContent) -> str:
    if isinstance(content, Upload):
        return content.filename
    if isinstance(content, (str, PurePath)):
        return PurePath(content).name
    raise InvalidArgument("key: missing; bytes and open files have no name to use instead")


def _sized_part(content: FileContent) -> FilePart:
    """Return the content as a part of known size; only a stream that cannot be rewound is read for that."""
    part = file_part(content, "content")
    return part if part.is_rewindable else part.buffered()


def _media_type(content: FileContent, key: str, part: FilePart) -> str:
    """Return the type of an `Upload`, or the type that follows from the key, or from the name of the content."""
    explicit = content.content_type if isinstance(content, Upload) else None
    return explicit or guess_type(key)[0] or part.content_type


def _send_content(core: Core, created: m.UpsertedFile, part: FilePart, headers: Mapping[str, str]) -> Flow[None]:
    """Send the content to the signed address, which is not the API and gets no token."""
    if not is_secure(core, created.upload_url):
        raise _failed(core, created, "Botpress gave no https address for its content, so it was not sent")
    all_headers = {
        "host": urlsplit(created.upload_url).netloc,  # httpx adds none to a request whose body is a stream
        "content-length": str(part.size),
        "content-type": created.content_type,
        **headers,
    }
    yield from send_presigned(core, SEND_CONTENT, created.upload_url, headers=all_headers, body=part)


def _look(core: Core, created: m.UpsertedFile, seconds: float) -> Flow[m.File]:
    """Return the file as it is, or with `seconds` once nothing is pending."""
    try:
        if seconds:
            return (yield from wait(core, WAITER, created.id, {}, seconds, None))
        file = (yield from send(prepare(core, LOOK, {"id": created.id}), core)).parse()
    except WaitFailed as error:
        file = error.last
    except WaitTimedOut as error:
        state = error.state or created.status
        message = f"{created.id} is still {state} after {seconds:g} s; the file exists all the same"
        raise TimedOut(message, **_context(core)) from error
    if file.status in WAITER.failure:
        raise _failed(core, file, f"{file.status}: {file.failed_status_reason or 'no reason given'}")
    return file


def _failed(core: Core, file: m.File | m.UpsertedFile, reason: str) -> UploadFailed:
    return UploadFailed(file, reason, **_context(core))


def _context(core: Core) -> ErrorContext:
    return ErrorContext(platform=core.platform.label, operation=NAME, attempts=1)
