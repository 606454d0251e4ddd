"""The content of files: where it is uploaded and downloaded, which is outside the API and needs no token.

The sandbox serves both itself, in place of the storage to which the platform's links lead. What has been uploaded is
checked a few milliseconds later: then the file is `upload_completed`, or `indexing_pending`, or it has failed because
the content is not as long as was said. The links for reading files that are not public are valid for 15 minutes.
"""

from __future__ import annotations

import base64
import binascii
import html
from datetime import timedelta
from urllib.parse import quote

from trilogue_sandbox.botpress import file_passages, signatures
from trilogue_sandbox.botpress.columns import of
from trilogue_sandbox.botpress.content_tables import FILES
from trilogue_sandbox.botpress.exchange import Resource
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Request, Response, media_type_of
from trilogue_sandbox.kernel.table import BLOB, Row, Table
from trilogue_sandbox.kernel.timestamps import MINUTE
from trilogue_sandbox.kernel.world import World

_CONTENTS = Table("botpress_file_contents", {"file_id": of("files").key(), "content": BLOB})

_CHECKING_TIME = timedelta(milliseconds=5)
_LINK_LIFE = 15 * MINUTE
_SIGNATURE_BYTES = 12
_NONCE_CHARACTERS = 8


def upload_url(base_url: str, row: Row) -> str:
    """Return where the content of a file is to be sent."""
    return f"{base_url}/uploads/{row['id']}/{row['upload_token']}"


def url(world: World, base_url: str, row: Row) -> str:
    """Return where the content of a file is: for ever if it is public, or else for a while."""
    if _is_public(row):
        return f"{base_url}/public-files/{row['id']}/{quote(row['key'])}"
    ticket = f"{row['id']}.{world.now + _LINK_LIFE}.{world.ids.token(_NONCE_CHARACTERS)}"
    signature = signatures.sign(world, "download", ticket.encode(), _SIGNATURE_BYTES)
    return f"{base_url}/private-files/{ticket}.{base64.urlsafe_b64encode(signature).decode()}"


def find(world: World, file_id: str) -> bytes | None:
    """Return the content of a file, or None if it has none."""
    row = world.records.find(_CONTENTS, file_id=file_id)
    return bytes(row["content"]) if row else None


def store(world: World, file_id: str, content: bytes) -> None:
    """Give a file its content, which is then checked."""
    world.records.set(_CONTENTS, {"file_id": file_id, "content": content})
    world.timers.after(_CHECKING_TIME, "file_uploaded", {"file": file_id})


def store_checked(world: World, row: Row, content: bytes) -> Row:
    """Give a file content that is known to be complete, such as that of a copy; return its row."""
    world.records.set(_CONTENTS, {"file_id": row["id"], "content": content})
    return _complete(world, row, len(content))


def erase(world: World, file_id: str) -> None:
    """Erase the content of a file and its passages."""
    world.records.select(_CONTENTS, file_id=file_id).remove()
    file_passages.forget(world, file_id)


def _upload(world: World, request: Request, rest: str) -> Response:
    """Accept the content of a file, as its upload link says."""
    file_id, _, token = rest.partition("/")
    row = world.records.find(FILES, id=file_id, upload_token=token)
    if request.method != "PUT" or row is None:
        return _error("AccessDenied", "the link is not valid; get one with upsertFile and PUT the content to it")
    if "authorization" in request.headers:
        return _error("InvalidArgument", "the link is enough; send no Authorization", 400)
    if media_type_of(request.headers.get("content-type", "")) != media_type_of(row["content_type"]):
        return _error("SignatureDoesNotMatch", f"send the Content-Type {row['content_type']}")
    if row["is_public_at_once"] and request.headers.get("x-amz-tagging") != "public=true":
        return _error("SignatureDoesNotMatch", "send the header x-amz-tagging: public=true")
    store(world, file_id, request.body)
    return Response.empty(200)


def _check(world: World, given: Fields) -> object:
    """Note how the upload of a file went, unless it was deleted or its content erased."""
    file_id = given.string("file")
    row, content = world.records.find(FILES, id=file_id), find(world, file_id)
    if row is None or content is None or row["status"] not in ("upload_pending", "upload_failed"):
        return {}
    if len(content) == row["declared_size"]:
        _complete(world, row, len(content))
    else:
        reason = f"the content has {len(content)} bytes and not {row['declared_size']}, as was said"
        world.records.touch(FILES, row, status="upload_failed", size=None, failed_status_reason=reason)
    return {}


def _complete(world: World, row: Row, size: int) -> Row:
    if row["is_indexed"]:
        file_passages.schedule_indexing(world, row["id"])
    status = "indexing_pending" if row["is_indexed"] else "upload_completed"
    return world.records.touch(FILES, row, status=status, size=size, failed_status_reason=None)


def _download_public(world: World, request: Request, rest: str) -> Response:
    """Serve the content of a public file."""
    row = world.records.find(FILES, id=rest.partition("/")[0])
    return _content(world, request, row) if row and _is_public(row) else _no_such_key()


def _download_private(world: World, request: Request, rest: str) -> Response:
    """Serve the content of a file through a link that is valid for a while."""
    ticket, _, signature = rest.rpartition(".")
    try:
        is_own = signatures.is_signed(world, "download", ticket.encode(), base64.urlsafe_b64decode(signature))
        file_id, expires_at = ticket.split(".")[:2] if is_own else ("", "0")
    except (binascii.Error, ValueError):
        return _error("AccessDenied", "the link is not valid")
    if int(expires_at) < world.now:
        return _error("AccessDenied", "the link has expired or is not valid; read the file again for another one")
    row = world.records.find(FILES, id=file_id)
    return _content(world, request, row) if row else _no_such_key()


def _content(world: World, request: Request, row: Row) -> Response:
    if request.method not in ("GET", "HEAD"):
        return _error("MethodNotAllowed", "use GET", 405)
    is_there = row["size"] is not None or row["is_public_at_once"]
    content = find(world, row["id"])
    if not is_there or content is None:
        return _no_such_key()
    return Response(200, {"Content-Type": row["content_type"]}, content)


def _is_public(row: Row) -> bool:
    return "public_content" in row["access_policies"]


def _no_such_key() -> Response:
    return _error("NoSuchKey", "there is no such file, or its content has not come yet", 404)


def _error(code: str, message: str, status: int = 403) -> Response:
    """Return an error in the form of the storage behind the platform, which is XML."""
    content = f"<Error><Code>{code}</Code><Message>{html.escape(message)}</Message></Error>"
    document = f'<?xml version="1.0" encoding="UTF-8"?>\n{content}'
    return Response(status, {"Content-Type": "application/xml"}, document.encode())


RESOURCE = Resource(
    tables=(_CONTENTS,),
    jobs={"file_uploaded": _check},
    downloads={"uploads": _upload, "public-files": _download_public, "private-files": _download_private},
)
