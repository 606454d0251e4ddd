"""Who acts in a bot: the bot itself, or one of the integrations installed in it."""

from __future__ import annotations

import attrs

from trilogue_sandbox.botpress import timestamps
from trilogue_sandbox.botpress.scopes import Installation
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.world import World


@attrs.frozen
class Actor:
    """The bot, or with an `installation` the integration.

    What belongs to an integration (tags, event types, actions) is kept under `alias:name`, which is how the bot sees
    it. The integration itself writes and reads the bare name.
    """

    world: World
    bot_id: str
    installation: Installation | None = None

    @property
    def store(self) -> Store:
        """The database."""
        return self.world.store

    @property
    def now(self) -> int:
        """The time, in microseconds since 1970."""
        return timestamps.now(self.world)

    @property
    def prefix(self) -> str:
        """What the kept names of this actor begin with."""
        return f"{self.installation.alias}:" if self.installation else ""

    def kept(self, name: str) -> str:
        """Return a name as it is kept."""
        return name if name.startswith(self.prefix) else self.prefix + name

    def seen(self, kept: str) -> str:
        """Return a kept name as this actor sees it."""
        return kept.removeprefix(self.prefix)

    def select(self, table: str) -> Select:
        """Select the rows of a table that belong to the bot."""
        return Select(table).where("item.bot_id = ?", self.bot_id)
