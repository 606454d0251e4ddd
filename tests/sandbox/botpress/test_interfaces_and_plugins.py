"""Interfaces, plugins, and plugins whose loans from interfaces are resolved."""

from __future__ import annotations

from typing import Any

from tests.sandbox.botpress.caller import Caller

INTERFACES = "/v1/admin/interfaces"
PLUGINS = "/v1/admin/plugins"
HUB = "/v1/admin/hub"
CODE = {"node": "exports.a = 1", "browser": "export {}"}
ITEM = {"schema": {"type": "object", "properties": {"item": {"$ref": "item"}}}}


def make_interface(api: Caller, **body: Any) -> Any:
    """Make an interface that deals in items."""
    parts = {"entities": {"item": {"schema": {"type": "object"}}}, "actions": {"find": {"input": ITEM, "output": ITEM}}}
    return api.post(INTERFACES, name="shelf", version="1.0.0", **parts, **body)["interface"]


def make_plugin(api: Caller, **body: Any) -> Any:
    """Make a plugin."""
    return api.post(PLUGINS, **{"name": "clerk", "version": "1.0.0", "code": CODE, **body})["plugin"]


def test_an_interface_is_made_found_changed_and_deleted(api: Caller) -> None:
    made = make_interface(api)
    path = f"{INTERFACES}/{made['id']}"
    template = {"script": "{{ item }}", "language": "handlebars"}
    changed = api.put(path, title="Shelf", actions={"find": None}, nameTemplate=template)["interface"]
    kept = api.get(path)["interface"]
    listed = api.get(INTERFACES, name="shelf")["interfaces"]
    by_name = api.get(f"{INTERFACES}/shelf/latest")["interface"]
    api.delete(path)

    assert (changed["title"], changed["actions"], changed["nameTemplate"]) == ("Shelf", {}, template)
    assert [row["id"] for row in listed] == [made["id"]]
    assert by_name == kept == changed
    api.error("ResourceNotFound", "GET", path)


def test_what_is_public_does_not_change(api: Caller) -> None:
    interface, plugin = make_interface(api, public=True), make_plugin(api, visibility="unlisted")

    api.error("BreakingChanges", "PUT", f"{INTERFACES}/{interface['id']}", {"title": "New"})
    api.error("BreakingChanges", "PUT", f"{PLUGINS}/{plugin['id']}", {"title": "New"})
    assert api.get(f"{INTERFACES}/{interface['id']}") == {"interface": interface}


def test_a_plugin_is_made_found_changed_and_deleted(api: Caller) -> None:
    made = make_plugin(api, user={"tags": {"plan": {}}}, configuration={"schema": {"type": "object"}})
    path = f"{PLUGINS}/{made['id']}"
    changed = api.put(path, user={"tags": {"plan": None, "city": {}}}, code={"node": "2"}, title="Clerk")["plugin"]
    codes = [api.get(f"{path}/code/{platform}")["code"] for platform in ("node", "browser")]
    kept = api.get(path)["plugin"]
    listed = api.get(PLUGINS, name="clerk", version="1.0.0")["plugins"]
    by_name = api.get(f"{PLUGINS}/clerk/^1.0.0")["plugin"]
    api.delete(path)

    assert set(changed["user"]["tags"]) == {"city"}
    assert codes == ["2", "export {}"]
    assert [row["id"] for row in listed] == [made["id"]]
    assert by_name == kept == changed
    api.error("InvalidQuery", "GET", f"{PLUGINS}/{made['id']}/code/toaster")
    api.error("ResourceNotFound", "GET", path)


def test_the_needs_of_a_plugin_are_found_by_id_or_by_name_and_range(api: Caller) -> None:
    interface = make_interface(api)
    by_name = make_plugin(api, dependencies={"interfaces": {"shelf": {"name": "shelf", "version": "^1.0.0"}}})
    integrations = {"telegram": {"name": "telegram"}}
    changed = api.put(
        f"{PLUGINS}/{by_name['id']}", dependencies={"interfaces": {"shelf": None}, "integrations": integrations}
    )["plugin"]

    needed = {"id": interface["id"], "name": "shelf", "version": "1.0.0"}
    assert by_name["dependencies"] == {"interfaces": {"shelf": needed}, "integrations": {}}
    assert changed["dependencies"]["interfaces"] == {}
    assert changed["dependencies"]["integrations"]["telegram"]["version"] == "1.0.0"
    body = {"name": "other", "version": "1.0.0", "code": CODE}
    unknown = {"dependencies": {"interfaces": {"shelf": {"name": "shelf", "version": "^2.0.0"}}}}
    api.error("ReferenceNotFound", "POST", PLUGINS, {**body, **unknown})
    api.error("InvalidPayload", "POST", PLUGINS, {**body, "dependencies": {"interfaces": {"shelf": {}}}})


def test_a_plugin_comes_to_need_another_interface(api: Caller) -> None:
    first = make_interface(api)
    second = api.post(INTERFACES, name="rack", version="1.0.0")["interface"]
    made = make_plugin(api, dependencies={"interfaces": {"shelf": {"id": first["id"]}}})
    changed = api.put(f"{PLUGINS}/{made['id']}", dependencies={"interfaces": {"shelf": {"id": second["id"]}}})["plugin"]

    assert made["dependencies"]["interfaces"]["shelf"]["name"] == "shelf"
    assert changed["dependencies"]["interfaces"]["shelf"]["name"] == "rack"


def test_a_plugin_is_published_by_either_property(api: Caller) -> None:
    made, other = make_plugin(api, public=True), make_plugin(api, name="waiter")
    changed = api.put(f"{PLUGINS}/{other['id']}", public=True)["plugin"]

    assert [(one["public"], one["visibility"]) for one in (made, changed)] == [(True, "public")] * 2


def resolvable(api: Caller) -> tuple[Any, str]:
    """Return a public plugin that borrows an entity, and a public integration that provides it."""
    interface = make_interface(api, public=True)
    integration = api.post(
        "/v1/admin/integrations",
        name="books",
        version="1.0.0",
        entities={"book": {"schema": {"type": "object", "title": "Book"}}},
        actions={"find": {"input": {"schema": {}}, "output": {"schema": {}}}},
        interfaces={"shelf": {"id": interface["id"], "entities": {"item": {"name": "book"}}}},
        visibility="public",
    )["integration"]
    needs = {"interfaces": {"shelf": {"id": interface["id"]}}}
    plugin = make_plugin(
        api, actions={"lend": {"input": ITEM, "output": ITEM}}, dependencies=needs, visibility="public"
    )
    return plugin, integration["id"]


def test_a_resolved_plugin_names_what_provides_its_needs(api: Caller) -> None:
    plugin, integration = resolvable(api)
    own = api.get(f"{PLUGINS}/{plugin['id']}/dereferenced", interfaces={"shelf": integration})["plugin"]
    public = api.get(f"{HUB}/plugins/{plugin['id']}/dereferenced", interfaces={"shelf": integration})["plugin"]

    assert plugin["actions"]["lend"]["input"] == ITEM
    resolved = {"schema": {"type": "object", "properties": {"item": {"type": "object", "title": "Book"}}}}
    assert own["actions"]["lend"] == {"input": resolved, "output": resolved}
    assert public == own
    telegram = api.get("/v1/admin/integrations", name="telegram")["integrations"][0]["id"]
    path = f"{PLUGINS}/{plugin['id']}/dereferenced"
    api.error("InvalidQuery", "GET", path, interfaces={"other": integration})
    api.error("InvalidQuery", "GET", path, interfaces={"shelf": telegram})
    api.error("ResourceNotFound", "GET", path, interfaces={"shelf": "intver_none"})


def test_the_hub_shows_what_is_public_to_everyone(api: Caller) -> None:
    plugin, integration = resolvable(api)
    api.post("/v1/admin/integrations", name="hidden", version="1.0.0", visibility="unlisted")
    make_plugin(api, name="private")
    guest = Caller.of(api.sandbox, "stranger").with_headers(x_workspace_id=None, x_bot_id=None)
    listed = guest.get(f"{HUB}/integrations", sortBy="name", direction="asc")["integrations"]
    first = guest.get(f"{HUB}/integrations/{integration}")["integration"]
    second = guest.get(f"{HUB}/integrations/books/latest")["integration"]
    interface = guest.get(f"{HUB}/interfaces", name="shelf")["interfaces"][0]["id"]

    assert [row["name"] for row in listed] == ["books", "telegram"]
    assert [row["meta"]["installs"] for row in listed] == [0, 1]
    assert (first["meta"], second["meta"]) == ({"installs": 0, "views": 1}, {"installs": 0, "views": 2})
    assert first["ownerWorkspace"]["name"] == "Sandbox"
    assert [row["name"] for row in guest.get(f"{HUB}/plugins")["plugins"]] == ["clerk", "handoff"]
    assert guest.get(f"{HUB}/plugins/{plugin['id']}") == guest.get(f"{HUB}/plugins/clerk/latest")
    assert guest.get(f"{HUB}/plugins/{plugin['id']}/code/node") == {"code": CODE["node"]}
    assert guest.get(f"{HUB}/interfaces/{interface}") == guest.get(f"{HUB}/interfaces/shelf/1.0.0")
    assert guest.get(f"{HUB}/integrations/hidden/1.0.0")["integration"]["visibility"] == "unlisted"
    guest.error("ResourceNotFound", "GET", f"{HUB}/plugins/private/1.0.0")


LIVES = (
    test_an_interface_is_made_found_changed_and_deleted,
    test_a_plugin_is_made_found_changed_and_deleted,
    test_a_resolved_plugin_names_what_provides_its_needs,
    test_the_hub_shows_what_is_public_to_everyone,
)
