"""What contacts with a magic URN do once a message has reached them: see `magic_inputs`."""

from __future__ import annotations

import contextlib

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.channel_events import stop_contact
from trilogue_sandbox.rapidpro.exchange import Resource
from trilogue_sandbox.rapidpro.incoming import receive
from trilogue_sandbox.rapidpro.magic_inputs import REPLIES, STOPS

_ANSWERS = {STOPS: stop_contact, REPLIES: receive}


def answer_message(world: World, arguments: Fields) -> None:
    """Let the contact do what `number` says, unless the contact or the channel is gone by now."""
    with contextlib.suppress(ControlError):
        _ANSWERS[arguments.integer("number")](world, arguments)


RESOURCE = Resource(jobs={"answer_message": answer_message})
