"""Responses of a real RapidPro 9, compared with the sandbox: the same request, the same error.

`captures.json` holds the requests to that server and its responses; `<contact>` and the like stand for objects that
existed there. Where the newer server, which the sandbox imitates, is known to respond otherwise, the difference is
listed below.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Request

from tests.conftest import ROOT
from tests.sandbox.rapidpro.caller import PREFIX, Caller

CAPTURES = json.loads((Path(__file__).parent / "captures.json").read_text("utf-8"))
PAGES = {
    path.name.partition("-")[0]: json.loads(path.read_text("utf-8"))["response"]["body"]
    for path in sorted((ROOT / "tests/captures/rapidpro").glob("*-GET-1.json"))
}
ROWS = {name: page["results"] for name, page in PAGES.items() if "results" in page}
"""The first page of every list on that server."""

ONLY_NEWER = {
    "archives": {"type"},
    "broadcasts": {"uuid", "progress", "quick_replies"},
    "channels": {"type"},
    "contacts": {"notes"},
    "flow_starts": {"progress"},
    "messages": {"uuid", "quick_replies"},
    "users": {"uuid", "name", "team", "avatar"},
}
"""The fields that the newer server has besides."""

DIFFERENT = {
    "archives-GET-5": "surveyors exist only on RapidPro 9",
    "contacts-POST-1": "surveyors exist only on RapidPro 9",
    "contacts-POST-7": "the newer server says which of the URNs is taken, by its place",
    "contacts-POST-13": "RapidPro 9 does not look at the form of a UUID here",
    "flow_starts-GET-3": "RapidPro 9 words it differently",
}
ACCOUNTS = {
    "Token <admin>": "administrator",
    "Token <demoted>": "agent",
    "Token <org2-anon>": "anonymous",
    "Token <org3-empty>": "empty",
    "Token <org4-suspended>": "suspended",
}


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture["name"])
def test_the_sandbox_responds_as_the_real_server_did(sandbox: Sandbox, capture: dict[str, Any]) -> None:
    sent, wanted = _translate(sandbox, capture)
    response = sandbox.respond(sent)
    shown = json.loads(response.body) if response.body else None

    is_same = (response.status, shown) == (capture["status"], wanted)
    assert is_same != (capture["name"] in DIFFERENT), (response.status, shown)


@pytest.mark.parametrize("name", ROWS)
def test_a_list_has_the_fields_and_types_of_the_real_server(sandbox: Sandbox, api: Caller, name: str) -> None:
    api.create("broadcasts", text="Tea?", urns=["tel:+250788123001"])
    sandbox.seed_data("rapidpro", {"contacts": 250, "messages": 250, "runs": 250})
    captured, ours = _types(ROWS[name]), _types(api.rows(name))

    assert ours.keys() == captured.keys() | ONLY_NEWER.get(name, set())
    assert {field: ours[field] for field, types in captured.items() if types and not ours[field] <= types} == {}


def _types(rows: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Return the types of the fields of some rows; none where all are null."""
    return {field: {type(row[field]).__name__ for row in rows if row[field] is not None} for field in rows[0]}


def _translate(sandbox: Sandbox, capture: dict[str, Any]) -> tuple[Request, Any]:
    """Return the request in terms of what exists here, and the response that is to come."""
    texts = json.dumps([capture["path"], capture["body"], capture["answer"]])
    for name, uuid in _objects(sandbox).items():
        texts = texts.replace(name, uuid)
    path, body, shown = json.loads(texts)
    parts = urlsplit(path)
    headers = {"Accept": capture["accept"], "Authorization": _authorization(sandbox, capture["authorization"])}
    if body is not None:
        headers["Content-Type"] = "application/json"
    query = parse_qsl(parts.query, keep_blank_values=True)
    data = b"" if body is None else json.dumps(body).encode()
    return Request(capture["method"], PREFIX + parts.path, query, headers, data), shown


def _authorization(sandbox: Sandbox, captured: str) -> str:
    if captured in ACCOUNTS:
        return f"Token {Caller.of(sandbox, ACCOUNTS[captured]).token}"
    scheme, _, email = captured.partition(" ")
    if scheme == "Basic":
        token = Caller.of(sandbox, "administrator").token
        return "Basic " + base64.b64encode(f"{email}:{token}".encode()).decode()
    return captured


def _objects(sandbox: Sandbox) -> dict[str, str]:
    """Make what existed on the real server, and return the UUIDs."""
    api = Caller.of(sandbox, "administrator")
    deleted = api.create("contacts", name="Gone")["uuid"]
    api.call("DELETE", "contacts", uuid=deleted)
    api.create("labels", name="Spam")
    api.create("topics", name="Food 2")
    return {
        "<contact>": api.create("contacts", urns=["tel:+250788123001"])["uuid"],
        "<deleted contact>": deleted,
        "<flow>": next(flow["uuid"] for flow in api.rows("flows") if not flow["archived"]),
        "<system group>": next(group["uuid"] for group in api.rows("groups") if group["system"]),
        "<campaign>": api.rows("campaigns")[0]["uuid"],
        "<ticket>": api.rows("tickets")[0]["uuid"],
    }
