"""Parallel test runs against one server."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
import trilogue
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import ControlError, Fault, Sandbox
from trilogue_sandbox.kernel.clock import START

from .notebook import TOKEN

URL = "http://127.0.0.1:8000/tenants/{}/notebook/v1/notes"


@pytest.fixture
def http(sandbox: Sandbox) -> httpx.Client:
    return httpx.Client(transport=sandbox.transport(), headers=TOKEN)


def test_tenants_have_a_state_of_their_own(sandbox: Sandbox, http: httpx.Client) -> None:
    for name in ("ci-1", "ci-2"):
        assert http.post(URL.format(name), json={"text": f"of {name}"}).status_code == 201

    for name in ("ci-1", "ci-2"):
        notes = http.get(URL.format(name)).json()["notes"]
        assert [note["text"] for note in notes] == ["Welcome", f"of {name}"]
        assert [entry.path for entry in sandbox.tenant(name).journal.entries] == ["/notebook/v1/notes"] * 2
    assert sandbox.journal.entries == ()
    assert sandbox.tenants.names == ("ci-1", "ci-2")


def test_a_tenant_has_a_clock_and_faults_of_its_own(sandbox: Sandbox, http: httpx.Client) -> None:
    control = "http://127.0.0.1:8000/tenants/ci-1/__sandbox__"
    http.post(f"{control}/clock", json={"advance": 3600})
    http.post(f"{control}/faults", json={"type": "status"})

    assert http.get(URL.format("ci-1")).status_code == 503
    assert http.get(URL.format("ci-2")).status_code == 200
    assert sandbox.tenant("ci-1").now() > sandbox.now() + timedelta(hours=1)


def test_a_tenant_begins_with_what_the_sandbox_holds_but_without_its_faults(
    sandbox: Sandbox, client: httpx.Client, http: httpx.Client
) -> None:
    client.post("/notes", json={"text": "of all"})
    sandbox.faults.add(Fault("status"))
    sandbox.advance(timedelta(days=1))

    assert len(http.get(URL.format("ci-1")).json()["notes"]) == 2
    assert sandbox.tenant("ci-1").now() > START + timedelta(days=1)


@pytest.mark.parametrize("name", PLATFORMS)
def test_clients_reach_a_tenant_by_their_host(name: str) -> None:
    info = PLATFORMS[name]
    with Sandbox() as sandbox, sandbox.serve() as address:
        given = {k: v for k, v in sandbox.accounts(name)[0].credentials.items() if k in info.variables}
        for host in (sandbox.url(name, f"{address}/tenants/ci-1"), f"{address}/tenants/ci-1"):
            with getattr(trilogue, info.client)(**given, host=host) as client:
                lists = getattr(client, {"rapidpro": "contacts"}.get(name, "conversations"))
                assert next(iter(lists.list()))
        paths = [entry.path for entry in sandbox.tenant("ci-1").journal.entries]

    assert paths
    assert sandbox.journal.entries == ()


def test_a_link_in_a_response_leads_back_to_the_tenant() -> None:
    with Sandbox() as sandbox, httpx.Client(transport=sandbox.transport()) as client:
        url = "http://127.0.0.1:8000/tenants/ci-1/rapidpro/api/v2/"
        page = client.get(url, headers={"Accept": "application/json"}).json()

    assert page["contacts"] == f"{url}contacts"


def test_tenants_are_listed_and_closed(sandbox: Sandbox, control: httpx.Client, http: httpx.Client) -> None:
    for name in ("a", "b", "c"):
        http.post(URL.format(name), json={"text": "x"})
    assert control.get("/tenants").json() == {"tenants": ["a", "b", "c"]}

    control.request("DELETE", "/tenants", json={"name": "a"})
    assert control.get("/tenants").json() == {"tenants": ["b", "c"]}
    assert len(http.get(URL.format("a")).json()["notes"]) == 1
    control.delete("/tenants")

    assert sandbox.tenants.names == ()
    assert control.request("DELETE", "/tenants", json={"name": "a"}).status_code == 400


@pytest.mark.parametrize("name", ["a%2Fb", "%20", "-a", "a" * 65])
def test_what_cannot_be_a_name_is_a_400(http: httpx.Client, name: str) -> None:
    assert http.get(URL.format(name)).json()["field"] == "name"


def test_there_is_a_limit(sandbox: Sandbox) -> None:
    for number in range(200):
        sandbox.tenant(f"ci-{number}")

    with pytest.raises(ControlError, match="close some"):
        sandbox.tenant("one-more")


def test_requests_of_tenants_are_logged_by_their_whole_path(sandbox: Sandbox, http: httpx.Client) -> None:
    paths: list[str] = []
    sandbox.log_requests(lambda entry: paths.append(entry.path))

    http.get(URL.format("ci-1"))
    http.get("http://127.0.0.1:8000/notebook/v1/notes")

    assert paths == ["/tenants/ci-1/notebook/v1/notes", "/notebook/v1/notes"]
