"""A request that was granted, and copies of the sandbox to ask what else would have happened."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.installed_platforms import installed

from tests.behaviour.collecting import observe
from tests.behaviour.descriptions import JSON, Document, Operation
from tests.behaviour.identifiers import Ids
from tests.behaviour.observing import Observer
from tests.replay.replaying import Player, to_request
from tests.replay.sessions import Sent, Session, Step

_ECHOED = frozenset({"next", "previous", "next_cursor", "nextToken"})
"""What leads to other pages repeats the query, so that it differs although a handler may have ignored a parameter."""


@attrs.frozen
class Response:
    """What came of a request."""

    status: int
    content_type: str
    body: bytes

    @property
    def is_granted(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    def differs_from(self, other: Response) -> bool:
        """Whether two responses differ, apart from what repeats the query."""
        return self.shown != other.shown

    @property
    def is_json(self) -> bool:
        """Whether it has a body in JSON."""
        return self.content_type.startswith(JSON) and bool(self.body)

    @property
    def shown(self) -> tuple[int, str, Any]:
        """What it shows, apart from what repeats the query."""
        return self.status, self.content_type, _without_echo(json.loads(self.body)) if self.is_json else self.body


def _without_echo(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_echo(item) for key, item in value.items() if key not in _ECHOED}
    return [_without_echo(item) for item in value] if isinstance(value, list) else value


@attrs.frozen
class Probe:
    """A request, and `player`, which stands just before it in its session.

    `following` are the steps after it. `samples` are granted requests of all operations, by operation id. `ids` are
    those that the session names.
    """

    observer: Observer
    operation: Operation
    player: Player
    sent: Sent
    session: Session
    following: Sequence[Step]
    samples: Mapping[str, Sequence[Sent]]
    ids: Ids

    @property
    def document(self) -> Document:
        """The description."""
        return self.observer.document

    def with_request(self, sent: Sent) -> Probe:
        """Return a probe of another request at the same step."""
        return attrs.evolve(self, sent=sent)

    def before(self) -> Sandbox:
        """Return a copy of the sandbox from before the request; close it."""
        return self.player.branch().sandbox

    def after(self) -> tuple[Player, Response]:
        """Return a copy in which the request has been made, and what came of it; close the copy."""
        player = self.player.branch()
        return player, self.ask(player.sandbox, self.sent)

    def ask(self, sandbox: Sandbox, sent: Sent) -> Response:
        """Make a request, and count what its response shows."""
        request = to_request(sent)
        response = sandbox.respond(request)
        if (entry := next(reversed(sandbox.journal.entries), None)) is not None and entry.request is request:
            observe(self.observer, entry.operation_id, response)
        return Response(response.status, response.headers.get("content-type", ""), response.body)

    def ask_before(self, sent: Sent) -> Response:
        """Make a request instead of this one."""
        with self.before() as sandbox:
            return self.ask(sandbox, sent)

    def is_described(self, sent: Sent) -> bool:
        """Whether the description allows a request, so that only the operation's own code can refuse it."""
        found = re.fullmatch(f".*?{self.operation.pattern.pattern}", sent.path)
        source = installed()[self.observer.platform]
        operation = source.describe(source.choose(self.session.flavour)).operations[self.operation.id]
        return found is not None and not operation.read(to_request(sent), found.groupdict()).violations
