"""What is known of the server of the Chat API that its description cannot say, each with the fact it rests on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import schemathesis
from schemathesis import Case, CheckContext, HookContext
from schemathesis.core.transport import Response
from trilogue_generated.platforms import BOTPRESS_CHAT
from trilogue_sandbox.kernel.http import Json

from tests.contract.known import ApiError, accept, is_meant_well, operation_id
from tests.contract.references import refer

_CREATES = {"createConversation": "conversation", "createEvent": "event", "createMessage": "message"}
"""What makes something that is found below the same path, and the name under which the answer has it."""

_LISTS = ("listConversations", "listMessages", "listParticipants")


def _said(error: Json) -> Iterator[str]:
    if isinstance(error, dict):
        yield f"{error['type']}: {error['message']}"


accept(
    BOTPRESS_CHAT.name,
    BOTPRESS_CHAT.prefix,
    (),
    (
        ApiError(
            _LISTS, "InvalidQuery: nextToken was not made by this list; .*", "a token is one that the list has given"
        ),
        ApiError(
            ("removeParticipant",),
            "InvalidPayload: You cannot remove yourself .* you are its owner",
            "who the owner is, no schema says",
        ),
    ),
    _said,
)


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Write in a conversation that exists, to which no link leads."""
    if is_meant_well(case) and isinstance(case.body, dict):
        refer(case.body, {"conversationId": _conversation})


def _conversation() -> Any:
    found = _get(f"{os.environ['URL']}/conversations", os.environ["USER_KEY"]).json()["conversations"]
    return found[0]["id"] if found else None


@schemathesis.check
def what_was_created_is_found(ctx: CheckContext, response: Response, case: Case) -> None:
    """What a call says it made can be got with the same key."""
    name = _CREATES.get(operation_id(case))
    if name is None or response.status_code != 201:
        return
    made, sent = json.loads(response.content)[name], response.request
    found = _get(f"{sent.url}/{quote(made['id'], safe='')}", str(sent.headers["x-user-key"]))
    assert found.status_code == 200, "it is not found"
    assert found.json()[name] == made, "it is another one"


def _get(url: str, key: str) -> httpx.Response:
    return httpx.get(url, headers={"x-user-key": key}, trust_env=False)
