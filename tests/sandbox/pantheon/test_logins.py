"""Logins."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.pantheon.caller import Caller
from tests.sandbox.pantheon.resources import CREDENTIALS, address, conversation, login


def get(api: Caller, made: Any) -> Any:
    return api.ok("logins/getLogin", login_id=made["id"])


@pytest.mark.parametrize("channel_type", CREDENTIALS)
def test_a_login_is_asked_for_by_a_message_over_any_channel(api: Caller, channel_type: str) -> None:
    talk = conversation(api, channel_type)
    made = login(api, talk["id"], metadata={"a": "1"})
    sent = api.ok("messages/getMessage", message_id=made["message_id"])

    assert (made["status"], made["scopes"], made["identity"], made["redirect_url"]) == ("pending", [], None, None)
    assert made["text"] == "Tap to log in to Example Shop."
    assert sent["content"] == {"type": "login_request", "login_id": made["id"], "text": made["text"]}


@pytest.mark.parametrize(
    ("language", "text"),
    [("fr-CA", "Appuie pour te connecter à Example Shop."), ("sw", "Tap to log in to Example Shop.")],
)
def test_the_invitation_is_in_the_language_of_the_contact(api: Caller, language: str, text: str) -> None:
    talk = conversation(api)
    api.ok("contacts/updateContact", contact_id=talk["contact_id"], language=language)

    assert login(api, talk["id"])["text"] == text
    assert login(api, talk["id"], text="Come in")["text"] == "Come in"


def test_an_approved_login_proves_the_identity_on_its_channel(api: Caller) -> None:
    talk = conversation(api, "whatsapp", "email")
    made = login(api, talk["id"], redirect_url="https://shop.example/welcome?a=1#top")
    outcome = api.control("approve_login", login_id=made["id"])
    approved, contact_of_login = outcome["login"], api.ok("contacts/getContact", contact_id=talk["contact_id"])

    assert (approved["status"], approved["decided_at"]) == ("approved", approved["updated_at"])
    assert approved["identity"] == {
        "contact_id": contact_of_login["id"],
        "channel_type": "whatsapp",
        "address": contact_of_login["identities"][0]["address"],
        **dict.fromkeys(("name", "language", "phone", "email")),
    }
    assert [item["verified_at"] for item in contact_of_login["identities"]] == [approved["decided_at"], None]
    assert outcome["sent_to"] == f"https://shop.example/welcome?a=1&login_id={made['id']}#top"
    assert get(api, made) == approved


def test_scopes_decide_what_else_is_known(api: Caller) -> None:
    talk = conversation(api, "webchat", "sms", "email")
    made = login(api, talk["id"], scopes=["profile", "phone", "email"])
    identity = api.control("approve_login", login_id=made["id"])["login"]["identity"]
    addresses = {
        item["channel_type"]: item["address"]
        for item in api.ok("contacts/getContact", contact_id=talk["contact_id"])["identities"]
    }

    assert (identity["name"], identity["language"]) == ("Amina", "en")
    assert (identity["phone"], identity["email"]) == (addresses["sms"], addresses["email"])
    assert get(api, made)["identity"] == api.items("logins/listLogins")[0]["identity"] == identity
    assert identity["address"] == addresses["webchat"]


def test_what_the_platform_does_not_know_is_null(api: Caller) -> None:
    made = login(api, conversation(api, "webchat")["id"], scopes=["phone", "email"])
    identity = api.control("approve_login", login_id=made["id"])["login"]["identity"]

    assert (identity["phone"], identity["email"]) == (None, None)


def test_a_denied_login_proves_nothing(api: Caller) -> None:
    talk = conversation(api)
    outcome = api.control("deny_login", login_id=login(api, talk["id"])["id"])

    assert (outcome["login"]["status"], outcome["login"]["identity"], outcome["sent_to"]) == ("denied", None, None)
    contact_of_login = api.ok("contacts/getContact", contact_id=talk["contact_id"])
    assert contact_of_login["identities"][0]["verified_at"] is None


@pytest.mark.parametrize(("given", "seconds"), [({}, 600), ({"expires_in": 60}, 60), ({"expires_in": 3600}, 3600)])
def test_a_request_expires_and_an_approved_login_does_not(api: Caller, given: dict[str, int], seconds: int) -> None:
    talk = conversation(api)
    made, approved = login(api, talk["id"], **given), login(api, talk["id"], **given)
    api.control("approve_login", login_id=approved["id"])
    api.advance(seconds=seconds - 1)
    before = get(api, made)["status"]
    api.advance(seconds=1)

    assert (before, get(api, made)["status"]) == ("pending", "expired")
    assert get(api, approved)["status"] == "approved"


def in_state(api: Caller, state: str) -> Any:
    """Return a login in a state."""
    made = login(api, conversation(api)["id"])
    if state in ("approved", "revoked"):
        api.control("approve_login", login_id=made["id"])
    if state == "denied":
        api.control("deny_login", login_id=made["id"])
    if state == "revoked":
        api.ok("logins/revokeLogin", login_id=made["id"])
    if state == "expired":
        api.advance(minutes=10)
    assert get(api, made)["status"] == state
    return made


ARROWS = {
    "pending": {"approve": "approved", "deny": "denied", "revoke": "revoked", "wait": "expired"},
    "approved": {"revoke": "revoked", "log out": "revoked"},
    **{key: dict[str, str]() for key in ("denied", "expired", "revoked")},
}
CONTROLS = {"approve": "approve_login", "deny": "deny_login", "log out": "log_out"}


@pytest.mark.parametrize("move", ["approve", "deny", "revoke", "log out", "wait"])
@pytest.mark.parametrize("state", ARROWS)
def test_a_login_moves_along_its_arrows_and_no_others(api: Caller, state: str, move: str) -> None:
    made = in_state(api, state)
    before, outcome, body = get(api, made), ARROWS[state].get(move), {"login_id": made["id"]}
    if move == "wait":
        api.advance(hours=1)
    elif move == "revoke" and outcome:
        api.ok("logins/revokeLogin", **body)
    elif move == "revoke":
        assert api.field_errors("logins/revokeLogin", **body) == ["login_id"]
    elif outcome:
        api.control(CONTROLS[move], **body)
    else:
        assert api.rejected_argument(CONTROLS[move], **body) == "login_id"
    after = get(api, made)

    assert after["status"] == (outcome or state)
    assert outcome or after == before


def test_a_revoked_login_forgets_the_identity_but_not_the_decision(api: Caller) -> None:
    revoked = get(api, in_state(api, "revoked"))

    assert revoked["identity"] is None
    assert revoked["decided_at"] < revoked["revoked_at"] == revoked["updated_at"]


def test_a_login_cannot_be_approved_at_an_address_that_was_taken_away(api: Caller) -> None:
    talk = conversation(api, "whatsapp")
    made = login(api, talk["id"])
    api.ok("conversations/closeConversation", conversation_id=talk["id"])
    api.ok("contacts/unlinkIdentity", contact_id=talk["contact_id"], channel_type="whatsapp")

    assert api.rejected_argument("approve_login", login_id=made["id"]) == "login_id"

    new = {"contact_id": talk["contact_id"], "channel_type": "whatsapp", "address": address("whatsapp")}
    api.ok("contacts/linkIdentity", **new)
    assert api.rejected_argument("approve_login", login_id=made["id"]) == "login_id"


def test_logins_are_found_by_what_they_are(api: Caller) -> None:
    talk = conversation(api)
    first, second = login(api, talk["id"]), login(api, talk["id"])
    api.control("deny_login", login_id=first["id"])
    of_talk = {"conversation_id": talk["id"], "contact_id": talk["contact_id"]}

    assert api.ids("logins/listLogins", **of_talk) == [second["id"], first["id"]]
    assert api.ids("logins/listLogins", **of_talk, status="denied") == [first["id"]]


def test_an_unknown_login_is_a_404(api: Caller) -> None:
    for method in ("getLogin", "revokeLogin"):
        assert api.is_missing(f"logins/{method}", login_id="login_nothing")
    assert api.is_missing("logins/requestLogin", conversation_id="conv_nothing")


def life(api: Caller) -> None:
    """Call every method of the namespace."""
    made = login(api, conversation(api)["id"])
    get(api, made)
    api.ok("logins/listLogins")
    api.ok("logins/revokeLogin", login_id=made["id"])
