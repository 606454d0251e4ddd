"""Whether a fault can ever be injected: what it names has to be there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache

from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.faults import DELIVERY_FAULTS, Fault, Target
from trilogue_sandbox.kernel.nearest import nearest_hint
from trilogue_sandbox.kernel.platform import ControlError

Describe = Mapping[str, Callable[[], Description]]
"""What reads the description of each platform."""

_NOUNS = {"platform": "platform", "operation_id": "operation", "tag": "tag", "method": "method"}


def check_target(fault: Fault, describe: Describe) -> None:
    """Make sure that there are requests, or events of webhooks, into which a fault can be injected.

    Descriptions are read only as far as that needs.

    Raises:
        ControlError: it names a platform, an operation, a tag or a method that there is not, or never together.
    """
    if not (fault.platform or fault.operation_id or fault.tag or fault.method):
        return
    platforms = [name for name in describe if fnmatchcase(name, fault.platform or "*")]
    if platforms and not (fault.operation_id or fault.tag or fault.method):
        return
    if not any(fault.matches(target) for name in platforms for target in _targets(fault, name, describe[name])):
        raise _error(fault, describe)


def _targets(fault: Fault, name: str, describe: Callable[[], Description]) -> tuple[Target, ...]:
    operations, webhooks = _described(name, describe())
    return webhooks if fault.type in DELIVERY_FAULTS else operations


@cache
def _described(name: str, description: Description) -> tuple[tuple[Target, ...], tuple[Target, ...]]:
    found = description.operations.values()
    operations = (Target(name, operation.id, operation.tag, operation.method) for operation in found)
    events = (Target(name, operation.id, operation.tag, operation.method) for operation in description.webhooks)
    return tuple(operations), tuple(events)


def _error(fault: Fault, describe: Describe) -> ControlError:
    targets = [target for name, each in describe.items() for target in _targets(fault, name, each)]
    for field, noun in _NOUNS.items():
        pattern, values = getattr(fault, field), {getattr(target, field) for target in targets}
        if pattern and not any(fnmatchcase(value, _pattern(field, pattern)) for value in values):
            known = describe if field == "platform" else values
            noun = "event of a webhook" if noun == "operation" and fault.type in DELIVERY_FAULTS else noun
            return ControlError(
                f"`{field}`: there is no {noun} {pattern!r}{nearest_hint(pattern, sorted(known))}", field
            )
    named = ", ".join(f"{field}={value!r}" for field, value in _given(fault))
    return ControlError(f"no request of the sandbox has {named} together", next(_given(fault))[0])


def _pattern(field: str, pattern: str) -> str:
    return pattern.upper() if field == "method" else pattern


def _given(fault: Fault) -> Iterator[tuple[str, str]]:
    return ((field, value) for field in _NOUNS if (value := getattr(fault, field)))
