"""The floor: contacts and groups over SQLite in a bare FastAPI application, which simulates nothing."""

from __future__ import annotations

import json
import sqlite3
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel

PAGE = 250
SCHEMA = """
CREATE TABLE tokens (token TEXT PRIMARY KEY, workspace TEXT NOT NULL);
CREATE TABLE groups (id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, name TEXT NOT NULL, query TEXT,
                     status TEXT NOT NULL, system INTEGER NOT NULL);
CREATE TABLE contacts (id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, name TEXT, status TEXT NOT NULL,
                       language TEXT, fields TEXT NOT NULL, created_on TEXT NOT NULL, modified_on TEXT NOT NULL,
                       last_seen_on TEXT);
CREATE TABLE urns (id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts, urn TEXT NOT NULL UNIQUE);
CREATE TABLE members (contact_id INTEGER NOT NULL REFERENCES contacts, group_id INTEGER NOT NULL REFERENCES groups,
                      PRIMARY KEY (contact_id, group_id)) WITHOUT ROWID;
CREATE INDEX contacts_modified ON contacts (modified_on, id);
CREATE INDEX urns_contact ON urns (contact_id);
CREATE INDEX members_group ON members (group_id, contact_id);
"""

app = FastAPI()
database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
database.row_factory = sqlite3.Row


class NewContact(BaseModel):
    """What a contact is made of."""

    name: str | None = None
    language: str | None = None
    urns: list[str] = []
    groups: list[str] = []
    fields: dict[str, str | None] = {}


async def authenticate(authorization: str = Header()) -> str:
    """Return the workspace of a token."""
    row = database.execute("SELECT workspace FROM tokens WHERE token = ?", (authorization.removeprefix("Token "),))
    if (found := row.fetchone()) is None:
        raise HTTPException(403, "Invalid token")
    return str(found["workspace"])


@app.get("/groups.json", dependencies=[Depends(authenticate)])
async def list_groups(uuid: str | None = None) -> JSONResponse:
    """Return groups with the number of their members."""
    condition, values = ("WHERE uuid = ?", (uuid,)) if uuid else ("", ())
    rows = database.execute(f"SELECT * FROM groups {condition} ORDER BY id DESC LIMIT {PAGE}", values).fetchall()
    return _page([_show_group(row) for row in rows])


@app.get("/contacts.json", dependencies=[Depends(authenticate)])
async def list_contacts(uuid: str | None = None, before: str = "9") -> JSONResponse:
    """Return contacts, the latest change first."""
    condition, value = ("uuid = ?", uuid) if uuid else ("modified_on < ?", before)
    rows = database.execute(
        f"SELECT * FROM contacts WHERE {condition} ORDER BY modified_on DESC, id DESC LIMIT {PAGE}", (value,)
    ).fetchall()
    return _page(_show_contacts(rows), rows[-1]["modified_on"] if len(rows) == PAGE else None)


@app.post("/contacts.json", dependencies=[Depends(authenticate)])
async def create_contact(new: NewContact) -> JSONResponse:
    """Add a contact."""
    now = datetime.now(UTC).isoformat()
    database.execute("BEGIN")
    try:
        contact = database.execute(
            "INSERT INTO contacts (uuid, name, status, language, fields, created_on, modified_on)"
            " VALUES (?, ?, 'active', ?, ?, ?, ?)",
            (str(uuid.uuid4()), new.name, new.language, json.dumps(new.fields), now, now),
        ).lastrowid
        database.executemany("INSERT INTO urns (contact_id, urn) VALUES (?, ?)", [(contact, urn) for urn in new.urns])
        database.executemany(
            "INSERT INTO members SELECT ?, id FROM groups WHERE uuid = ?", [(contact, group) for group in new.groups]
        )
    except sqlite3.IntegrityError as error:
        database.execute("ROLLBACK")
        raise HTTPException(400, "URN is in use by another contact.") from error
    database.execute("COMMIT")
    rows = database.execute("SELECT * FROM contacts WHERE id = ?", (contact,)).fetchall()
    return JSONResponse(_show_contacts(rows)[0], 201)


def _page(results: list[dict[str, Any]], before: str | None = None) -> JSONResponse:
    following = f"http://127.0.0.1/contacts.json?before={before}" if before else None
    return JSONResponse({"next": following, "previous": None, "results": results})


def _show_group(row: sqlite3.Row) -> dict[str, Any]:
    (count,) = database.execute("SELECT COUNT(*) FROM members WHERE group_id = ?", (row["id"],)).fetchone()
    return {
        "uuid": row["uuid"],
        "name": row["name"],
        "query": row["query"],
        "status": row["status"],
        "system": bool(row["system"]),
        "count": count,
    }


def _show_contacts(rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    ids = [row["id"] for row in rows]
    marks = ", ".join("?" * len(ids))
    urns: dict[int, list[str]] = {contact: [] for contact in ids}
    for contact, urn in database.execute(f"SELECT contact_id, urn FROM urns WHERE contact_id IN ({marks})", ids):
        urns[contact].append(urn)
    groups: dict[int, list[dict[str, str]]] = {contact: [] for contact in ids}
    for contact, group, name in database.execute(
        "SELECT members.contact_id, groups.uuid, groups.name FROM members JOIN groups ON groups.id = members.group_id"
        f" WHERE members.contact_id IN ({marks})",
        ids,
    ):
        groups[contact].append({"uuid": group, "name": name})
    return [
        {
            "uuid": row["uuid"],
            "name": row["name"],
            "status": row["status"],
            "language": row["language"],
            "urns": urns[row["id"]],
            "groups": groups[row["id"]],
            "notes": [],
            "fields": json.loads(row["fields"]),
            "flow": None,
            "created_on": row["created_on"],
            "modified_on": row["modified_on"],
            "last_seen_on": row["last_seen_on"],
            "blocked": row["status"] == "blocked",
            "stopped": row["status"] == "stopped",
        }
        for row in rows
    ]


def fill(token: str, groups: list[dict[str, Any]], contacts: list[dict[str, Any]]) -> None:
    """Keep the data of the sandbox."""
    database.executescript(SCHEMA)
    database.execute("INSERT INTO tokens VALUES (?, 'bench')", (token,))
    for group in reversed(groups):
        _insert("groups", group, "uuid", "name", "query", "status", "system")
    for contact in reversed(contacts):
        row = {**contact, "fields": json.dumps(contact["fields"])}
        columns = ("uuid", "name", "status", "language", "created_on", "modified_on", "last_seen_on", "fields")
        number = _insert("contacts", row, *columns)
        for urn in contact["urns"]:
            database.execute("INSERT INTO urns (contact_id, urn) VALUES (?, ?)", (number, urn))
        for group in contact["groups"]:
            database.execute("INSERT INTO members SELECT ?, id FROM groups WHERE uuid = ?", (number, group["uuid"]))


def _insert(table: str, row: dict[str, Any], *columns: str) -> int | None:
    marks = ", ".join("?" * len(columns))
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
    return database.execute(sql, [row[column] for column in columns]).lastrowid


if __name__ == "__main__":
    fill(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    uvicorn.run(app, port=int(sys.argv[2]), http="httptools", loop="asyncio", access_log=False, log_level="warning")
