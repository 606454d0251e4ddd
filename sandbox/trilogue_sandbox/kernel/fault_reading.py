"""Faults as JSON, as the control plane and the marker of pytest take them."""

from __future__ import annotations

import re

import attrs
import msgspec

from trilogue_sandbox.kernel.faults import FAULT_PROFILES, FAULT_TYPES, Fault
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.kernel.nearest import nearest_hint
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import control_error

_FIELDS = tuple(field.name for field in attrs.fields(Fault))
_OF_PROFILES = ("profile", "platform", "operation_id", "tag", "method", "expires_in")


def read_faults(document: Json) -> tuple[Fault, ...]:
    """Return the faults of an object: the fields of one fault, or a `profile` and where it applies.

    Raises:
        ControlError: a field is unknown or has a wrong value.
    """
    if not isinstance(document, dict):
        raise ControlError('a fault must be a JSON object, such as {"type": "reset"}')
    fields = Fields(document, control_error)
    _require_known(fields, _OF_PROFILES if "profile" in fields else _FIELDS)
    if "profile" not in fields:
        fields.choice("type", FAULT_TYPES)
        return (_convert(document),)
    name = fields.choice("profile", FAULT_PROFILES)
    return tuple(_convert({**_as_json(fault), **fields.given(*_OF_PROFILES[1:])}) for fault in Fault.profile(name))


def _require_known(fields: Fields, names: tuple[str, ...]) -> None:
    for name in fields.values:
        if name not in names:
            raise ControlError(f"`{name}` is unknown{nearest_hint(name, names)}", name)


def _as_json(fault: Fault) -> dict[str, Json]:
    return attrs.asdict(fault)


def _convert(document: dict[str, Json]) -> Fault:
    try:
        return msgspec.convert(document, Fault)
    except msgspec.ValidationError as error:
        named = re.search(r"\$\.(\w+)|^`(\w+)`", str(error))
        raise ControlError(str(error), (named[1] or named[2]) if named else None) from error
