"""The control plane: what a test or a person does to the sandbox over HTTP, under `/__sandbox__/`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias
from urllib.parse import urlsplit

import attrs
import msgspec

from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.faults import FAULT_TYPES, Fault, Rule
from trilogue_sandbox.kernel.http import Json, JsonObject, Request, Response
from trilogue_sandbox.kernel.journal import Entry
from trilogue_sandbox.kernel.platform import ControlError

_SHOWN_HEADERS = (
    *("accept", "accept-encoding", "allow", "connection", "content-length", "content-type", "host", "idempotency-key"),
    *("retry-after", "user-agent"),
)
"""Header fields whose values are never credentials; the journal shows no others."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")

_Endpoint: TypeAlias = Callable[[Request], object]


class ControlPlane:
    """The endpoints, each of which takes and returns JSON.

    GET  journal   the latest requests; `platform`, `operation_id` and `after` (a number) narrow it, `bodies=true` adds
                   queries, headers and bodies
    GET  drift     differences found between the sandbox and its descriptions
    GET  clock     the time
    POST clock     {"advance": seconds} or {"set": "2026-01-01T12:00:00Z"}
    GET  faults    the active rules and how often each was applied
    POST faults    a rule, or a list of rules
    DELETE faults  no more rules
    POST reset     {} or {"platform": name}
    POST seed      {"platform": name, "data": {...}}
    POST snapshot, POST restore   {"name": name}
    POST <platform>/<action>      the action's arguments
    """

    SEGMENT = "__sandbox__"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._endpoints: Mapping[str, Mapping[str, _Endpoint]] = {
            "": {"GET": self._overview},
            "journal": {"GET": self._journal},
            "drift": {"GET": self._drift},
            "clock": {"GET": self._now, "POST": self._move_clock},
            "faults": {"GET": self._faults, "POST": self._add_faults, "DELETE": self._clear_faults},
            "reset": {"POST": self._reset},
            "seed": {"POST": self._seed},
            "snapshot": {"POST": self._snapshot},
            "restore": {"POST": self._restore},
        }

    def respond(self, request: Request) -> Response:
        """Respond to a request; what is wrong with it is a 400 that names the field."""
        if _is_foreign(request):
            return _error(403, "the control plane takes requests from this machine, to its loopback address")
        path = request.path.removeprefix(f"/{self.SEGMENT}").strip("/")
        endpoints = self._endpoints.get(path) or self._action(path)
        if endpoints is None:
            return _error(404, f"there is no {path!r}; there is: {', '.join(filter(None, self._endpoints))}")
        if request.method not in endpoints:
            return _error(405, f"use {' or '.join(endpoints)}", headers={"Allow": ", ".join(endpoints)})
        try:
            return Response.json(endpoints[request.method](request))
        except ControlError as error:
            return _error(400, str(error), error.field)
        except Exception as error:  # whatever else an action raises is a defect of its platform
            return _error(500, f"the sandbox failed: {type(error).__name__}: {error}")

    def _action(self, path: str) -> Mapping[str, _Endpoint] | None:
        platform, _, action = path.partition("/")
        if platform not in self._engine.names or not action:
            return None
        return {"POST": lambda request: self._engine.control(platform, action, _as_object(_body(request)))}

    def _overview(self, request: Request) -> object:
        engine = self._engine
        return {
            "seed": engine.seed,
            "now": engine.now(),
            "platforms": {
                name: {
                    "url": engine.url(name, ""),
                    "accounts": [attrs.asdict(item) for item in engine.accounts(name)],
                }
                for name in engine.names
            },
        }

    def _journal(self, request: Request) -> object:
        query = _Arguments(dict(request.query), "platform", "operation_id", "after", "bodies").given
        after = _integer(str(query.get("after", "0")), "after")
        entries = [
            entry
            for entry in self._engine.journal.entries
            if entry.number > after
            and entry.platform == query.get("platform", entry.platform)
            and entry.operation_id == query.get("operation_id", entry.operation_id)
        ]
        return {"entries": [_entry(entry, query.get("bodies") == "true") for entry in entries]}

    def _drift(self, request: Request) -> object:
        return {"drift": [attrs.asdict(drift) for drift in self._engine.drift]}

    def _now(self, request: Request) -> object:
        return {"now": self._engine.now()}

    def _move_clock(self, request: Request) -> object:
        arguments = _Arguments(_body(request), "advance", "set")
        if len(arguments.given) != 1:
            raise ControlError("give either `advance` (seconds) or `set` (a timestamp)", "advance")
        (field,) = arguments.given
        try:
            if field == "advance":
                return {"now": self._engine.advance(timedelta(seconds=arguments.number("advance")))}
            return {"now": self._engine.set_clock(datetime.fromisoformat(arguments.string("set")))}
        except (ValueError, OverflowError) as error:
            raise ControlError(str(error), field) from error

    def _faults(self, request: Request) -> object:
        return {"faults": [_rule(rule) for rule in self._engine.faults.rules]}

    def _add_faults(self, request: Request) -> object:
        body = _body(request)
        faults = [read_fault(item) for item in (body if isinstance(body, list) else [body])]
        return {"faults": [_rule(rule) for rule in self._engine.faults.add(*faults)]}

    def _clear_faults(self, request: Request) -> object:
        self._engine.faults.clear()
        return {}

    def _reset(self, request: Request) -> object:
        self._engine.reset(_Arguments(_body(request), "platform").optional_string("platform"))
        return {}

    def _seed(self, request: Request) -> object:
        arguments = _Arguments(_body(request), "platform", "data")
        return self._engine.seed_data(arguments.string("platform"), arguments.object("data"))

    def _snapshot(self, request: Request) -> object:
        self._engine.snapshot(_Arguments(_body(request), "name").string("name"))
        return {}

    def _restore(self, request: Request) -> object:
        self._engine.restore(_Arguments(_body(request), "name").string("name"))
        return {}


def read_fault(document: Json) -> Fault:
    """Read a fault from JSON.

    Raises:
        ControlError: a field is unknown, missing or out of range.
    """
    fault_type = _Arguments(document, *(field.name for field in attrs.fields(Fault))).string("type")
    if fault_type not in FAULT_TYPES:
        raise ControlError(f"`type` must be one of: {', '.join(FAULT_TYPES)}", "type")
    try:
        return msgspec.convert(document, Fault)
    except msgspec.ValidationError as error:
        named = re.search(r"\$\.(\w+)|'(\w+)'", str(error))
        raise ControlError(str(error), (named[1] or named[2]) if named else None) from error


class _Arguments:
    """The fields of a JSON object, each read with its type; an unknown one is an error."""

    def __init__(self, document: Json, *known: str) -> None:
        self.given = _as_object(document)
        for field in self.given:
            if field not in known:
                raise ControlError(f"there is no field `{field}`; there is: {', '.join(known)}", field)

    def string(self, field: str) -> str:
        value = self.given.get(field)
        if not isinstance(value, str):
            raise ControlError(f"`{field}` must be a string", field)
        return value

    def optional_string(self, field: str) -> str | None:
        return self.string(field) if field in self.given else None

    def number(self, field: str) -> float:
        value = self.given.get(field)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ControlError(f"`{field}` must be a number", field)
        return value

    def object(self, field: str) -> JsonObject:
        value = self.given.get(field)
        if not isinstance(value, dict):
            raise ControlError(f"`{field}` must be an object", field)
        return value


def _as_object(document: Json) -> JsonObject:
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ControlError("the body must be a JSON object")
    return document


def _body(request: Request) -> Json:
    try:
        return request.json() if request.body.strip() else None
    except ValueError as error:
        raise ControlError(f"the body must be JSON: {error}") from error


def _integer(text: str, field: str) -> int:
    if not text.isdecimal():
        raise ControlError(f"`{field}` must be an integer", field)
    return int(text)


def _rule(rule: Rule) -> object:
    fault = attrs.asdict(rule.fault, filter=lambda _, value: value is not None)
    return {"number": rule.number, **fault, "seen": rule.seen, "fired": rule.fired}


def _entry(entry: Entry, with_messages: bool) -> object:
    hidden = attrs.filters.exclude("request", "response")
    document = attrs.asdict(entry, filter=hidden)
    if not with_messages:
        return document
    return {**document, "request": _request(entry.request), "response": _message(entry.response)}


def _request(request: Request) -> object:
    return {"query": request.query, **_message(request)}


def _message(message: Request | Response) -> dict[str, object]:
    shown = [(name, value if name.lower() in _SHOWN_HEADERS else "(hidden)") for name, value in message.headers.pairs]
    return {"headers": shown, "body": message.body.decode("utf-8", "replace")}


def _error(status: int, message: str, field: str | None = None, headers: Mapping[str, str] | None = None) -> Response:
    return Response.json({"error": message, "field": field}, status, headers)


def _is_foreign(request: Request) -> bool:
    """Whether a page of another site sends this, which a browser lets it do to loopback addresses."""
    is_loopback = _host_of(request.base_url) in _LOOPBACK
    return not is_loopback or request.headers.get("origin", request.base_url) != request.base_url


def _host_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
