"""Files, and the signed links by which anyone can fetch them."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from urllib.parse import quote

from trilogue_sandbox.kernel.bodies import UploadedFile
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.table import BLOB, INTEGER, TEXT, Row
from trilogue_sandbox.kernel.timestamps import HOUR
from trilogue_sandbox.kernel.views import View, each
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon.accounts import Account, account_table, settings
from trilogue_sandbox.pantheon.errors import ValidationErrors, error_response
from trilogue_sandbox.pantheon.lists import Listing
from trilogue_sandbox.pantheon.operations import AppExchange, deleting, getting

MAX_SIZE = 25 * 1024 * 1024
LINK_LIFE = HOUR

_CONTENT_TYPE = re.compile(r"[a-z-]+/[0-9a-z!#$&^_.+-]+")
_LONGEST_CONTENT_TYPE = 100
_LONGEST_NAME = 255

FILES = account_table(
    "files", "file", {"name": TEXT, "content_type": TEXT, "size": INTEGER, "sha256": TEXT, "data": BLOB}
)


def links(account: Account, file_ids: Iterable[str]) -> list[str]:
    """Return URLs that anyone can fetch files from for an hour; the files need not exist any more."""
    chosen, expires_at = settings(account.world), account.now + LINK_LIFE
    return [
        f"{chosen['origin']}/pantheon/files/{file_id}?expires={expires_at}"
        f"&signature={_sign(chosen['signing_key'], file_id, expires_at)}"
        for file_id in file_ids
    ]


FILE = View[Account](
    "StoredFile",
    FILES,
    {
        "url": lambda account, rows: links(account, (row["id"] for row in rows)),
        "url_expires_at": each(lambda account, row: account.world.timestamps.format(account.now + LINK_LIFE)),
    },
)


def store(account: Account, name: str, content_type: str, data: bytes) -> Row:
    """Keep a file."""
    digest = hashlib.sha256(data).hexdigest()
    return account.add(FILES, name=name, content_type=content_type, size=len(data), sha256=digest, data=data)


def read_content_type(text: str) -> str | None:
    """Return a media type in lower case and without parameters, or None if it cannot be read."""
    media_type = text.partition(";")[0].strip().lower()
    is_read = _CONTENT_TYPE.fullmatch(media_type) and len(media_type) <= _LONGEST_CONTENT_TYPE
    return media_type if is_read else None


def _upload(exchange: AppExchange) -> JsonObject:
    file = exchange.files["file"]
    content_type = read_content_type(file.content_type)
    with ValidationErrors() as errors:
        errors.require(bool(file.data), "file", "The file is empty")
        errors.require(len(file.data) <= MAX_SIZE, "file", "The file is larger than 25 MiB")
        errors.require(content_type is not None, "file", "The content type of the file cannot be read")
    name = exchange.body.string("name", _name_of(file))
    return FILE.show_one(exchange.context, store(exchange.context, name, content_type or "", file.data))


def _name_of(file: UploadedFile) -> str:
    return re.split(r"[/\\]", file.filename)[-1][:_LONGEST_NAME] or "file"


def _download(world: World, request: Request, file_id: str) -> Response:
    query = dict(request.query)
    expires = query.get("expires", "")
    expires_at = int(expires) if expires.isdecimal() and len(expires) < 20 else 0
    signature = _sign(settings(world)["signing_key"], file_id, expires_at)
    if not hmac.compare_digest(signature.encode(), query.get("signature", "").encode()):
        return error_response(403, "This link is not valid.")
    if expires_at <= world.now:
        return error_response(403, "This link has expired; get the file again for a new one.")
    row = world.records.find(FILES, id=file_id)
    if row is None:
        return error_response(404, "The file was not found.")
    headers = {
        "Content-Type": row["content_type"],
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['name'], safe='')}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(200, headers, row["data"])


def _sign(key: str, file_id: str, expires_at: int) -> str:
    return hmac.digest(key.encode(), f"{file_id} {expires_at}".encode(), hashlib.sha256).hex()[:32]


RESOURCE = Resource[AppExchange](
    tables=(FILES,),
    operations={
        "files_upload": _upload,
        "files_get": getting(FILE, "file_id"),
        "files_list": Listing(FILE, ("name", "content_type", "sha256")),
        "files_delete": deleting(FILES, "file_id"),
    },
    downloads={"files": _download},
)
