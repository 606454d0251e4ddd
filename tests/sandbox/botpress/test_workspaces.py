"""Workspaces, their public profiles, their members and what was done in them."""

from __future__ import annotations

import pytest

from tests.sandbox.botpress.caller import Caller

WORKSPACES = "/v1/admin/workspaces"
MEMBERS = "/v1/admin/workspace-members"


def join(api: Caller, role: str, email: str = "ben@example.com") -> Caller:
    """Add somebody to the workspace; return them."""
    api.post(MEMBERS, email=email, role=role)
    token = api.control("sign_up", email=email)["token"]
    return api.with_headers(Authorization=f"Bearer {token}")


def test_a_workspace_is_made_changed_moved_to_v4_and_deleted(api: Caller) -> None:
    made = api.post(WORKSPACES, name="Second")
    path = f"{WORKSPACES}/{made['id']}"
    changed = api.put(path, about="To try.", socialAccounts=["https://social.example.com/us"], spendingLimit=50)
    api.post(f"{path}/migrate-to-v4")
    kept = api.get(path)
    listed = api.get(WORKSPACES)["workspaces"]
    api.delete(path)

    assert (made["plan"], made["billingVersion"], made["botCount"], made["blocked"]) == ("community", "v3", 0, False)
    assert (changed["about"], changed["spendingLimit"]) == ("To try.", 50)
    assert kept == {**changed, "billingVersion": "v4", "updatedAt": kept["updatedAt"]}
    assert [workspace["name"] for workspace in listed] == ["Second", "Sandbox"]
    api.error("Forbidden", "GET", path)


def test_workspaces_are_listed_page_by_page(api: Caller) -> None:
    ids = [api.post(WORKSPACES, name=name)["id"] for name in "abc"]

    assert {row["id"] for row in api.iterate(WORKSPACES, "workspaces", pageSize=2)} >= set(ids)
    assert len(api.get(WORKSPACES, pageSize=2)["workspaces"]) == 2


def test_a_workspace_at_v4_cannot_be_moved_there(api: Caller) -> None:
    made = api.post(WORKSPACES, name="Second", billingVersion="v4")

    assert made["billingVersion"] == "v4"
    api.error("AlreadyExists", "POST", f"{WORKSPACES}/{made['id']}/migrate-to-v4", {})


def test_a_workspace_with_bots_is_not_deleted(api: Caller) -> None:
    api.error("ReferenceConstraint", "DELETE", f"{WORKSPACES}/{api.headers['x-workspace-id']}")


def test_a_workspace_is_found_by_its_handle_which_nobody_else_can_have(api: Caller) -> None:
    second = api.post(WORKSPACES, name="Second")
    api.put(f"{WORKSPACES}/{second['id']}", handle="second")
    found = api.get(WORKSPACES, handle="second")["workspaces"]
    taken = api.put(f"{WORKSPACES}/handle-availability", handle="second")
    free = api.put(f"{WORKSPACES}/handle-availability", handle="third")

    assert [workspace["id"] for workspace in found] == [second["id"]]
    assert taken == {
        "available": False,
        "suggestions": ["second-2", "second-3", "second-4"],
        "usedBy": second["id"],
    }
    assert free == {"available": True, "suggestions": []}
    own = f"{WORKSPACES}/{api.headers['x-workspace-id']}"
    api.error("AlreadyExists", "PUT", own, {"handle": "second"})
    api.error("InvalidPayload", "PUT", own, {"handle": "No!"})


def test_only_public_profiles_are_shown_to_everyone(api: Caller) -> None:
    private = api.post(WORKSPACES, name="Second")["id"]
    stranger = Caller.of(api.sandbox, "stranger")
    profile = stranger.get(f"{WORKSPACES}/{api.headers['x-workspace-id']}/public")
    listed = stranger.get(f"{WORKSPACES}/public")["workspaces"]
    found = stranger.get(f"{WORKSPACES}/public", search="SAND", workspaceIds=[profile["id"], private])["workspaces"]

    assert "plan" not in profile
    assert [workspace["name"] for workspace in listed] == ["Elsewhere", "Sandbox"]
    assert found == [profile]
    stranger.error("ResourceNotFound", "GET", f"{WORKSPACES}/{private}/public")


def test_a_workspace_of_others_is_closed(api: Caller) -> None:
    stranger = Caller.of(api.sandbox, "stranger")
    path = f"{WORKSPACES}/{api.headers['x-workspace-id']}"

    stranger.error("Forbidden", "GET", path)
    stranger.error("Forbidden", "PUT", path, {"name": "Mine"})
    stranger.error("Forbidden", "GET", f"{path}/audit-records")
    stranger.with_headers(x_workspace_id=api.headers["x-workspace-id"]).error("Forbidden", "GET", MEMBERS)


def test_members_are_added_given_roles_and_removed(api: Caller) -> None:
    made = api.post(MEMBERS, email="ben@example.com", role="viewer", sendEmail=False)
    changed = api.put(f"{MEMBERS}/{made['id']}", role="developer")
    listed = api.get(MEMBERS)["members"]
    own = api.get(f"{MEMBERS}/me")
    api.delete(f"{MEMBERS}/{made['id']}")

    assert "userId" not in made
    assert changed == {**made, "role": "developer"}
    assert listed == [changed, own]
    assert own["role"] == "owner"
    assert api.get(MEMBERS)["members"] == [own]
    api.error("AlreadyExists", "POST", MEMBERS, {"email": own["email"], "role": "viewer"})


def test_a_new_member_who_has_an_account_is_shown_with_its_picture(api: Caller) -> None:
    stranger, account = Caller.of(api.sandbox, "stranger"), "/v1/admin/account/me"
    picture = "https://example.com/eve.png"
    known = stranger.put(account, profilePicture=picture)["account"]
    made = api.post(MEMBERS, email=known["email"], role="viewer")
    own = stranger.with_headers(x_workspace_id=api.headers["x-workspace-id"]).get(f"{MEMBERS}/me")

    assert (made["userId"], made["profilePicture"]) == (known["id"], picture)
    assert own == made


def test_there_is_one_owner_who_can_hand_the_workspace_over_and_cannot_leave(api: Caller) -> None:
    ben = join(api, "manager")
    me, other = api.get(f"{MEMBERS}/me")["id"], ben.get(f"{MEMBERS}/me")["id"]
    invited = api.post(MEMBERS, email="eric@example.com", role="viewer")["id"]
    ben.error("Forbidden", "PUT", f"{MEMBERS}/{other}", {"role": "owner"})
    api.error("Forbidden", "PUT", f"{MEMBERS}/{invited}", {"role": "owner"})
    api.error("Forbidden", "POST", MEMBERS, {"email": "new@example.com", "role": "owner"})
    api.error("Forbidden", "PUT", f"{MEMBERS}/{me}", {"role": "viewer"})
    api.error("ReferenceConstraint", "DELETE", f"{MEMBERS}/{me}")
    api.put(f"{MEMBERS}/{other}", role="owner")

    assert ben.get(f"{MEMBERS}/me")["role"] == "owner"
    assert api.get(f"{MEMBERS}/me")["role"] == "administrator"
    assert (
        api.get(f"{WORKSPACES}/{api.headers['x-workspace-id']}")["ownerId"]
        == ben.get("/v1/admin/account/me")["account"]["id"]
    )


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("viewer", ()),
        ("billing", ("pay",)),
        ("developer", ("build",)),
        ("manager", ("build", "manage")),
        ("administrator", ("build", "manage", "pay", "administer")),
    ],
)
def test_each_role_may_do_what_its_name_says(api: Caller, role: str, may: tuple[str, ...]) -> None:
    member, workspace = join(api, role), f"{WORKSPACES}/{api.headers['x-workspace-id']}"
    attempts = {
        "build": ("POST", "/v1/admin/bots", {"name": "New"}),
        "manage": ("POST", MEMBERS, {"email": "new@example.com", "role": "viewer"}),
        "pay": ("POST", "/v2/billing/payment-methods/intent", {}),
        "administer": ("PUT", workspace, {"about": "Ours"}),
        "own": ("DELETE", workspace, {}),
    }
    statuses = {right: member.call(*attempt).status for right, attempt in attempts.items()}

    assert statuses == {right: 200 if right in may else 403 for right in attempts}
    assert member.get("/v1/admin/bots")["bots"]
    assert member.get("/v2/billing/subscriptions")


def test_what_is_done_in_a_workspace_is_written_down(api: Caller) -> None:
    path = f"{WORKSPACES}/{api.headers['x-workspace-id']}"
    bot = api.post("/v1/admin/bots", name="Short-lived", code="1")["bot"]
    api.put(path, spendingLimit=30)
    api.put("/v1/admin/quotas/ai-spend", monthlySpendingLimit=7)
    api.delete(f"/v1/admin/bots/{bot['id']}")
    records = api.iterate(f"{path}/audit-records", "records", pageSize=2)

    assert [record["action"] for record in records] == [
        *("DELETE_BOT", "SET_AI_SPENDING_LIMIT", "SET_SPENDING_LIMIT", "DEPLOY_BOT", "CREATE_BOT", "CREATE_BOT"),
        "CREATE_WORKSPACE",
    ]
    assert (records[0]["resourceId"], records[0]["resourceName"]) == (bot["id"], "Short-lived")
    assert (records[1]["value"], records[0]["userEmail"]) == ("7", "ada@example.com")


def test_the_quota_of_members_can_be_used_up(api: Caller) -> None:
    api.control("set_quota", feature="collaborator_count", value=1)

    api.error("QuotaExceeded", "POST", MEMBERS, {"email": "ben@example.com", "role": "viewer"})


def test_a_blocked_workspace_makes_nothing_new(api: Caller) -> None:
    api.control("block_workspace")
    blocked = api.get(f"{WORKSPACES}/{api.headers['x-workspace-id']}")["blocked"]

    assert blocked is True
    api.error("PaymentRequired", "POST", "/v1/admin/bots", {})
    api.error("PaymentRequired", "POST", "/v2/billing/trials", {"plan": "team", "lengthInDays": 7})
    api.error("PaymentRequired", "POST", MEMBERS, {"email": "new@example.com", "role": "viewer"})
    api.control("block_workspace", is_blocked=False)
    api.post("/v1/admin/bots")


LIVES = (
    test_a_workspace_is_made_changed_moved_to_v4_and_deleted,
    test_a_workspace_is_found_by_its_handle_which_nobody_else_can_have,
    test_only_public_profiles_are_shown_to_everyone,
    test_members_are_added_given_roles_and_removed,
    test_what_is_done_in_a_workspace_is_written_down,
)
