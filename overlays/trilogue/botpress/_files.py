"""Uploads files: one call makes the file, a second sends its content to where the first one says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypedDict, Unpack
from urllib.parse import urlsplit

import attrs
from trilogue_generated.botpress import models as m
from trilogue_generated.botpress.operations.files import GET, UPSERT
from trilogue_generated.botpress.resources.files import AsyncFiles as GeneratedAsyncFiles
from trilogue_generated.botpress.resources.files import Files as GeneratedFiles
from trilogue_generated.runtime.operation import FileContent, Operation, Upload, nothing

from .._arguments import Written
from .._auth import NoAuth
from .._core import BASE_HEADERS, LOOPBACK, Call, Core
from .._http import FilePart
from .._pacing import NoPacer
from .._responses import decode
from .._sending import Flow, Sleep, send
from .._uploads import file_part
from ..errors import InvalidArgument, TimedOut
from .errors import UploadFailed

if TYPE_CHECKING:
    from .._client import AsyncClient, SyncClient

PUT_CONTENT: Operation[None] = Operation(
    id="uploadContent", name="files.upload", method="PUT", path="", decode=nothing, resend="safe"
)
UNSETTLED = ("upload_pending", "indexing_pending")
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

        The content is read while it is sent, to the address that Botpress gives for it and without the token.

        Args:
            content: a path, bytes, a file opened for reading bytes, or an `Upload`.
            key: the key of the file; default: its name.
            wait: seconds to wait at most until the content has come, and with `index` until it can be searched; 0 to
                return at once.
            options: see `upsert`.

        Raises:
            UploadFailed: Botpress did not take the content, or could not index it.
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
    part = file_part(content, "content")
    key = key or _name(content)
    media_type = options.get("content_type", part.content_type)
    arguments = {**options, "key": key, "size": part.size, "content_type": media_type}
    made = decode(UPSERT, (yield from send(core.call(UPSERT, arguments), core)), core.platform.label)
    public = {"x-amz-tagging": "public=true"} if options.get("public_content_immediately_accessible") else {}
    yield from _send_content(core, made.upload_url, part, {"Content-Type": media_type, **public})
    return (yield from _settled(core, made.id, wait))


def _name(content: FileContent) -> str:
    if isinstance(content, Upload):
        return content.filename
    if isinstance(content, (str, PurePath)):
        return PurePath(content).name
    raise InvalidArgument("key: expected the name that the file is to have; bytes and open files have none")


def _send_content(core: Core, url: str, part: FilePart, headers: Mapping[str, str]) -> Flow[None]:
    """Send the content to the signed address; it is not the API, and is shown no token."""
    address = urlsplit(url)
    if address.scheme != "https" and address.hostname not in LOOPBACK:
        raise InvalidArgument("files.upload: Botpress gave an address without https; the content was not sent")
    whole = {**BASE_HEADERS, "Content-Length": str(part.size), **headers}
    call = Call(
        PUT_CONTENT, Written(""), url, whole, None, core.options.timeout, deadline=None, repeatable=True, file=part
    )
    yield from send(call, attrs.evolve(core, auth=NoAuth(), pacer=NoPacer()))


def _settled(core: Core, file_id: str, wait: float) -> Flow[m.File]:
    """Return the file as it is, or once nothing is pending."""
    until = core.clock.now() + wait
    while True:
        file = decode(GET, (yield from send(core.call(GET, {"id": file_id}), core)), core.platform.label)
        if file.status in FAILED:
            raise UploadFailed(file)
        if (file.status not in UNSETTLED and not _awaits_indexing(file)) or wait <= 0:
            return file
        if core.clock.now() + LOOK_EVERY > until:
            raise TimedOut(f"files.upload: {file.id} is still {file.status} after {wait:.0f} s")
        yield Sleep(LOOK_EVERY)


def _awaits_indexing(file: m.File) -> bool:
    return file.status == "upload_completed" and bool(file.index)
