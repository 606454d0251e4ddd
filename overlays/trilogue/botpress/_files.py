"""Uploads files: one call makes the file, a second sends its content to where the first one says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from mimetypes import guess_type
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypedDict, Unpack
from urllib.parse import urlsplit

import attrs
from trilogue_generated.botpress import models as m
from trilogue_generated.botpress.operations.files import GET, UPSERT
from trilogue_generated.botpress.resources.files import AsyncFiles as GeneratedAsyncFiles
from trilogue_generated.botpress.resources.files import Files as GeneratedFiles
from trilogue_generated.runtime.operation import FileContent, Operation, Upload, nothing
from trilogue_generated.runtime.unset import Unset

from .._arguments import Written
from .._auth import NoAuth
from .._core import BASE_HEADERS, Call, Core
from .._http import FilePart
from .._pacing import NoPacer
from .._responses import decode
from .._sending import Flow, Sleep, send
from .._uploads import file_part
from ..errors import ApiError, InvalidArgument, RequestError, TimedOut
from .errors import UploadFailed

if TYPE_CHECKING:
    from .._client import AsyncClient, SyncClient

NAME = "files.upload"
MAKE, LOOK = attrs.evolve(UPSERT, name=NAME), attrs.evolve(GET, name=NAME)
SEND: Operation[None] = Operation(
    id="uploadContent", name=NAME, method="PUT", path="", decode=nothing, retry="idempotent"
)

PENDING = ("upload_pending", "indexing_pending")
FAILED = ("upload_failed", "indexing_failed")
LOOK_EVERY = 1.0
"""Seconds between two looks at the status of a file that is not ready yet."""


class UploadOptions(TypedDict, total=False):
    """What `upsert` takes beside the key and the size; see there."""

    tags: Mapping[str, str]
    index: bool
    indexing: m.Indexing | Mapping[str, Any]
    access_policies: Sequence[str]
    content_type: str
    expires_at: datetime
    public_content_immediately_accessible: bool
    metadata: Mapping[str, Any]


class Files(GeneratedFiles):
    """The files of a bot."""

    def __init__(self, client: SyncClient) -> None:
        """Call through `client`."""
        super().__init__(client)
        self._sender = client

    def upload(
        self, content: FileContent, *, key: str | None = None, wait: float = 0.0, **options: Unpack[UploadOptions]
    ) -> m.File:
        """Create a file, or create it anew, with its content.

        The content is read while it is sent, to the address that Botpress gives for it and without the token; a stream
        that cannot be rewound is read before. Its type is `content_type`, or else what its key or its name suggests.

        Args:
            content: a path, bytes, a file opened for reading bytes, or an `Upload`.
            key: the key of the file; default: the name of the path or of the `Upload`.
            wait: seconds to wait at most until the content has come, and with `index` until it can be searched; 0 to
                return at once.
            options: see `upsert`.

        Raises:
            UploadFailed: the content was not taken, or could not be indexed; `file` is the file all the same.
            TimedOut: it was not ready within `wait` seconds; the file is there all the same.
        """
        return self._sender.perform(lambda core: _upload(core, content, key, wait, options))


class AsyncFiles(GeneratedAsyncFiles):
    """The files of a bot."""

    def __init__(self, client: AsyncClient) -> None:
        """Call through `client`."""
        super().__init__(client)
        self._sender = client

    async def upload(
        self, content: FileContent, *, key: str | None = None, wait: float = 0.0, **options: Unpack[UploadOptions]
    ) -> m.File:
        """Create a file, or create it anew, with its content; see `Files.upload`."""
        return await self._sender.perform(lambda core: _upload(core, content, key, wait, options))


def _upload(core: Core, content: FileContent, key: str | None, wait: float, options: UploadOptions) -> Flow[m.File]:
    _check(options, wait)
    key = key or _name(content)
    part = _part(content)
    arguments = {"content_type": _media_type(content, key, part), **options, "key": key, "size": part.size}
    made = decode(MAKE, (yield from send(core.call(MAKE, arguments), core)), core.platform.label)
    is_public = options.get("public_content_immediately_accessible", False)
    try:
        yield from _send_content(core, made, part, {"x-amz-tagging": "public=true"} if is_public else {})
    except ApiError as error:
        raise _failed(core, made, f"its content was not taken: {error.status} {error.message}") from error
    return (yield from _settled(core, made.id, wait))


def _check(options: UploadOptions, wait: object) -> None:
    unknown = options.keys() - UploadOptions.__optional_keys__
    if unknown:
        raise TypeError(f"upload() got an unexpected keyword argument {min(unknown)!r}")
    if not isinstance(wait, (int, float)) or not wait >= 0:
        raise InvalidArgument("wait: expected a number of seconds, 0 for not to wait")


def _name(content: FileContent) -> str:
    if isinstance(content, Upload):
        return content.filename
    if isinstance(content, (str, PurePath)):
        return PurePath(content).name
    raise InvalidArgument("key: expected the name that the file is to have; bytes and open files have none")


def _part(content: FileContent) -> FilePart:
    """Return the content as a part whose size is known; only a stream that cannot be rewound is read for that."""
    part = file_part(content, "content")
    return part if part.repeatable else part.settled()


def _media_type(content: FileContent, key: str, part: FilePart) -> str:
    """Return the type that is said, or that the key suggests, or that the name of the content suggests."""
    said = content.content_type if isinstance(content, Upload) else None
    return said or guess_type(key)[0] or part.content_type


def _send_content(core: Core, made: m.UpsertedFile, part: FilePart, headers: Mapping[str, str]) -> Flow[None]:
    """Send the content to the signed address, which is not the API and is shown no token."""
    if not _is_safe(core, made.upload_url):
        raise _failed(core, made, "Botpress gave no https address for its content, so that was not sent")
    whole = {
        **BASE_HEADERS,
        "Host": urlsplit(made.upload_url).netloc,  # httpx adds none to a request whose body is a stream
        "Content-Length": str(part.size),
        "Content-Type": made.content_type,
        **headers,
    }
    deadline = core.options.deadline
    call = Call(
        SEND,
        Written(""),
        made.upload_url,
        whole,
        None,
        core.options.timeout,
        None if isinstance(deadline, Unset) else deadline,
        repeatable=True,
        file=part,
    )
    yield from send(call, attrs.evolve(core, auth=NoAuth(), pacer=NoPacer()))


def _is_safe(core: Core, url: object) -> bool:
    """Whether content may go to an address: by https, or by http where the API itself is reached by http."""
    schemes = ("https", urlsplit(core.base_url).scheme)
    return isinstance(url, str) and urlsplit(url).scheme in schemes


def _settled(core: Core, file_id: str, wait: float) -> Flow[m.File]:
    """Return the file as it is, or once nothing is pending."""
    until = core.clock.now() + wait
    while True:
        file = decode(LOOK, (yield from send(core.call(LOOK, {"id": file_id}), core)), core.platform.label)
        if file.status in FAILED:
            raise _failed(core, file, f"{file.status}: {file.failed_status_reason or 'no reason given'}")
        if wait == 0 or not _is_pending(file):
            return file
        left = until - core.clock.now()
        if left <= 0:
            late = TimedOut(f"{file.id} is still {file.status} after {wait:g} s; it is there all the same")
            raise late.in_context(core.platform.label, NAME, 1)
        yield Sleep(min(LOOK_EVERY, left))


def _is_pending(file: m.File) -> bool:
    """Whether the file will be another without anybody's doing; one to be indexed does not end as completed."""
    return file.status in PENDING or (file.status == "upload_completed" and bool(file.index))


def _failed(core: Core, file: m.File | m.UpsertedFile, reason: str) -> RequestError:
    return UploadFailed(file, reason).in_context(core.platform.label, NAME, 1)
