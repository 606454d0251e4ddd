"""Files to send: uploaded here, and then to be had by anyone who knows their address."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import quote

import attrs

from trilogue_sandbox.kernel.bodies import UploadedFile
from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import bodies
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import invalid
from trilogue_sandbox.rapidpro.exchanges import Call

_MAX_SIZE = 25 * 1024 * 1024
_TYPES = re.compile("image/(apng|avif|gif|jpeg|png|webp)|audio/.+|video/.+|application/pdf")
_EXTENSIONS = {
    "application/pdf": ".pdf",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/apng": ".apng",
    "image/avif": ".avif",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}


def upload(call: Call) -> Response:
    """Answer POST."""
    fields, files = bodies.parse_upload(call.request)
    call.refuse_if_suspended()
    file = files.get("file")
    if file is None:
        is_text = fields.get("file") is not None
        raise _refuse(
            "The submitted data was not a file. Check the encoding type on the form."
            if is_text
            else "No file was submitted."
        )
    return Response.json(_keep(call, _checked(file)), 201)


def _checked(file: UploadedFile) -> UploadedFile:
    content_type = file.content_type.partition(";")[0].strip().lower()
    if PurePosixPath(file.filename).suffix.lower() == ".m4a":
        content_type = "audio/mp4"
    if not file.data:
        raise _refuse("The submitted file is empty.")
    if not _TYPES.fullmatch(content_type):
        raise _refuse("Unsupported file type.")
    if len(file.data) > _MAX_SIZE:
        raise _refuse("Limit for file uploads is 25.0 MB.")
    return attrs.evolve(file, content_type=content_type)


def _refuse(message: str) -> Exception:
    return invalid({"file": [message]})


def _keep(call: Call, file: UploadedFile) -> JsonObject:
    uuid, filename = call.tenant.world.ids.uuid4(), _clean(file)
    origin = call.request.base_url.removesuffix("/api/v2")
    url = f"{origin}/media/{uuid[:4]}/{uuid}/{quote(filename)}"
    call.store.run(
        "INSERT INTO rapidpro_media (uuid, workspace_id, content_type, filename, url, data, created_on)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(uuid, call.workspace.id, file.content_type, filename, url, file.data, call.tenant.now),
    )
    return {
        "uuid": uuid,
        "content_type": file.content_type,
        "url": url,
        "filename": filename,
        "size": len(file.data),
    }


def _clean(file: UploadedFile) -> str:
    path = PurePosixPath(file.filename.replace("\\", "/"))
    stem = re.sub(r"[^\w\-\[\]() ]", "", path.stem).strip() or "file"
    extension = re.sub(r"[^\w.]", "", path.suffix) or _EXTENSIONS.get(file.content_type, "")
    return stem + extension


def download(world: World, rest: str) -> Response | None:
    """Answer with the file at `<part>/<uuid>/<name>`; None if there is none."""
    parts = rest.split("/")
    uuid = parts[1] if len(parts) == 3 else ""
    row = world.store.one("SELECT content_type, data FROM rapidpro_media WHERE uuid = ?", uuid)
    return Response(200, {"Content-Type": row["content_type"]}, row["data"]) if row else None


ENDPOINT = Endpoint("media", post=upload)
