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
from tests.sandbox.pantheon.resources import contact, conversation, file, message, webhook
from tests.sandbox.pantheon.test_payments_machine import QUICK


@attrs.frozen
class ResourceType:
    """How resources of a type are created, and what their methods and ids are called."""

    make: Callable[[Caller, str], Any]
    noun: str
    field: str

    def method(self, verb: str, ending: str = "") -> str:
        """Return the path of a method: `contacts/listContacts`."""
        return f"{self.noun.lower()}s/{verb}{self.noun}{ending}"


RESOURCE_TYPES: Mapping[str, ResourceType] = {
    "contact": ResourceType(lambda api, talk: contact(api), "Contact", "contact_id"),
    "message": ResourceType(lambda api, talk: message(api, talk), "Message", "message_id"),
    "file": ResourceType(lambda api, talk: file(api), "File", "file_id"),
    "webhook": ResourceType(
        lambda api, talk: webhook(api, "https://shop.example/", "otp.failed"), "Webhook", "webhook_id"
    ),
}


class DeletionMachine(RuleBasedStateMachine):
    """An empty account in which resources come and go."""

    resources = Bundle("resources")

    def __init__(self, default_sandbox: Sandbox) -> None:
        super().__init__()
        self.sandbox = default_sandbox.copy()
        self.api = Caller.of(self.sandbox, "empty")
        self.conversation = conversation(self.api, "webchat")["id"]
        self.there: dict[str, list[str]] = {resource_type: [] for resource_type in RESOURCE_TYPES}
        self.there["contact"] = self.api.ids("contacts/listContacts")
        self.keys = 0

    def teardown(self) -> None:
        """Close the sandbox, which must not have met a defect of its own."""
        drift = self.sandbox.drift
        self.sandbox.close()
        assert not drift

    @rule(target=resources, resource_type=st.sampled_from(list(RESOURCE_TYPES)))
    def create(self, resource_type: str) -> tuple[str, str]:
        """Create a resource."""
        made: str = RESOURCE_TYPES[resource_type].make(self.api, self.conversation)["id"]
        assert made not in self.there[resource_type]
        self.there[resource_type].append(made)
        return resource_type, made

    @rule(resource=resources, with_key=st.booleans())
    def delete(self, resource: tuple[str, str], with_key: bool) -> None:
        """Delete a resource that may be gone already; with a key, send it twice."""
        (resource_type, made), self.keys = resource, self.keys + 1
        body = {RESOURCE_TYPES[resource_type].field: made}
        headers = {"Idempotency_Key": f"key-{self.keys}"} if with_key else {}
        response = self.api.call(RESOURCE_TYPES[resource_type].method("delete"), body, **headers)
        assert response.status == (200 if made in self.there[resource_type] else 404)
        if made in self.there[resource_type]:
            self.there[resource_type].remove(made)
            assert document(response, 200)["id"] == made
            if with_key:
                assert (
                    self.api.call(RESOURCE_TYPES[resource_type].method("delete"), body, **headers).body == response.body
                )

    @rule(resource=resources)
    def get(self, resource: tuple[str, str]) -> None:
        """Get a resource."""
        resource_type, made = resource
        response = self.api.call(
            RESOURCE_TYPES[resource_type].method("get"), {RESOURCE_TYPES[resource_type].field: made}
        )
        assert response.status == (200 if made in self.there[resource_type] else 404)

    @rule(
        resource_type=st.sampled_from(list(RESOURCE_TYPES)),
        limit=st.integers(1, 5),
        order=st.sampled_from(["asc", "desc"]),
    )
    def list_all(self, resource_type: str, limit: int, order: str) -> None:
        """Read a list page by page."""
        listed = self.api.ids(RESOURCE_TYPES[resource_type].method("list", "s"), limit=limit, order=order)
        assert listed == self.there[resource_type][:: 1 if order == "asc" else -1]

    @invariant()
    def lists_hold_what_is_there(self) -> None:
        """Compare every list with the model."""
        for resource_type, there in self.there.items():
            assert self.api.ids(RESOURCE_TYPES[resource_type].method("list", "s"), limit=100, order="asc") == there


SHORTER = settings(QUICK, max_examples=12)


def test_what_is_created_is_there_until_it_is_deleted(default_sandbox: Sandbox) -> None:
    run_state_machine_as_test(lambda: DeletionMachine(default_sandbox), settings=SHORTER)
