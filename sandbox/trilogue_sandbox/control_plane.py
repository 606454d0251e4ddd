"""The control plane: what a test or a person does to the sandbox over HTTP, under `/__sandbox__/`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import attrs
import msgspec

from trilogue_sandbox import parity
from trilogue_sandbox.kernel.active_faults import Rule
from trilogue_sandbox.kernel.clock import LATEST
from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.fault_reading import read_faults
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, Request, Response
from trilogue_sandbox.kernel.journal import Entry
from trilogue_sandbox.kernel.messages import shown_headers
from trilogue_sandbox.kernel.origins import is_foreign
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import control_error
from trilogue_sandbox.kernel.streams import Stream
from trilogue_sandbox.tenants import Tenants

_Endpoint: TypeAlias = Callable[[Request], object]


class ControlPlane:
    """The endpoints, each of which takes and returns JSON.

    GET  journal   the latest requests; `platform`, `operation_id` and `after` (a number) narrow it, `bodies=true` adds
                   queries, headers and bodies
    GET  journal/stream   the same as server-sent events, and each request that follows
    GET  drift     differences found between the sandbox and its descriptions
    GET  parity    what each operation was held against: captured, official client, documented or decided
    GET  snapshots the names of the snapshots
    GET  clock     the time
    POST clock     {"advance": seconds} or {"set": "2026-01-01T12:00:00Z"}
    GET  faults    the active rules and how often each was applied
    POST faults    a rule, {"profile": name, "expires_in": seconds}, or a list of these
    DELETE faults  no more rules
    POST reset     {} or {"platform": name}
    POST seed      {"platform": name, "data": {...}}
    POST snapshot, POST restore   {"name": name}
    GET  tenants   their names
    DELETE tenants {"name": name}, or {} for all
    POST <platform>/<action>      the action's arguments
    """

    SEGMENT = "__sandbox__"

    def __init__(self, engine: Engine, tenants: Tenants[Any], host_names: Collection[str] = ()) -> None:
        self._engine = engine
        self._tenants = tenants
        self._host_names = host_names
        self._endpoints: Mapping[str, Mapping[str, _Endpoint]] = {
            "": {"GET": self._overview},
            "parity": {"GET": self._parity},
            "journal": {"GET": self._journal},
            "journal/stream": {"GET": self._stream_journal},
            "drift": {"GET": lambda request: {"drift": [attrs.asdict(drift) for drift in engine.drift]}},
            "clock": {"GET": lambda request: {"now": engine.now()}, "POST": self._move_clock},
            "faults": {"GET": self._faults, "POST": self._add_faults, "DELETE": self._clear_faults},
            "reset": {"POST": self._reset},
            "seed": {"POST": self._seed},
            "snapshots": {"GET": lambda request: {"snapshots": [*engine.snapshots]}},
            "snapshot": {"POST": self._snapshot},
            "restore": {"POST": self._restore},
            "tenants": {"GET": lambda request: {"tenants": [*tenants.names]}, "DELETE": self._close_tenants},
        }

    def respond(self, request: Request) -> Response:
        """Respond to a request; what is wrong with it is a 400 that names the field."""
        if is_foreign(request, self._host_names):
            return _error(403, "the control plane takes no requests from pages elsewhere, and none to other host names")
        path = request.path.removeprefix(f"/{self.SEGMENT}").strip("/")
        endpoints = self._endpoints.get(path) or self._action(path)
        if endpoints is None:
            return _error(404, f"there is no {path!r}; there is: {', '.join(filter(None, self._endpoints))}")
        if request.method not in endpoints:
            return _error(405, f"use {' or '.join(endpoints)}", headers={"Allow": ", ".join(endpoints)})
        try:
            result = endpoints[request.method](request)
            return result if isinstance(result, Response) else Response.json(result)
        except ControlError as error:
            return _error(400, str(error), error.field)
        except Exception as error:  # whatever else an action raises is a defect of its platform
            return _error(500, f"the sandbox failed: {type(error).__name__}: {error}")

    def _action(self, path: str) -> Mapping[str, _Endpoint] | None:
        platform, _, action = path.partition("/")
        if platform not in self._engine.names or not action:
            return None
        return {"POST": lambda request: self._engine.control(platform, action, _as_fields(_body(request)).values)}

    def _overview(self, request: Request) -> object:
        engine = self._engine
        platforms = {
            name: {"url": engine.url(name, ""), "accounts": [attrs.asdict(item) for item in engine.accounts(name)]}
            for name in engine.names
        }
        return {"seed": engine.seed, "now": engine.now(), "platforms": platforms}

    def _parity(self, request: Request) -> object:
        """Return what each operation was held against."""
        engine = self._engine
        return {name: parity.evidence(name, engine.flavour_of(name)) for name in engine.names}

    def _journal(self, request: Request) -> object:
        query = dict(request.query)
        Fields({**query}, control_error).only("platform", "operation_id", "after", "bodies")
        if not (after := query.get("after", "0")).isdecimal():
            raise ControlError("`after` must be an integer", "after")
        entries = [
            _entry(entry, with_messages=query.get("bodies") == "true")
            for entry in self._engine.journal.entries
            if entry.number > int(after)
            and entry.platform == query.get("platform", entry.platform)
            and entry.operation_id == query.get("operation_id", entry.operation_id)
        ]
        return {"entries": entries}

    def _stream_journal(self, request: Request) -> Response:
        """Send the requests after `after`, and each further one when it has its response, as server-sent events."""
        query = dict(request.query)
        after = request.headers.get("last-event-id") or query.get("after", "0")
        if not after.isdecimal():
            raise ControlError("`after` must be an integer", "after")
        journal = self._engine.journal
        stream = Stream((), keep_alive=b":\n\n")
        for entry in journal.entries:
            if entry.number > int(after):
                stream.add(_event(entry))
        stream.on_close = journal.subscribe(lambda entry: stream.add(_event(entry)))
        return Response(200, {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}, stream=stream)

    def _move_clock(self, request: Request) -> object:
        fields = _fields(request, "advance", "set")
        if len(fields.values) != 1:
            raise ControlError("give either `advance` (seconds) or `set` (a timestamp)", "advance")
        (field,) = fields.values
        try:
            if field == "advance":
                return {"now": self._engine.advance(timedelta(seconds=fields.number("advance")))}
            return {"now": self._engine.set_clock(_timestamp(fields.string("set")))}
        except ValueError as error:
            raise ControlError(str(error), field) from error
        except OverflowError as error:
            raise ControlError(f"the clock ends at {LATEST.isoformat()}", field) from error

    def _faults(self, request: Request) -> object:
        return {"faults": [_rule(rule) for rule in self._engine.faults.rules]}

    def _add_faults(self, request: Request) -> object:
        body = _body(request)
        faults = [fault for item in (body if isinstance(body, list) else [body]) for fault in read_faults(item)]
        return {"faults": [_rule(rule) for rule in self._engine.faults.add(*faults)]}

    def _clear_faults(self, request: Request) -> object:
        self._engine.faults.clear()
        return {}

    def _reset(self, request: Request) -> object:
        self._engine.reset(_fields(request, "platform").optional_string("platform"))
        return {}

    def _snapshot(self, request: Request) -> object:
        self._engine.snapshot(_fields(request, "name").string("name"))
        return {}

    def _restore(self, request: Request) -> object:
        self._engine.restore(_fields(request, "name").string("name"))
        return {}

    def _close_tenants(self, request: Request) -> object:
        self._tenants.close(_fields(request, "name").optional_string("name"))
        return {}

    def _seed(self, request: Request) -> object:
        fields = _fields(request, "platform", "data")
        return self._engine.seed_data(fields.string("platform"), fields.object("data"))


def _timestamp(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`set` must be a time in ISO 8601, such as 2026-01-31T12:00:00Z, not {text!r}") from None


def _body(request: Request) -> Json:
    try:
        return request.json() if request.body.strip() else None
    except ValueError as error:
        raise ControlError(f"the body must be JSON: {error}") from error


def _as_fields(document: Json) -> Fields:
    if not isinstance(document, dict | None):
        raise ControlError("the body must be a JSON object")
    return Fields(document or {}, control_error)


def _fields(request: Request, *names: str) -> Fields:
    """Return the fields of a body, which may have no others than these."""
    fields = _as_fields(_body(request))
    fields.only(*names)
    return fields


def _rule(rule: Rule) -> object:
    fault = attrs.asdict(rule.fault, filter=lambda _, value: value is not None)
    ends = {"expires_at": rule.expires_at} if rule.expires_at else {}
    return {"number": rule.number, **fault, **ends, "seen": rule.seen, "fired": rule.fired}


def _entry(entry: Entry, *, with_messages: bool) -> object:
    document = attrs.asdict(entry, filter=attrs.filters.exclude("request", "response"))
    if with_messages:
        document["request"] = {"query": entry.request.query, **_message(entry.request)}
        document["response"] = _message(entry.response)
    return document


def _event(entry: Entry) -> bytes:
    data = msgspec.json.encode(_entry(entry, with_messages=False)).decode()
    return f"id: {entry.number}\ndata: {data}\n\n".encode()


def _message(message: Request | Response) -> dict[str, object]:
    return {"headers": shown_headers(message), "body": message.body.decode("utf-8", "replace")}


def _error(status: int, message: str, field: str | None = None, headers: Mapping[str, str] | None = None) -> Response:
    return Response.json({"error": message, "field": field}, status, headers)
