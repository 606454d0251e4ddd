"""The pages for people, and what happens without `.json`."""

from __future__ import annotations

import json

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import PREFIX, Caller

JSON = {"Accept": "application/json"}


def test_an_endpoint_without_suffix_is_its_documentation(sandbox: Sandbox) -> None:
    page = Caller(sandbox).call("GET", f"{PREFIX}/contacts")

    assert (page.status, page.content_type) == (200, "text/html")
    assert b"/contacts.json" in page.body


@pytest.mark.parametrize("account", [None, "administrator"])
def test_a_list_without_suffix_is_empty_json_whatever_the_data(sandbox: Sandbox, account: str | None) -> None:
    caller = Caller.of(sandbox, account) if account else Caller(sandbox)
    by_header = caller.call("GET", f"{PREFIX}/contacts", headers=JSON)
    by_query = caller.call("GET", f"{PREFIX}/contacts", format="json")

    assert (by_header.status, by_header.body) == (by_query.status, by_query.body) == (200, b"[]")


def test_a_write_without_suffix_is_refused_and_nothing_is_written(sandbox: Sandbox, api: Caller) -> None:
    stranger = Caller(sandbox)

    assert json.loads(stranger.call("POST", f"{PREFIX}/labels", {"name": "x"}).body) == {
        "detail": "Authentication credentials were not provided."
    }
    response = api.call("POST", f"{PREFIX}/labels", {"name": "x"})
    assert (response.status, json.loads(response.body)) == (
        403,
        {"detail": "You do not have permission to perform this action."},
    )
    assert api.rows("labels", name="x") == []


def test_the_workspace_without_suffix_is_the_workspace_itself(sandbox: Sandbox, api: Caller) -> None:
    response = api.call("GET", f"{PREFIX}/workspace", headers=JSON)

    assert json.loads(response.body) == api.get("workspace")
    assert Caller(sandbox).call("GET", f"{PREFIX}/workspace", headers=JSON).status == 403


def test_the_root_lists_the_endpoints_for_anyone(sandbox: Sandbox) -> None:
    stranger = Caller(sandbox)
    listed = json.loads(stranger.call("GET", f"{PREFIX}/.json").body)

    assert listed["contacts"] == f"http://127.0.0.1{PREFIX}/contacts"
    assert {"archives", "users", "workspace"} < listed.keys()
    assert json.loads(stranger.call("GET", f"{PREFIX}/", headers=JSON).body) == listed
    assert stranger.call("GET", f"{PREFIX}/").content_type == "text/html"
    assert stranger.call("POST", f"{PREFIX}/.json").status == 405
    assert stranger.call("GET", f"{PREFIX}/.json", headers={"Accept": "text/html"}).status == 406


def test_the_folder_above_leads_to_the_root(sandbox: Sandbox) -> None:
    response = Caller(sandbox).call("GET", "/rapidpro/api/")

    assert (response.status, response.headers["Location"]) == (302, f"{PREFIX}/")
