"""Requests that are to be refused, made of one that was granted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
from msgspec.structs import replace
from trilogue_sandbox import ControlError, Sandbox
from trilogue_sandbox.botpress_chat.settings import SHARED_KEY
from trilogue_sandbox.botpress_chat.user_keys import make as make_user_key

from tests.behaviour.descriptions import JSON, Operation
from tests.behaviour.probing import Probe
from tests.behaviour.requests import REMOVED, header, inputs, with_body, with_header
from tests.behaviour.values import another_name
from tests.replay.sessions import Sent

Prepare = Callable[[Sandbox], object]


def _nothing(sandbox: Sandbox) -> None:
    """Leave the sandbox as it is."""


@attrs.frozen
class Provocation:
    """Requests that may be refused with one of some statuses, after a change of the sandbox."""

    aims_at: tuple[str, ...]
    requests: tuple[Sent, ...]
    prepare: Prepare = _nothing


def provoke(probe: Probe) -> None:
    """Ask for what is to be refused, until each documented status of the operation was seen."""
    for provocation in provocations(probe.observer.platform, probe.operation, probe.sent):
        if any(probe.observer.is_missing(probe.operation.id, "status", status) for status in provocation.aims_at):
            with probe.before() as sandbox:
                provocation.prepare(sandbox)
                for request in provocation.requests:
                    probe.ask(sandbox, request)


def provocations(platform: str, operation: Operation, sent: Sent) -> Iterator[Provocation]:
    """Return what may be refused, the likeliest first."""
    yield from _credentials(platform, sent)
    yield from _wrong_input(operation, sent)
    yield from _unknown_names(operation, sent)
    yield from _wrong_form(operation, sent)
    yield Provocation(("400", "404", "409", "410"), (sent, sent))
    prepared = _PREPARED.get(platform)
    for prepare, statuses, requests in prepared(sent) if prepared else ():
        yield Provocation(statuses, requests, prepare)


def with_credentials(platform: str, sent: Sent) -> Iterator[Sent]:
    """Return a request as each of the callers would make it."""
    yield sent
    for credentials in _OTHERS.get(platform, ()):
        yield with_header(sent, _header_of_credentials(platform), credentials)


def _credentials(platform: str, sent: Sent) -> Iterator[Provocation]:
    name = _header_of_credentials(platform)
    yield Provocation(("401", "403"), (with_header(sent, name, REMOVED),))
    scheme = (header(sent, name) or "Bearer x").partition(" ")[0]
    yield Provocation(("401", "403"), (with_header(sent, name, f"{scheme} unknown"),))
    for credentials in _OTHERS.get(platform, ()):
        yield Provocation(("403", "401", "404"), (with_header(sent, name, credentials),))


def _header_of_credentials(platform: str) -> str:
    return "x-user-key" if platform == "botpress_chat" else "Authorization"


def _wrong_input(operation: Operation, sent: Sent) -> Iterator[Provocation]:
    yield Provocation(("400",), (replace(sent, query=(*sent.query, ("unknown", "1"))),))
    if sent.body:
        yield Provocation(("400",), (with_header(replace(sent, body="{"), "content-length", REMOVED),))
        yield Provocation(("400",), (with_body(sent, []), with_body(sent, {"unknown": [{}]})))
    for given in inputs(operation, sent):
        yield Provocation(("400",), (given.change(""), given.change("\0"), given.change("-1")))
        if given.type == "request":
            yield Provocation(
                ("400",), (given.change([[]]), given.change({"": 1}), given.change(-1), given.change(REMOVED))
            )
    for parameter in operation.parameters:
        if parameter.location == "query":
            values = (replace(sent, query=((parameter.name, value),)) for value in ("\0", "x", "-1"))
            yield Provocation(("400", "404"), tuple(values))


def _unknown_names(operation: Operation, sent: Sent) -> Iterator[Provocation]:
    for given in inputs(operation, sent):
        for name in _names_in(given.value):
            yield Provocation(("404", "400", "403"), (given.change(another_name(name)),))


def _names_in(value: Any) -> Iterator[str]:
    if isinstance(value, str) and another_name(value) is not None:
        yield value


def _wrong_form(operation: Operation, sent: Sent) -> Iterator[Provocation]:
    text = with_header(
        with_header(replace(sent, body=sent.body or "text"), "Content-Type", "text/plain"), "content-length", REMOVED
    )
    yield Provocation(("415",), (text,))
    yield Provocation(("406",), (with_header(sent, "Accept", "text/csv"),))


def _control(*calls: tuple[str, str, dict[str, Any]]) -> Prepare:
    def prepare(sandbox: Sandbox) -> None:
        for platform, action, arguments in calls:
            sandbox.control(platform, action, arguments)

    return prepare


def _prepared_rapidpro(sent: Sent) -> Iterator[tuple[Prepare, tuple[str, ...], tuple[Sent, ...]]]:
    scopes = ("v2", "v2.contacts", "v2.messages", "v2.runs")
    throttle = [("rapidpro", "throttle", {"scope": scope, "limit": 0}) for scope in scopes]
    yield _control(*throttle), ("429",), (sent,)
    names = ("fields", "globals", "groups", "labels", "topics")
    limits = [("rapidpro", "limit_objects", {"type": name, "limit": 0}) for name in names]
    yield _control(*limits), ("409",), (sent,)


def _prepared_pantheon(sent: Sent) -> Iterator[tuple[Prepare, tuple[str, ...], tuple[Sent, ...]]]:
    yield _control(("pantheon", "expire_token", {})), ("401",), (sent,)
    apps = ("PANTHEONSCALE", "PANTHEONSCALESECOND", "PANTHEONSTANDARD", "PANTHEONFREE", "PANTHEONEMPTY")
    plans = [("pantheon", "set_plan", {"client_id": app, "plan": "free"}) for app in apps]
    yield _attempt(*plans), ("429",), (with_body(sent, {}),) * 121


def _prepared_botpress(sent: Sent) -> Iterator[tuple[Prepare, tuple[str, ...], tuple[Sent, ...]]]:
    yield _control(("botpress", "set_limit", {"name": "requests_per_second", "value": 1})), ("429",), (sent, sent)
    families = ("runtime", "files", "tables", "admin", "billing")
    limits = [("botpress", "set_limit", {"name": f"{family}_body_bytes", "value": 1}) for family in families]
    long = with_header(replace(sent, body=sent.body or "{ }"), "content-length", REMOVED)
    yield _control(*limits), ("413",), (with_header(long, "Content-Type", JSON),)
    yield _attempt(("botpress", "block_workspace", {})), ("402",), (sent,)


def _prepared_botpress_chat(sent: Sent) -> Iterator[tuple[Prepare, tuple[str, ...], tuple[Sent, ...]]]:
    large = with_header(replace(sent, body=" " * (_LARGEST_CHAT_BODY + 1)), "content-length", REMOVED)
    yield _nothing, ("413",), (with_header(large, "Content-Type", JSON),)


def _attempt(*calls: tuple[str, str, dict[str, Any]]) -> Prepare:
    def prepare(sandbox: Sandbox) -> None:
        for platform, action, arguments in calls:
            try:
                sandbox.control(platform, action, arguments)
            except ControlError:
                return

    return prepare


_PREPARED: Mapping[str, Callable[[Sent], Iterator[tuple[Prepare, tuple[str, ...], tuple[Sent, ...]]]]] = {
    "rapidpro": _prepared_rapidpro,
    "pantheon": _prepared_pantheon,
    "botpress": _prepared_botpress,
    "botpress_chat": _prepared_botpress_chat,
}

_LARGEST_CHAT_BODY = 1024 * 1024
"""In bytes."""

_OTHERS: Mapping[str, tuple[str, ...]] = {
    "rapidpro": ("Token AGENT22222222222222222222222222222222222", "Token DEACTVATED222222222222222222222222222222"),
    "pantheon": (),
    "botpress": (
        "Bearer bp_pat_SandboxSandboxSandboxSandboxSandbox2",
        "Bearer bp_iak_SandboxSandboxSandboxSandboxSandbox4",
        "Bearer bp_bak_SandboxSandboxSandboxSandboxSandbox3",
    ),
    "botpress_chat": tuple(make_user_key(user, SHARED_KEY) for user in ("ben", "nobody")),
}
