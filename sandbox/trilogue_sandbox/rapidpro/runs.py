"""Runs: how contacts went through flows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import attrs
import phonenumbers

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import constant, each
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import flow_sessions, incoming
from trilogue_sandbox.rapidpro.arguments import named_contact, named_row
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.exchange import Exchange, Resource
from trilogue_sandbox.rapidpro.flow_definitions import Node
from trilogue_sandbox.rapidpro.lists import at_most_one_of, by_id, by_reference, by_uuid, listing, where, within
from trilogue_sandbox.rapidpro.references import anonymous_display, contact_reference, find_contact_by_uuid, find_flow
from trilogue_sandbox.rapidpro.tables import CONTACTS, FLOW_STARTS, FLOWS, RUNS, URNS
from trilogue_sandbox.rapidpro.views import ApiView

_EXITS = ("completed", "interrupted", "expired", "failed")


def list_runs(exchange: Exchange) -> JsonObject:
    """Handle GET."""
    has_paths = exchange.boolean("paths") is True or not exchange.strings("paths")
    filters = (
        at_most_one_of("contact", "flow"),
        by_uuid,
        by_id,
        _of_flow,
        by_reference("contact", "contact_id", find_contact_by_uuid),
        where("item.responded" if exchange.boolean("responded") else "TRUE"),
        within("modified_on"),
    )
    return listing(RUN if has_paths else _RUN_WITHOUT_PATH, *filters, by_modification=True)(exchange)


def _of_flow(exchange: Exchange, select: Select) -> Select:
    wanted = exchange.uuid("flow")
    flow = find_flow(exchange.context, wanted) if wanted else None
    return select if wanted is None else select.where("item.flow_id = ?", flow["id"] if flow else None)


# -- responses ---------------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False)
class _RunView(ApiView):
    """Shows the contact of a run together with the URN it is reached by."""

    def show(self, context: WorkspaceContext, rows: Sequence[Row]) -> list[JsonObject]:
        documents = super().show(context, rows)
        urns = _first_urns(context, rows)
        for document, row in zip(documents, rows, strict=True):
            if isinstance(contact := document["contact"], dict):
                shown = {**_show_urn(context, urns.get(row["contact_id"])), **_anonymous_names(context, row)}
                document["contact"] = {**contact, **shown}
        return documents


def _first_urns(context: WorkspaceContext, rows: Sequence[Row]) -> dict[int, Row]:
    urns = context.records.select(URNS).among("contact_id", {row["contact_id"] for row in rows})
    return {row["contact_id"]: row for row in urns.all("ORDER BY item.contact_id, item.priority, item.id DESC")}


def _show_urn(context: WorkspaceContext, urn: Row | None) -> JsonObject:
    if urn is None:
        return {"urn": None, "urn_display": None}
    if context.workspace.is_anonymous:
        return {"urn": f"{urn['scheme']}:********", "urn_display": None}
    return {"urn": f"{urn['scheme']}:{urn['path']}", "urn_display": _as_written(urn)}


def _anonymous_names(context: WorkspaceContext, row: Row) -> JsonObject:
    """Return the properties by which the contact of a run is quoted in an anonymous workspace."""
    if not context.workspace.is_anonymous:
        return {}
    names: JsonObject = {
        "ref": contact_reference(row["contact_id"]),
        "anon_display": anonymous_display(context, row["contact_id"]),
    }
    known = context.world.description.properties("RunContact")
    return {name: value for name, value in names.items() if name in known}


def _show_values(context: WorkspaceContext, row: Row) -> Json:
    known = context.world.description.properties("RunValue")
    results: dict[str, JsonObject] = row["results"]
    return {key: {name: result.get(name) for name in known} for key, result in results.items()}


def _as_written(urn: Row) -> str:
    """Return a URN as people write it."""
    if urn["scheme"] != "tel":
        return str(urn["display"] or urn["path"])
    return _national_number(urn["path"])


@lru_cache(maxsize=10_000)
def _national_number(path: str) -> str:
    try:
        number = phonenumbers.parse(path)
    except phonenumbers.NumberParseException:
        return path
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


RUN = _RunView(
    "Run",
    RUNS,
    computed={
        "values": each(_show_values),
        "exit_type": each(lambda context, row: row["status"] if row["status"] in _EXITS else None),
    },
    references={"flow": (FLOWS, "flow_id"), "contact": (CONTACTS, "contact_id"), "start": (FLOW_STARTS, "start_id")},
)
_RUN_WITHOUT_PATH = attrs.evolve(RUN, computed={**RUN.computed, "path": constant(None)})

# -- walkthroughs ------------------------------------------------------------------------------------------------------


def run_flow(world: World, arguments: Fields) -> object:
    """Let a contact begin a flow and answer its questions, with real messages both ways.

    `answers` are what the contact says, one after the other; when there are no more of them the run waits. Without
    `answers` they are made up, until the run is over.
    """
    context = WorkspaceContext.of(world, arguments)
    contact = named_contact(context, arguments)
    if contact["status"] != "active":
        raise ControlError(f"`contact` is {contact['status']} and begins no flow", "contact")
    flow = named_row(context, arguments, "flow", FLOWS)
    urn, answers = _first_urn(context, contact), _read_answers(arguments)
    flow_sessions.start(context, flow["id"], [contact["id"]])
    runs = context.records.select(RUNS, flow_id=flow["id"], contact_id=contact["id"])
    newest = runs.first("ORDER BY item.id DESC")
    assert newest is not None
    while (question := _open_question(context, flow, newest["id"])) is not None and (answers is None or answers):
        text = _made_up_answer(question) if answers is None else answers.pop(0)
        said: JsonObject = {"workspace": context.workspace.uuid, "urn": urn, "text": text}
        incoming.receive(world, attrs.evolve(arguments, values=said))
    return RUN.show_one(context, context.records.get(RUNS, newest["id"]))


def _read_answers(arguments: Fields) -> list[str] | None:
    answers = arguments.optional_strings("answers")
    if answers is not None and len(answers) != len(arguments.items("answers")):
        raise ControlError("`answers` must be a list of strings", "answers")
    return answers


def _first_urn(context: WorkspaceContext, contact: Row) -> str:
    urn = context.records.select(URNS, contact_id=contact["id"]).first("ORDER BY item.priority DESC, item.id")
    if urn is None:
        raise ControlError("`contact` has no URN and so cannot answer", "contact")
    return f"{urn['scheme']}:{urn['path']}"


def _open_question(context: WorkspaceContext, flow: Row, run_id: int) -> Node | None:
    """Return the node at which the run waits; None if it is over."""
    run = context.records.get(RUNS, run_id)
    if run["status"] != "waiting":
        return None
    uuid = run["path"][-1]["node"]
    nodes: list[Node] = flow["definition"]["nodes"]
    return next(node for node in nodes if node["uuid"] == uuid)


def _made_up_answer(question: Node) -> str:
    """Return what fits the first category."""
    cases = question["router"]["cases"]
    if not cases:
        return "Yes"
    return str(cases[0]["arguments"][0]).capitalize() if cases[0]["arguments"] else "34"


RESOURCE = Resource(
    tables=[RUNS],
    operations={"runs_list": list_runs},
    actions={"run_flow": run_flow},
    jobs={"expire_run": flow_sessions.expire_run},
)
