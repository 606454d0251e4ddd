"""What is fetched without a token, outside the API: files by a signed link, and the pages of payments."""

from __future__ import annotations

import hashlib
import hmac
from html import escape
from urllib.parse import quote

import attrs

from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import origins, settings, timestamps
from trilogue_sandbox.pantheon.errors import answer

LINK_LIFE = timestamps.HOUR

_FILES = "/pantheon/files/"
_PAYMENTS = "/pantheon/pay/"


@attrs.frozen
class Link:
    """A URL that anyone can fetch a file from, until it expires."""

    url: str
    expires_at: int


def link(world: World, file_id: str) -> Link:
    """Make a link to a file, which need not exist any more."""
    expires_at = timestamps.now(world) + LINK_LIFE
    signature = _signature(world, file_id, expires_at)
    return Link(f"{origins.current(world)}{_FILES}{file_id}?expires={expires_at}&signature={signature}", expires_at)


def payment_page(world: World, payment_id: str) -> str:
    """Return the URL of the page of a payment."""
    return f"{origins.current(world)}{_PAYMENTS}{payment_id}"


def respond(world: World, request: Request) -> Response:
    """Answer a request outside the API."""
    if request.method.upper() not in ("GET", "HEAD"):
        return answer(404, "There is nothing here.")
    if request.path.startswith(_FILES):
        return _file(world, request.path.removeprefix(_FILES), dict(request.query))
    if request.path.startswith(_PAYMENTS):
        return _payment(world, request.path.removeprefix(_PAYMENTS))
    return answer(404, "There is nothing here.")


def _file(world: World, file_id: str, query: dict[str, str]) -> Response:
    expires = query.get("expires", "")
    expires_at = int(expires) if expires.isdecimal() and len(expires) < 20 else 0
    if not hmac.compare_digest(_signature(world, file_id, expires_at).encode(), query.get("signature", "").encode()):
        return answer(403, "This link is not valid.")
    if expires_at <= timestamps.now(world):
        return answer(403, "This link has expired; get the file again for a new one.")
    row = world.store.one("SELECT * FROM pantheon_files WHERE id = ?", file_id)
    if row is None:
        return answer(404, "The file was not found.")
    headers = {
        "Content-Type": row["content_type"],
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['name'], safe='')}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(200, headers, row["data"])


def _payment(world: World, payment_id: str) -> Response:
    row = world.store.one("SELECT * FROM pantheon_payments WHERE id = ?", payment_id)
    if row is None:
        return answer(404, "The payment was not found.")
    price = f"{row['amount'] - row['amount_refunded']} {row['currency']} (in the minor unit)"
    page = (
        f"<h1>{escape(row['description'])}</h1>",
        f"<p>{price}, {row['status'].replace('_', ' ')}</p>",
        "<p>In the sandbox, a contact pays by the control actions `pay` and `decline_payment`.</p>",
    )
    headers = {"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"}
    return Response.html("<!DOCTYPE html>" + "".join(page), headers=headers)


def _signature(world: World, file_id: str, expires_at: int) -> str:
    key = settings.read(world, settings.SIGNING_KEY).encode()
    return hmac.digest(key, f"{file_id} {expires_at}".encode(), hashlib.sha256).hex()[:32]
