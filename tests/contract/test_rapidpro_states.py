"""Whatever is done to contacts and groups, in whatever order, RapidPro knows what a dictionary would know."""

from __future__ import annotations

from functools import cache
from typing import Any

import httpx
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from trilogue_sandbox import Sandbox

from tests.contract import contract

PAGE = 250
MANY = 2 * PAGE + 20

_names = st.text("abcdefgh", min_size=1, max_size=12)


@cache
def _filled() -> Sandbox:
    """Return a sandbox with a few pages of contacts, all modified at the same moment."""
    sandbox = contract.make_sandbox("rapidpro")
    sandbox.seed_data("rapidpro", {"contacts": {"count": MANY, "modified_on": "2026-01-01T11:00:00Z"}})
    return sandbox


class ContactsAndGroups(RuleBasedStateMachine):
    """Contacts by UUID with their names, groups by UUID with their members."""

    contacts = Bundle("contacts")
    groups = Bundle("groups")

    @initialize(target=contacts)
    def begin(self) -> Any:
        self.sandbox = _filled().copy()
        token = self.sandbox.accounts("rapidpro")[0].credentials["token"]
        self.client = httpx.Client(
            transport=self.sandbox.transport(),
            base_url=self.sandbox.url("rapidpro"),
            headers={"Authorization": f"Token {token}"},
        )
        self.names: dict[str, str | None] = {row["uuid"]: row["name"] for row in self._walk("/contacts.json")}
        self.members: dict[str, set[str]] = {}
        self.deleted: set[str] = set()
        return multiple(*list(self.names)[:3])

    @rule(target=contacts, name=_names)
    def create_contact(self, name: str) -> str:
        created = self._post("/contacts.json", {"name": name})
        self.names[created["uuid"]] = name
        return str(created["uuid"])

    @rule(contact=contacts, name=_names | st.none())
    def rename_contact(self, contact: str, name: str | None) -> None:
        self._post("/contacts.json", {"name": name}, uuid=contact)
        self.names[contact] = name

    @rule(contact=consumes(contacts))
    def delete_contact(self, contact: str) -> None:
        for _ in range(2):
            assert self.client.delete("/contacts.json", params={"uuid": contact}).status_code == 204
        del self.names[contact]
        self.deleted.add(contact)
        for members in self.members.values():
            members.discard(contact)

    @rule(target=groups, name=_names)
    def create_group(self, name: str) -> str:
        created = self._post("/groups.json", {"name": f"{name} {len(self.members)} {len(self.names)}"})
        self.members[created["uuid"]] = set()
        return str(created["uuid"])

    @rule(group=consumes(groups))
    def delete_group(self, group: str) -> None:
        answers = [self.client.delete("/groups.json", params={"uuid": group}).status_code for _ in range(2)]
        assert answers == [204, 404]
        del self.members[group]

    @rule(group=groups, contact=contacts)
    def add(self, group: str, contact: str) -> None:
        self._act("add", group, contact)
        self.members[group].add(contact)

    @rule(group=groups, contact=contacts)
    def remove(self, group: str, contact: str) -> None:
        self._act("remove", group, contact)
        self.members[group].discard(contact)

    @rule(contact=contacts, name=_names)
    def walk_while_a_contact_changes(self, contact: str, name: str) -> None:
        """In the order of `reverse`, one who changes under way may be met again, but nobody is lost."""
        met: list[str] = []
        for row in self._walk("/contacts.json", reverse="true"):
            if len(met) == PAGE:
                self.rename_contact(contact, name)
            met.append(row["uuid"])
        assert set(met) == set(self.names)
        assert sorted(met) in (sorted(self.names), sorted([*self.names, contact]))

    @invariant()
    def every_list_is_what_the_model_says(self) -> None:
        counts = {row["uuid"]: row["count"] for row in self._walk("/groups.json")}
        for group, members in self.members.items():
            assert {row["uuid"] for row in self._walk("/contacts.json", group=group)} == members
            assert counts[group] == len(members)

    def teardown(self) -> None:
        walked = [(row["uuid"], row["name"]) for row in self._walk("/contacts.json")]
        assert sorted(walked, key=str) == sorted(self.names.items(), key=str)
        assert self.deleted <= {row["uuid"] for row in self._walk("/contacts.json", deleted="true")}
        assert not self.sandbox.drift
        self.client.close()
        self.sandbox.close()

    def _walk(self, path: str, **query: str) -> Any:
        page = self._json(self.client.get(path, params=query))
        yield from page["results"]
        while page["next"]:
            page = self._json(self.client.get(page["next"]))
            yield from page["results"]

    def _post(self, path: str, body: Any, **query: str) -> Any:
        return self._json(self.client.post(path, json=body, params=query))

    def _act(self, action: str, group: str, contact: str) -> None:
        body = {"contacts": [contact], "action": action, "group": group}
        assert self.client.post("/contact_actions.json", json=body).status_code == 204

    @staticmethod
    def _json(answer: httpx.Response) -> Any:
        return answer.raise_for_status().json()


TestContactsAndGroups = ContactsAndGroups.TestCase
TestContactsAndGroups.settings = settings(
    max_examples=20, stateful_step_count=25, derandomize=True, deadline=None, database=None
)
