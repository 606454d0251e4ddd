"""The notebook: a small platform, complete, for the tests of the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.clock import from_microseconds, to_microseconds
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.http import Json, JsonObject, Request, Response
from trilogue_sandbox.kernel.installed_platforms import Source
from trilogue_sandbox.kernel.operation import Inputs
from trilogue_sandbox.kernel.platform import Account, ControlError, ErrorReason
from trilogue_sandbox.kernel.resource import Resource, Resources
from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.table import INTEGER, TEXT, Table
from trilogue_sandbox.kernel.world import World

from .notebook_description import DOCUMENT

TOKEN = {"Authorization": "Token notebook"}


NOTES = Table(
    "notebook_notes",
    {"uuid": TEXT, "text": TEXT, "color": TEXT.nullable(), "created_on": INTEGER},
    unique_indexes=("uuid",),
)


class Notebook(ResourcePlatform[Any]):
    """Notes in one table. A note that is written in red is forgotten after a minute."""

    name = "notebook"
    resources = Resources([Resource[Any](tables=(NOTES,))])
    prefix = "/notebook/v1"

    def __init__(self, world: World) -> None:
        self.world = world
        self.operations: dict[str, Callable[[Inputs], Response]] = {
            "notes_list": self.list_notes,
            "notes_create": self.create_note,
            "notes_get": self.get_note,
            "notes_latest": self.get_latest_note,
            "notes_delete": self.delete_note,
            "pictures_put": self.put_picture,
        }

    def reset(self) -> None:
        self.resources.reset(self.world)
        self.add_note("Welcome", None)

    def respond(self, request: Request) -> Response:
        match = self.world.description.match(request.method, request.path)
        if match is None:
            return error(404, "There is no such path.")
        if match.operation is None:
            return error(405, f"Use {' or '.join(match.allowed)}.")
        if request.headers.get("authorization") != TOKEN["Authorization"]:
            return error(401, "Who are you?")
        inputs = match.operation.read(request, match.path_values)
        if inputs.violations:
            return error(400, str(inputs.violations[0]))
        return self.operations[match.operation.id](inputs)

    def add_note(self, text: str, color: str | None) -> str:
        uuid, now = self.world.ids.uuid4(), self.world.clock.now()
        self.world.store.run("INSERT INTO notebook_notes VALUES (?, ?, ?, ?)", uuid, text, color, to_microseconds(now))
        if color == "red":
            self.world.timers.after(timedelta(minutes=1), "forget", {"uuid": uuid})
        return uuid

    def notes(self) -> list[JsonObject]:
        rows = self.world.store.all("SELECT * FROM notebook_notes ORDER BY created_on, uuid")
        return [
            {
                "uuid": row["uuid"],
                "text": row["text"],
                "color": row["color"],
                "created_on": from_microseconds(row["created_on"]).isoformat(),
            }
            for row in rows
        ]

    def list_notes(self, inputs: Inputs) -> Response:
        limit = inputs.query["limit"]
        assert isinstance(limit, int)
        return Response.json({"notes": self.notes()[:limit]})

    def create_note(self, inputs: Inputs) -> Response:
        body = as_object(inputs.body)
        color = body.get("color")
        uuid = self.add_note(str(body["text"]), None if color is None else str(color))
        if color == "explosive":
            raise RuntimeError("this handler has a defect")
        return Response.json(self.find(uuid), 201, {"X-Note-Number": str(len(self.notes()))})

    def get_note(self, inputs: Inputs) -> Response:
        found = self.find(inputs.path["uuid"])
        return Response.json(found) if found else error(404, "There is no such note.")

    def get_latest_note(self, inputs: Inputs) -> Response:
        return Response.json(self.notes()[-1])

    def delete_note(self, inputs: Inputs) -> Response:
        gone = self.world.store.run("DELETE FROM notebook_notes WHERE uuid = ?", str(inputs.path["uuid"]))
        return Response.empty() if gone else error(404, "There is no such note.")

    def put_picture(self, inputs: Inputs) -> Response:
        fields = as_object(inputs.body)
        picture = {"name": inputs.path["name"], "size": len(inputs.files["file"].data)}
        return Response.json(picture | {key: value for key, value in fields.items() if key == "width"})

    def find(self, uuid: Json) -> JsonObject | None:
        return next((note for note in self.notes() if note["uuid"] == uuid), None)

    def seed(self, data: JsonObject) -> object:
        if not isinstance(texts := data.get("texts"), list):
            raise ControlError("`texts` must be a list of strings", "texts")
        return {"uuids": [self.add_note(str(text), None) for text in texts]}

    @property
    def seed_names(self) -> Sequence[str]:
        return ("texts",)

    def control(self, action: str, arguments: JsonObject) -> object:
        if action != "forget":
            raise ControlError(f"there is no action {action!r}; there is: forget")
        if not isinstance(uuid := arguments.get("uuid"), str):
            raise ControlError("`uuid` must be a string", "uuid")
        now = self.world.clock.now().isoformat()
        return {"forgotten": self.world.store.run("DELETE FROM notebook_notes WHERE uuid = ?", uuid), "at": now}

    def accounts(self) -> Sequence[Account]:
        return (Account("reader", {"token": "notebook"}, "may do everything"),)

    def error_response(self, reason: ErrorReason, status: int | None) -> Response:
        return error(status or {"rate_limit": 429, "expired_token": 401}[reason], reason)


def error(status: int, detail: str) -> Response:
    return Response.json({"detail": detail}, status)


def as_object(value: Json) -> JsonObject:
    assert isinstance(value, dict)
    return value


def source(create: Callable[[World], Notebook] = Notebook) -> dict[str, Source]:
    return {"notebook": Source(create, lambda flavour: Description(DOCUMENT))}


def notebook_sandbox(create: Callable[[World], Notebook] = Notebook) -> Sandbox:
    return Sandbox(platforms=source(create))
