"""The content of files: where it is uploaded and downloaded, which is outside the API and needs no token.

The sandbox serves both itself, in place of the storage to which the platform's links lead. What has been uploaded is
looked at a few milliseconds later: then the file is `upload_completed`, or `indexing_pending`, or it has failed because
the content is not as long as was said. The links for reading files that are not public hold for 15 minutes.
"""

from __future__ import annotations

import base64
import binascii
import html
import sqlite3
from datetime import timedelta
from urllib.parse import quote

from trilogue_sandbox.botpress import arguments, indexing, signed_tokens, timestamps
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.clock import to_microseconds
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_file_contents (
    file_id TEXT PRIMARY KEY REFERENCES botpress_files ON DELETE CASCADE, content BLOB NOT NULL);
"""

_CHECKING_TIME = timedelta(milliseconds=5)
_LINK_LIFE = timedelta(minutes=15)
_SEAL_BYTES = 12
_NONCE_CHARACTERS = 8


def upload_url(base_url: str, row: sqlite3.Row) -> str:
    """Return where the content of a file is to be sent."""
    return f"{base_url}/uploads/{row['id']}/{row['upload_token']}"


def url(world: World, base_url: str, row: sqlite3.Row) -> str:
    """Return where the content of a file is: for ever if it is public, or else for a while."""
    if _is_public(row):
        return f"{base_url}/public-files/{row['id']}/{quote(row['key'])}"
    expires_at = to_microseconds(world.clock.now() + _LINK_LIFE)
    ticket = f"{row['id']}.{expires_at}.{world.ids.token(_NONCE_CHARACTERS)}"
    seal = signed_tokens.sign(world, "download", ticket.encode(), _SEAL_BYTES)
    return f"{base_url}/private-files/{ticket}.{base64.urlsafe_b64encode(seal).decode()}"


def find(world: World, file_id: str) -> bytes | None:
    """Return the content of a file, or None if it has none."""
    row = world.store.one("SELECT content FROM botpress_file_contents WHERE file_id = ?", file_id)
    return bytes(row["content"]) if row else None


def store(world: World, file_id: str, content: bytes) -> None:
    """Give a file its content, which is then looked at."""
    world.store.run("INSERT OR REPLACE INTO botpress_file_contents VALUES (?, ?)", file_id, content)
    world.timers.after(_CHECKING_TIME, "file_uploaded", {"file": file_id})


def erase(world: World, file_id: str) -> None:
    """Take a file its content."""
    world.store.run("DELETE FROM botpress_file_contents WHERE file_id = ?", file_id)
    indexing.forget(world, file_id)


def _upload(world: World, request: Request, rest: str) -> Response:
    """Take the content of a file, as its upload link says."""
    file_id, _, token = rest.partition("/")
    row = world.store.one("SELECT * FROM botpress_files WHERE id = ? AND upload_token = ?", file_id, token)
    if request.method != "PUT" or row is None:
        return _refusal("AccessDenied", "the link is not valid; get one with upsertFile and PUT the content to it")
    if "authorization" in request.headers:
        return _refusal("InvalidArgument", "the link is enough; send no Authorization", 400)
    if _media_type(request) != row["content_type"].partition(";")[0].strip().lower():
        return _refusal("SignatureDoesNotMatch", f"send the Content-Type {row['content_type']}")
    if row["is_public_at_once"] and request.headers.get("x-amz-tagging") != "public=true":
        return _refusal("SignatureDoesNotMatch", "send the header x-amz-tagging: public=true")
    store(world, file_id, request.body)
    return Response.empty(200)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _look_at(world: World, timer: JsonObject) -> object:
    """Say how the upload of a file went, unless it was deleted or its content erased."""
    file_id = arguments.text(timer, "file")
    row = world.store.one(
        "SELECT item.*, LENGTH(stored.content) AS length FROM botpress_files AS item"
        " JOIN botpress_file_contents AS stored ON stored.file_id = item.id WHERE item.id = ?",
        file_id,
    )
    if row is None or row["status"] not in ("upload_pending", "upload_failed"):
        return {}
    if row["length"] != row["declared_size"]:
        reason = f"the content has {row['length']} bytes and not {row['declared_size']}, as was said"
        _settle(world, file_id, "upload_failed", None, reason)
        return {}
    _settle(world, file_id, "indexing_pending" if row["is_indexed"] else "upload_completed", row["length"], None)
    if row["is_indexed"]:
        indexing.plan(world, file_id)
    return {}


def _settle(world: World, file_id: str, status: str, size: int | None, reason: str | None) -> None:
    world.store.run(
        "UPDATE botpress_files SET status = ?, size = ?, reason = ?, updated_at = ? WHERE id = ?",
        *(status, size, reason, timestamps.now(world), file_id),
    )


def _download_public(world: World, request: Request, rest: str) -> Response:
    """Give the content of a public file."""
    row = world.store.one("SELECT * FROM botpress_files WHERE id = ?", rest.partition("/")[0])
    return _content(world, request, row) if row and _is_public(row) else _no_such_key()


def _download_private(world: World, request: Request, rest: str) -> Response:
    """Give the content of a file, as a link says that holds for a while."""
    ticket, _, seal = rest.rpartition(".")
    try:
        is_own = signed_tokens.is_signed(world, "download", ticket.encode(), base64.urlsafe_b64decode(seal))
        file_id, expires_at = ticket.split(".")[:2] if is_own else ("", "0")
    except (binascii.Error, ValueError):
        return _refusal("AccessDenied", "the link is not valid")
    if int(expires_at) < timestamps.now(world):
        return _refusal("AccessDenied", "the link has expired or is not valid; read the file again for another one")
    row = world.store.one("SELECT * FROM botpress_files WHERE id = ?", file_id)
    return _content(world, request, row) if row else _no_such_key()


def _content(world: World, request: Request, row: sqlite3.Row) -> Response:
    if request.method not in ("GET", "HEAD"):
        return _refusal("MethodNotAllowed", "use GET", 405)
    is_there = row["size"] is not None or row["is_public_at_once"]
    content = find(world, row["id"])
    if not is_there or content is None:
        return _no_such_key()
    return Response(200, {"Content-Type": row["content_type"]}, content)


def _is_public(row: sqlite3.Row) -> bool:
    return '"public_content"' in row["policies"]


def _no_such_key() -> Response:
    return _refusal("NoSuchKey", "there is no such file, or its content has not come yet", 404)


def _refusal(code: str, message: str, status: int = 403) -> Response:
    """Say no in the manner of the storage behind the platform, which answers with XML."""
    said = f"<Error><Code>{code}</Code><Message>{html.escape(message)}</Message></Error>"
    document = f'<?xml version="1.0" encoding="UTF-8"?>\n{said}'
    return Response(status, {"Content-Type": "application/xml"}, document.encode())


RESOURCE = Resource(
    schema=_SCHEMA,
    actions={"file_uploaded": _look_at},
    folders={"uploads": _upload, "public-files": _download_public, "private-files": _download_private},
)
