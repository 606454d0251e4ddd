"""Any sequence of creating, deleting and listing: what was deleted is gone, what was not is there.

Tools that look for use after a delete know it by the verb DELETE; here everything is a POST.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from trilogue_sandbox import Sandbox

from tests.sandbox.pantheon.caller import Caller, document
from tests.sandbox.pantheon.test_payments_machine import QUICK
from tests.sandbox.pantheon.things import contact, conversation, file, message, webhook


@attrs.frozen
class Kind:
    """How things of a kind are made, and what their methods and ids are called."""

    make: Callable[[Caller, str], Any]
    noun: str
    field: str

    def method(self, verb: str, ending: str = "") -> str:
        """Return the path of a method: `contacts/listContacts`."""
        return f"{self.noun.lower()}s/{verb}{self.noun}{ending}"


KINDS: Mapping[str, Kind] = {
    "contact": Kind(lambda api, talk: contact(api), "Contact", "contact_id"),
    "message": Kind(lambda api, talk: message(api, talk), "Message", "message_id"),
    "file": Kind(lambda api, talk: file(api), "File", "file_id"),
    "webhook": Kind(lambda api, talk: webhook(api, "https://shop.example/", "otp.failed"), "Webhook", "webhook_id"),
}


class ThingMachine(RuleBasedStateMachine):
    """An empty account in which things come and go."""

    things = Bundle("things")

    def __init__(self, furnished: Sandbox) -> None:
        super().__init__()
        self.sandbox = furnished.copy()
        self.api = Caller.of(self.sandbox, "empty")
        self.conversation = conversation(self.api, "webchat")["id"]
        self.there: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self.there["contact"] = self.api.ids("contacts/listContacts")
        self.keys = 0

    def teardown(self) -> None:
        """Close the sandbox, which must not have met a defect of its own."""
        drift = self.sandbox.drift
        self.sandbox.close()
        assert not drift

    @rule(target=things, kind=st.sampled_from(list(KINDS)))
    def create(self, kind: str) -> tuple[str, str]:
        """Make a thing."""
        made: str = KINDS[kind].make(self.api, self.conversation)["id"]
        assert made not in self.there[kind]
        self.there[kind].append(made)
        return kind, made

    @rule(thing=things, with_key=st.booleans())
    def delete(self, thing: tuple[str, str], with_key: bool) -> None:
        """Delete a thing that may be gone already; with a key, say it twice."""
        (kind, made), self.keys = thing, self.keys + 1
        body = {KINDS[kind].field: made}
        headers = {"Idempotency_Key": f"key-{self.keys}"} if with_key else {}
        answer = self.api.call(KINDS[kind].method("delete"), body, **headers)
        assert answer.status == (200 if made in self.there[kind] else 404)
        if made in self.there[kind]:
            self.there[kind].remove(made)
            assert document(answer, 200)["id"] == made
            if with_key:
                assert self.api.call(KINDS[kind].method("delete"), body, **headers).body == answer.body

    @rule(thing=things)
    def get(self, thing: tuple[str, str]) -> None:
        """Look for a thing."""
        kind, made = thing
        answer = self.api.call(KINDS[kind].method("get"), {KINDS[kind].field: made})
        assert answer.status == (200 if made in self.there[kind] else 404)

    @rule(kind=st.sampled_from(list(KINDS)), limit=st.integers(1, 5), order=st.sampled_from(["asc", "desc"]))
    def walk(self, kind: str, limit: int, order: str) -> None:
        """Walk a list page by page."""
        listed = self.api.ids(KINDS[kind].method("list", "s"), limit=limit, order=order)
        assert listed == self.there[kind][:: 1 if order == "asc" else -1]

    @invariant()
    def lists_hold_what_is_there(self) -> None:
        """Compare every list with the model."""
        for kind, there in self.there.items():
            assert self.api.ids(KINDS[kind].method("list", "s"), limit=100, order="asc") == there


SHORTER = settings(QUICK, max_examples=12)


def test_what_is_created_is_there_until_it_is_deleted(furnished: Sandbox) -> None:
    run_state_machine_as_test(lambda: ThingMachine(furnished), settings=SHORTER)
