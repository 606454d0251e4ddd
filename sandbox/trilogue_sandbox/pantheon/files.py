"""The namespace files."""

from __future__ import annotations

import hashlib
import re
import sqlite3

from trilogue_sandbox.kernel.bodies import UploadedFile
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.pantheon import deletions, downloads, timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.errors import Faults
from trilogue_sandbox.pantheon.exchanges import Call
from trilogue_sandbox.pantheon.paging import Listing, list_page
from trilogue_sandbox.pantheon.resource_types import FILE
from trilogue_sandbox.pantheon.resources import Resource

MAX_SIZE = 25 * 1024 * 1024

_CONTENT_TYPE = re.compile(r"[a-z-]+/[0-9a-z!#$&^_.+-]+")
_LONGEST_CONTENT_TYPE = 100
_LONGEST_NAME = 255


def show(account: Account, row: sqlite3.Row) -> JsonObject:
    """Return a file as the API shows it, with a new link."""
    link = downloads.link(account.world, row["id"])
    return {
        "id": row["id"],
        "name": row["name"],
        "content_type": row["content_type"],
        "size": row["size"],
        "sha256": row["sha256"],
        "url": link.url,
        "url_expires_at": timestamps.show(link.expires_at),
        "created_at": timestamps.show(row["created_at"]),
    }


def store(account: Account, name: str, content_type: str, data: bytes) -> str:
    """Keep a file and return its id."""
    return account.add(
        FILE,
        {
            "name": name,
            "content_type": content_type,
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "data": data,
            "created_at": account.now,
        },
    )


def read_content_type(text: str) -> str | None:
    """Return a media type in lower case and without parameters, or None if it cannot be read."""
    media_type = text.partition(";")[0].strip().lower()
    is_read = _CONTENT_TYPE.fullmatch(media_type) and len(media_type) <= _LONGEST_CONTENT_TYPE
    return media_type if is_read else None


def _upload(call: Call) -> JsonObject:
    file = call.files["file"]
    content_type = read_content_type(file.content_type)
    faults = Faults()
    faults.add_if(not file.data, "file", "The file is empty")
    faults.add_if(len(file.data) > MAX_SIZE, "file", "The file is larger than 25 MiB")
    faults.add_if(content_type is None, "file", "The content type of the file cannot be read")
    faults.raise_if_any()
    name = call.body.text("name", _name_of(file))
    file_id = store(call.account, name, content_type or "", file.data)
    return show(call.account, call.account.find(FILE, file_id))


def _name_of(file: UploadedFile) -> str:
    return re.split(r"[/\\]", file.filename)[-1][:_LONGEST_NAME] or "file"


def _get(call: Call) -> JsonObject:
    return show(call.account, call.find(FILE, "file_id"))


_FILES = Listing(FILE.table, show, ("name", "content_type", "sha256"))


def _list(call: Call) -> JsonObject:
    return list_page(call, _FILES)


def _delete(call: Call) -> JsonObject:
    return deletions.delete(call.account, FILE, call.find(FILE, "file_id")["id"])


RESOURCE: Resource = Resource(
    handlers={"files_upload": _upload, "files_get": _get, "files_list": _list, "files_delete": _delete}
)
