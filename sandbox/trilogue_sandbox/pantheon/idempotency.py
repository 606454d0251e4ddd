"""Responses kept for a day, to be returned again for the same request."""

from __future__ import annotations

import hashlib

import msgspec

from trilogue_sandbox.kernel.bodies import UploadedFile
from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.table import BLOB, CREATED, TEXT, Table
from trilogue_sandbox.kernel.timestamps import DAY
from trilogue_sandbox.pantheon.errors import require
from trilogue_sandbox.pantheon.operations import AppExchange

HEADER = "Idempotency-Key"

RESPONSES = Table(
    "pantheon_responses",
    {"account_id": TEXT, "endpoint": TEXT, "key": TEXT, "fingerprint": TEXT, "body": BLOB, "created_at": CREATED},
    primary_key="account_id, endpoint, key",
)


def find_response(exchange: AppExchange, key: str) -> bytes | None:
    """Return the body of the first response to this key, or None if there was none in the last 24 hours.

    Raises:
        ApiError: 400, the key was used with another body.
    """
    kept = exchange.context.select(RESPONSES, endpoint=exchange.operation.path, key=key)
    row = kept.where("item.created_at > ?", exchange.now - DAY).first()
    if row is None:
        return None
    require(row["fingerprint"] == _fingerprint(exchange), HEADER, f"The {HEADER} header was used with another body")
    body: bytes = row["body"]
    return body


def keep_response(exchange: AppExchange, key: str, body: bytes) -> None:
    """Keep the body of a response with status 200."""
    values = {"account_id": exchange.context.id, "endpoint": exchange.operation.path, "key": key}
    exchange.records.set(RESPONSES, {**values, "fingerprint": _fingerprint(exchange), "body": body})


def _fingerprint(exchange: AppExchange) -> str:
    files = {name: _describe(file) for name, file in exchange.files.items()}
    document = [_normalize(exchange.body.values), files]
    return hashlib.sha256(msgspec.json.encode(document, order="sorted")).hexdigest()


def _normalize(value: Json) -> Json:
    """Represent equal JSON values alike: 5.0 is 5."""
    if isinstance(value, dict):
        return {name: _normalize(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_normalize(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _describe(file: UploadedFile) -> list[str]:
    return [hashlib.sha256(file.data).hexdigest(), file.content_type, file.filename]


RESOURCE = Resource[AppExchange](tables=(RESPONSES,))
