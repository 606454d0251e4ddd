"""A server that responds at once, so that what is measured is the client."""

from __future__ import annotations

import json
import multiprocessing
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO
from urllib.parse import parse_qs, urlsplit

PAGE = 250
CHUNK = 65_536
LARGE, LARGE_SIZE = "/large", 200 * 1024**2
"""The end of a path whose response is a file of this size."""
LIFETIME = 600
"""Seconds after which the server ends by itself, should nobody end it."""

WORKSPACE = {
    "uuid": "6a44ca78-a4c2-4862-a7d3-2932f9b3a7c3",
    "name": "Bench",
    "country": "RW",
    "languages": ["eng", "kin"],
    "timezone": "Africa/Kigali",
    "date_style": "day_first",
    "anon": False,
    "credits": {"used": -1, "remaining": -1},
    "primary_language": "eng",
}


GROUPS = [
    {"uuid": f"1e9a29ef-956c-4fc0-963d-5fa9153984{number:02x}", "name": name}
    for number, name in enumerate(["Farmers", "Éleveurs", "Cohort 14", "Reporters", "U-Report"])
]


def contact(number: int) -> dict[str, Any]:
    """Return a contact such as RapidPro 9 sends it, of a workspace with ten fields: about 650 bytes."""
    timestamp = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number, microseconds=1 + number % 999)
    text = timestamp.isoformat().replace("+00:00", "Z")
    is_known = number % 3 > 0
    return {
        "uuid": f"00000000-0000-4000-8000-{number:012x}",
        "name": f"Théo {number}",
        "status": "active",
        "language": "kin",
        "urns": [f"tel:+25078{number:07d}"],
        "groups": GROUPS[: 1 + number % len(GROUPS)],
        "fields": {
            "age": str(number % 90),
            "gender": "Female" if is_known else None,
            "nick_name": None,
            "registered_on": text if is_known else None,
            "next_visit": None,
            "state": "Rwanda > Kigali City" if is_known else None,
            "district": "Rwanda > Kigali City > Nyarugenge" if is_known else None,
            "ward": None,
            "score": "1.5",
            "notes": None,
        },
        "flow": None,
        "created_on": text,
        "modified_on": text,
        "last_seen_on": text if number % 2 else None,
        "blocked": False,
        "stopped": False,
    }


CREATED = json.dumps(contact(1)).encode()


def page(base: str, start: int, total: int) -> bytes:
    """Return a page of contacts as it travels."""
    end = min(start + PAGE, total)
    following = f"{base}?reverse=true&cursor={end}" if end < total else None
    body = {"next": following, "previous": None, "results": [contact(number) for number in range(start, end)]}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


@contextmanager
def serving(total: int) -> Generator[str]:
    """Serve `total` contacts from another process; the value is the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(listener, address, total), daemon=True)
    process.start()
    listener.close()
    try:
        yield address
    finally:
        process.terminate()
        process.join()


def _serve(listener: socket.socket, address: str, total: int) -> None:
    threading.Timer(LIFETIME, listener.close).start()
    pages = [page(f"{address}/api/v2/contacts.json", start, total) for start in range(0, max(total, 1), PAGE)]
    workspace = json.dumps(WORKSPACE).encode()
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_converse, args=(connection, pages, workspace), daemon=True).start()


def _converse(connection: socket.socket, pages: list[bytes], workspace: bytes) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, connection.makefile("rb") as lines:
        while request := lines.readline():
            left = _read_head(lines)
            while left > 0:
                left -= len(lines.read(min(left, CHUNK))) or left
            method, target, _ = request.decode().split()
            if target.endswith(LARGE):
                _send_large(connection)
            else:
                connection.sendall(_respond(method, target, pages, workspace))


def _read_head(lines: BinaryIO) -> int:
    """Read the headers of a request, and return the length of its body."""
    length = 0
    while (line := lines.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return length


def _send_large(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE_SIZE)
    for _ in range(LARGE_SIZE // CHUNK):
        connection.sendall(bytes(CHUNK))


def _respond(method: str, target: str, pages: list[bytes], workspace: bytes) -> bytes:
    parts = urlsplit(target)
    cursor = int(parse_qs(parts.query).get("cursor", ["0"])[0])
    lists = parts.path.endswith("contacts.json") and method == "GET"
    body = pages[cursor // PAGE] if lists else CREATED if method == "POST" else workspace
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
