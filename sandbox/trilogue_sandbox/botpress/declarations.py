"""What a bot and the integrations installed in it declare: tags, states, actions, events and channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import attrs

from trilogue_sandbox.botpress.exchange import Actor, Installation
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject

Tagged: TypeAlias = Literal["user", "conversation", "message"]
Section: TypeAlias = Literal["states", "actions", "events"]

_SECTIONS = ("user", "states", "actions", "events")
_OF_BOTS = (*_SECTIONS, "conversation", "message")
_OF_INTEGRATIONS = (*_SECTIONS, "channels")

_BOT_COLUMNS = ", ".join(f'bot."{name}" AS bot_{name}' for name in _OF_BOTS)
_INTEGRATION_COLUMNS = ", ".join(f'integration."{name}" AS integration_{name}' for name in _OF_INTEGRATIONS)
_SQL = f"""\
SELECT {_BOT_COLUMNS}, {_INTEGRATION_COLUMNS}, installation.alias, integration.id, integration.name
FROM botpress_bots AS bot LEFT JOIN botpress_installations AS installation ON installation.bot_id = bot.id
LEFT JOIN botpress_integrations AS integration ON integration.id = installation.integration_id
WHERE bot.id = ? ORDER BY installation.id"""


@attrs.frozen
class Declaration:
    """What a bot declares, or an integration as it is installed under an alias."""

    fields: Fields
    installation: Installation | None = None

    @property
    def prefix(self) -> str:
        """What the qualified names of this declaration begin with."""
        return f"{self.installation.alias}:" if self.installation else ""

    def tag_keys(self, tagged: Tagged) -> set[str]:
        """Return the qualified names of the tags that users, conversations or messages may have."""
        channels = self.fields.nested("channels")
        parts = [self.fields, *(channels.nested(name) for name in channels.values)]
        return {self.prefix + key for part in parts for key in part.nested(tagged).object("tags")}

    def find(self, section: Section, name: str) -> Fields | None:
        """Return a state, action or event by its qualified name."""
        return _entry(self.fields, section, name.removeprefix(self.prefix)) if name.startswith(self.prefix) else None

    def channel(self, name: str) -> Fields | None:
        """Return a channel."""
        return _entry(self.fields, "channels", name)


def _entry(fields: Fields, section: str, name: str) -> Fields | None:
    declared = fields.object(section).get(name)
    return Fields(declared) if isinstance(declared, dict) else None


@attrs.frozen
class Declarations:
    """What the bot of an actor and its integrations declare, read at once."""

    actor: Actor
    bot: Declaration
    integrations: Sequence[Declaration]

    @classmethod
    def of(cls, actor: Actor) -> Declarations:
        """Read what is declared now."""
        rows = actor.store.all(_SQL, actor.bot_id)
        bot: JsonObject = {name: rows[0][f"bot_{name}"] for name in _OF_BOTS}
        integrations = [
            Declaration(
                Fields({name: row[f"integration_{name}"] for name in _OF_INTEGRATIONS}),
                Installation(row["id"], row["name"], row["alias"]),
            )
            for row in rows
            if row["alias"] is not None
        ]
        return cls(actor, Declaration(Fields(bot)), integrations)

    @property
    def writable(self) -> list[Declaration]:
        """The declarations whose tags the actor may set: all for the bot, its own for an integration."""
        own = self.actor.installation
        if own is None:
            return [self.bot, *self.integrations]
        return [found for found in self.integrations if found.installation == own]

    def tag_keys(self, tagged: Tagged) -> set[str]:
        """Return the qualified names of the tags that the actor may set."""
        return {key for declaration in self.writable for key in declaration.tag_keys(tagged)}

    def find(self, section: Section, name: str) -> Fields | None:
        """Return a state, action or event by its qualified name, or None if none is declared."""
        found = (declaration.find(section, name) for declaration in (self.bot, *self.integrations))
        return next((declared for declared in found if declared is not None), None)
