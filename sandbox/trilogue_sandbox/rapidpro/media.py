"""Files to send: uploaded here, and then to be had by anyone who knows their address."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import quote

import attrs

from trilogue_sandbox.kernel.bodies import UploadedFile
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.contents import MEDIA
from trilogue_sandbox.rapidpro.errors import ApiError, invalid
from trilogue_sandbox.rapidpro.exchange import Exchange, Model, Resource
from trilogue_sandbox.rapidpro.request_bodies import parse_upload

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


def upload_media(exchange: Exchange) -> Response:
    """Handle POST."""
    named = exchange.target(Model("Media", MEDIA))
    fields, files = parse_upload(exchange.request)
    exchange.require_writable()
    file = files.get("file")
    if file is None:
        is_string = fields.get("file") is not None
        raise _invalid_file(
            "The submitted data was not a file. Check the encoding type on the form."
            if is_string
            else "No file was submitted."
        )
    return Response.json(_save(exchange, _checked(file)), 201 if named is None else 200)


def _checked(file: UploadedFile) -> UploadedFile:
    content_type = file.content_type.partition(";")[0].strip().lower()
    if PurePosixPath(file.filename).suffix.lower() == ".m4a":
        content_type = "audio/mp4"
    if not file.data:
        raise _invalid_file("The submitted file is empty.")
    if not _TYPES.fullmatch(content_type):
        raise _invalid_file("Unsupported file type.")
    if len(file.data) > _MAX_SIZE:
        raise _invalid_file("Limit for file uploads is 25.0 MB.")
    return attrs.evolve(file, content_type=content_type)


def _invalid_file(message: str) -> ApiError:
    return invalid({"file": [message]})


def _save(exchange: Exchange, file: UploadedFile) -> JsonObject:
    uuid, filename = exchange.world.ids.uuid4(), _clean_name(file)
    origin = exchange.request.base_url.removesuffix("/api/v2")
    shown: JsonObject = {
        "uuid": uuid,
        "content_type": file.content_type,
        "url": f"{origin}/media/{uuid[:4]}/{uuid}/{quote(filename)}",
        "filename": filename,
    }
    exchange.context.add(MEDIA, **shown, data=file.data)
    return {**shown, "size": len(file.data)}


def _clean_name(file: UploadedFile) -> str:
    path = PurePosixPath(file.filename.replace("\\", "/"))
    stem = re.sub(r"[^\w\-\[\]() ]", "", path.stem).strip() or "file"
    extension = re.sub(r"[^\w.]", "", path.suffix) or _EXTENSIONS.get(file.content_type, "")
    return stem + extension


def download(world: World, request: Request, rest: str) -> Response | None:
    """Return the file at `<part>/<uuid>/<name>`; None if there is none."""
    parts = rest.split("/")
    row = world.records.find(MEDIA, uuid=parts[1]) if len(parts) == 3 else None
    return Response(200, {"Content-Type": row["content_type"]}, row["data"]) if row else None


RESOURCE = Resource(tables=[MEDIA], operations={"media_upload": upload_media}, downloads={"media": download})
