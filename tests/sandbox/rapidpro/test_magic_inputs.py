"""URNs that say what happens, without the control plane."""

from __future__ import annotations

from datetime import timedelta

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller


def send(sandbox: Sandbox, api: Caller, urn: str) -> int:
    """Send a message, let it go its way, and return its number."""
    number: int = api.create("messages", contact=api.create("contacts", urns=[urn])["uuid"], text="Well?")["id"]
    sandbox.advance(timedelta(seconds=6))
    return number


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (0, "delivered"),
        (1, "failed"),
        (2, "queued"),
        (3, "errored"),
        (4, "sent"),
        (5, "delivered"),
        (7, "read"),
        (8, "delivered"),
    ],
)
def test_the_number_says_what_becomes_of_a_message(sandbox: Sandbox, api: Caller, number: int, status: str) -> None:
    sent = send(sandbox, api, f"tel:+1500555{number:04d}")

    assert api.rows("messages", id=sent)[0]["status"] == status


@pytest.mark.parametrize("urn", ["tel:+15005550001", "telegram:15005550001"])
def test_the_digits_are_the_same_in_every_scheme_of_a_channel(sandbox: Sandbox, api: Caller, urn: str) -> None:
    sent = send(sandbox, api, urn)

    assert api.rows("messages", id=sent)[0]["status"] == "failed"


def test_one_contact_opts_out(sandbox: Sandbox, api: Caller) -> None:
    send(sandbox, api, "tel:+15005550005")

    assert api.rows("contacts", urn="tel:+15005550005")[0]["status"] == "stopped"


def test_one_contact_replies(sandbox: Sandbox, api: Caller) -> None:
    send(sandbox, api, "tel:+15005550008")
    (contact,) = api.rows("contacts", urn="tel:+15005550008")
    texts = [row["text"] for row in api.rows("messages", contact=contact["uuid"]) if row["direction"] == "in"]

    assert texts == ["Yes"]


def test_a_contact_who_is_deleted_meanwhile_does_nothing(sandbox: Sandbox, api: Caller) -> None:
    for number in (5, 8):
        contact = api.create("contacts", urns=[f"tel:+1500555{number:04d}"])
        api.create("messages", contact=contact["uuid"], text="Well?")
        sandbox.advance(timedelta(seconds=3))
        assert api.call("DELETE", "contacts", uuid=contact["uuid"]).status == 204
    sandbox.advance(timedelta(seconds=3))

    assert sandbox.drift == ()
