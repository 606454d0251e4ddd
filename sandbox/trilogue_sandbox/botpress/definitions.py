"""What a bot and the integrations installed in it declare: tags, states, actions, events and channels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import attrs

from trilogue_sandbox.botpress import documents
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.fields import Fields

Tagged: TypeAlias = Literal["user", "conversation", "message"]
Section: TypeAlias = Literal["states", "actions", "events"]


@attrs.frozen
class Definition:
    """The definition of one bot, or of one integration as it is installed under an alias."""

    document: Fields
    alias: str = ""

    @property
    def prefix(self) -> str:
        """What the kept names of the definition begin with."""
        return f"{self.alias}:" if self.alias else ""

    def tag_keys(self, tagged: Tagged) -> Iterator[str]:
        """Return the tags that users, conversations or messages may carry, as they are kept."""
        for place in self._tagged(tagged):
            for key in place.object("tags"):
                yield self.prefix + key

    def find(self, section: Section, kept: str) -> Fields | None:
        """Return the declaration of a state, action or event by its kept name."""
        if not kept.startswith(self.prefix):
            return None
        declared = self.document.object(section).get(kept.removeprefix(self.prefix))
        return Fields(declared) if isinstance(declared, dict) else None

    def channel(self, name: str) -> Fields | None:
        """Return the declaration of a channel."""
        declared = self.document.object("channels").get(name)
        return Fields(declared) if isinstance(declared, dict) else None

    def _tagged(self, tagged: Tagged) -> Iterator[Fields]:
        yield self.document.below(tagged)
        for name in self.document.object("channels"):
            channel = self.document.below("channels").below(name)
            yield channel.below(tagged)


def of_bot(actor: Actor) -> Definition:
    """Return the definition of the bot itself."""
    row = actor.store.one("SELECT document FROM botpress_bots WHERE id = ?", actor.bot_id)
    assert row is not None
    return Definition(Fields(documents.decode_object(row["document"])))


def of_integrations(actor: Actor) -> list[Definition]:
    """Return the definitions of all integrations installed in the bot."""
    rows = actor.store.all(
        "SELECT integration.document, installation.alias FROM botpress_installations AS installation"
        " JOIN botpress_integrations AS integration ON integration.id = installation.integration_id"
        " WHERE installation.bot_id = ? ORDER BY installation.rowid",
        actor.bot_id,
    )
    return [Definition(Fields(documents.decode_object(row["document"])), row["alias"]) for row in rows]


def all_of(actor: Actor) -> list[Definition]:
    """Return the definition of the bot and those of its integrations."""
    return [of_bot(actor), *of_integrations(actor)]


def writable(actor: Actor) -> list[Definition]:
    """Return the definitions whose tags an actor may write: all for the bot, its own for an integration."""
    if actor.installation is None:
        return all_of(actor)
    return [definition for definition in of_integrations(actor) if definition.alias == actor.installation.alias]


def find(actor: Actor, section: Section, kept: str) -> Fields | None:
    """Return the declaration of a state, action or event by its kept name, or None if nobody declares it."""
    found = (definition.find(section, kept) for definition in all_of(actor))
    return next((declared for declared in found if declared is not None), None)
