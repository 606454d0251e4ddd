"""How to look for the effect of a request, as source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from x_sdk import Reconcile

from .annotations import literal, tuple_of


def effect(reconcile: Reconcile) -> str:
    """Return the source of an `Effect`, made when it is asked for, as its look-up may stand further down."""
    if reconcile.probe:
        return f"lambda: Effect(probe={tuple_of(map(literal, reconcile.probe))})"
    return f"lambda: Effect(lookup={reconcile.method.upper()}, {', '.join(_parts(reconcile))})"


def _parts(reconcile: Reconcile) -> Iterator[str]:
    for name in ("by", "where"):
        if pairs := getattr(reconcile, name):
            yield f"{name}={_pairs((key, literal(value)) for key, value in pairs.items())}"
    if reconcile.created:
        yield f"created={literal(reconcile.created)}"
    for name in ("match", "hints"):
        fields: Mapping[str, tuple[str, ...]] = getattr(reconcile, name)
        if fields:
            yield f"{name}={_pairs((key, tuple_of(map(literal, each))) for key, each in fields.items())}"
    if reconcile.unseen:
        yield f"unseen={tuple_of(map(literal, reconcile.unseen))}"


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return tuple_of(f"({literal(key)}, {value})" for key, value in pairs)
