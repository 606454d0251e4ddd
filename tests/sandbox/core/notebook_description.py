"""The description of the notebook, a platform made for the tests of the sandbox."""

from __future__ import annotations

from trilogue_sandbox.kernel.http import JsonObject


def _json(name: str) -> JsonObject:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _response(name: str, text: str) -> JsonObject:
    return {"description": text, "content": _json(name)}


_ERRORS: JsonObject = {
    status: {"$ref": "#/components/responses/Refused"} for status in ("400", "401", "404", "405", "429", "503")
}
_NOTE_ID: JsonObject = {"$ref": "#/components/parameters/NoteUuid"}

DOCUMENT: JsonObject = {
    "openapi": "3.1.1",
    "info": {"title": "Notebook", "version": "1", "description": "Keeps short notes."},
    "tags": [{"name": "notes", "description": "What was written down."}],
    "paths": {
        "/notes": {
            "get": {
                "operationId": "notes_list",
                "tags": ["notes"],
                "summary": "List notes",
                "description": "Oldest first. Use `limit` for fewer <of them>.",
                "parameters": [
                    {
                        "name": "limit",
                        "in": "query",
                        "description": "How many.",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
                    },
                    {
                        "name": "colors",
                        "in": "query",
                        "style": "form",
                        "explode": False,
                        "description": "Only these colors.",
                        "schema": {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "enum": ["red", "blue"]},
                        },
                    },
                    {
                        "name": "labels",
                        "in": "query",
                        "style": "deepObject",
                        "explode": True,
                        "description": "Only notes with these labels.",
                        "schema": {"$ref": "#/components/schemas/Labels"},
                    },
                    {"name": "X-Trace", "in": "header", "description": "Anything.", "schema": {"type": "integer"}},
                ],
                "responses": {"200": _response("NoteList", "The notes."), **_ERRORS},
            },
            "post": {
                "operationId": "notes_create",
                "tags": ["notes"],
                "summary": "Write a note",
                "requestBody": {
                    "required": True,
                    "content": {
                        **_json("NoteWrite"),
                        "application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/NoteWrite"}},
                    },
                },
                "responses": {
                    "201": {
                        **_response("Note", "The note."),
                        "headers": {
                            "X-Note-Number": {
                                "required": True,
                                "description": "Counts notes.",
                                "schema": {"type": "integer"},
                            }
                        },
                    },
                    **_ERRORS,
                },
            },
        },
        "/notes/{uuid}": {
            "parameters": [_NOTE_ID],
            "get": {
                "operationId": "notes_get",
                "tags": ["notes"],
                "summary": "Read a note",
                "responses": {"200": _response("Note", "The note."), **_ERRORS},
            },
            "delete": {
                "operationId": "notes_delete",
                "tags": ["notes"],
                "summary": "Throw a note away",
                "responses": {"204": {"description": "It is gone."}, **_ERRORS},
            },
        },
        "/notes/latest": {
            "get": {
                "operationId": "notes_latest",
                "tags": ["notes"],
                "summary": "Read the latest note",
                "responses": {"200": _response("Note", "The note."), **_ERRORS},
            }
        },
        "/pictures/{name}/{size}": {
            "put": {
                "operationId": "pictures_put",
                "tags": ["pictures"],
                "summary": "Keep a picture",
                "parameters": [
                    {"name": "name", "in": "path", "required": True, "description": "N.", "schema": {"type": "string"}},
                    {
                        "name": "size",
                        "in": "path",
                        "required": True,
                        "description": "S.",
                        "schema": {"type": "integer"},
                    },
                ],
                "requestBody": {
                    "required": True,
                    "content": {"multipart/form-data": {"schema": {"$ref": "#/components/schemas/PictureWrite"}}},
                },
                "responses": {"200": _response("Picture", "The picture."), **_ERRORS},
            }
        },
    },
    "components": {
        "parameters": {
            "NoteUuid": {
                "name": "uuid",
                "in": "path",
                "required": True,
                "description": "Which note.",
                "schema": {"type": "string", "format": "uuid"},
            }
        },
        "responses": {"Refused": _response("Error", "No.")},
        "schemas": {
            "Note": {
                "type": "object",
                "description": "A note.",
                "required": ["uuid", "text", "created_on"],
                "properties": {
                    "uuid": {"type": "string", "format": "uuid", "description": "Names the note."},
                    "text": {"type": "string", "description": "What it says."},
                    "color": {"type": ["string", "null"], "description": "Of the paper."},
                    "pinned": {"type": "boolean"},
                    "created_on": {"type": "string", "format": "date-time", "description": "When."},
                },
                "examples": [
                    {
                        "uuid": "b426353c-cf6b-4075-a631-1a1b14500337",
                        "text": "Milk & <bread>",
                        "created_on": "2026-01-01T12:00:00Z",
                    }
                ],
            },
            "NoteWrite": {
                "type": "object",
                "required": ["text"],
                "additionalProperties": False,
                "properties": {
                    "text": {"type": "string", "minLength": 1, "maxLength": 100, "description": "What it says."},
                    "color": {"type": "string"},
                    "pinned": {"type": "boolean", "description": "Whether it stays on top."},
                },
            },
            "NoteList": {
                "type": "object",
                "required": ["notes"],
                "properties": {"notes": {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}},
            },
            "Labels": {
                "type": "object",
                "additionalProperties": {
                    "oneOf": [
                        {"type": "string"},
                        {"type": "array", "items": {"type": "string"}},
                        {"$ref": "#/components/schemas/Presence"},
                    ]
                },
            },
            "Presence": {"type": "object", "properties": {"exists": {"type": "boolean"}}},
            "PictureWrite": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                    "width": {"type": "integer"},
                },
            },
            "Picture": {
                "type": "object",
                "required": ["name", "size"],
                "properties": {"name": {"type": "string"}, "size": {"type": "integer"}, "width": {"type": "integer"}},
            },
            "Error": {
                "type": "object",
                "required": ["detail"],
                "properties": {"detail": {"type": "string", "description": "Why not."}},
            },
        },
    },
}
