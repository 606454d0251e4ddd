"""Rows of lists as the descriptions show them, and the operations that list them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import trilogue_generated
from attrs import frozen
from trilogue_generated.botpress.operations.conversations import LIST as CONVERSATIONS
from trilogue_generated.botpress.operations.tables_rows import FIND as TABLE_ROWS
from trilogue_generated.pantheon.operations.messages import LIST as PANTHEON_MESSAGES
from trilogue_generated.rapidpro.operations.contacts import LIST as CONTACTS
from trilogue_generated.rapidpro.operations.messages import LIST as MESSAGES
from trilogue_generated.rapidpro.operations.runs import LIST as RUNS
from trilogue_generated.runtime.operation import ListOperation

from benchmarks.server import PAGE, contact


@frozen
class Listed:
    """A page of a list: its operation, its rows, and the whole as it travels."""

    name: str
    operation: ListOperation[Any, Any]
    rows: list[dict[str, Any]]

    @property
    def content(self) -> bytes:
        """The page, without a next one."""
        paging = self.operation.paging
        links: dict[str, Any] = {paging.next[0]: {} if len(paging.next) > 1 else None} if paging.next else {}
        page = {
            **links,
            **dict.fromkeys([paging.total] if paging.total else [], len(self.rows)),
            paging.items: self.rows,
        }
        return json.dumps(page, separators=(",", ":")).encode()


def example(platform: str, schema: str) -> dict[str, Any]:
    """Return the example of a schema."""
    bundle = Path(trilogue_generated.__file__).parent / platform / "openapi.json"
    found: dict[str, Any] = json.loads(bundle.read_bytes())["components"]["schemas"][schema]["examples"][0]
    return found


def _copies(platform: str, schema: str, count: int, key: str) -> list[dict[str, Any]]:
    """Return so many copies of the example of a schema, each with a key of its own."""
    row = example(platform, schema)
    return [{**row, key: f"{number:036}" if isinstance(row[key], str) else number} for number in range(count)]


def lists() -> list[Listed]:
    """Return a page of each type."""
    return [
        Listed(f"{PAGE} RapidPro contacts", CONTACTS, [contact(number) for number in range(PAGE)]),
        Listed(f"{PAGE} RapidPro messages", MESSAGES, _copies("rapidpro", "Message", PAGE, "uuid")),
        Listed(f"{PAGE} RapidPro runs", RUNS, _copies("rapidpro", "Run", PAGE, "uuid")),
        Listed("100 Botpress conversations", CONVERSATIONS, _copies("botpress", "Conversation", 100, "id")),
        Listed("250 Botpress table rows", TABLE_ROWS, _copies("botpress", "Row", 250, "id")),
        Listed("100 Pantheon messages", PANTHEON_MESSAGES, _copies("pantheon", "Message", 100, "id")),
    ]
