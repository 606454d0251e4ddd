"""Answers kept for a day, to be given again to the same call."""

from __future__ import annotations

import hashlib

import msgspec

from trilogue_sandbox.kernel.bodies import UploadedFile
from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.pantheon import timestamps
from trilogue_sandbox.pantheon.errors import refuse
from trilogue_sandbox.pantheon.exchanges import Call

HEADER = "Idempotency-Key"


def kept_answer(call: Call, key: str) -> bytes | None:
    """Return the body of the first answer to this key, or None if there was none in the last 24 hours.

    Raises:
        ApiError: 400, the key was used with another body.
    """
    row = call.store.one(
        "SELECT fingerprint, body FROM pantheon_answers"
        " WHERE account_id = ? AND endpoint = ? AND key = ? AND answered_at > ?",
        *(call.account.id, call.endpoint, key, call.now - timestamps.DAY),
    )
    if row is None:
        return None
    if row["fingerprint"] != _fingerprint(call):
        refuse(HEADER, "This key was used with another body")
    body: bytes = row["body"]
    return body


def keep_answer(call: Call, key: str, body: bytes) -> None:
    """Keep the body of an answer with status 200."""
    call.store.run(
        "INSERT OR REPLACE INTO pantheon_answers (account_id, endpoint, key, fingerprint, body, answered_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        *(call.account.id, call.endpoint, key, _fingerprint(call), body, call.now),
    )


def _fingerprint(call: Call) -> str:
    files = {name: _describe(file) for name, file in call.files.items()}
    document = [_normal(call.body.values), files]
    return hashlib.sha256(msgspec.json.encode(document, order="sorted")).hexdigest()


def _normal(value: Json) -> Json:
    """Write equal JSON values in one way: 5.0 is 5."""
    if isinstance(value, dict):
        return {name: _normal(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_normal(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _describe(file: UploadedFile) -> list[str]:
    return [hashlib.sha256(file.data).hexdigest(), file.content_type, file.filename]
