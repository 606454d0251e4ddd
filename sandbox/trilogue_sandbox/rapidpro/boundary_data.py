"""A few places of Rwanda, with outlines far simpler than the real ones."""

from __future__ import annotations

import json

import attrs

from trilogue_sandbox.rapidpro.tenants import Tenant

_COUNTRY = "RW"


@attrs.frozen
class _Place:
    osm_id: str
    name: str
    parent: str | None
    level: int
    corner: tuple[float, float]
    aliases: tuple[str, ...] = ()


_PLACES = (
    _Place("171496", "Rwanda", None, 0, (28.86, -2.84)),
    _Place("1708283", "Kigali City", "171496", 1, (29.98, -1.99), ("Kigari",)),
    _Place("171589", "Southern", "171496", 1, (29.29, -2.84)),
    _Place("R1711131", "Gasabo", "1708283", 2, (30.03, -1.96)),
    _Place("R1711138", "Nyarugenge", "1708283", 2, (29.98, -1.99), ("Nyarugenge City",)),
    _Place("R1711167", "Huye", "171589", 2, (29.60, -2.65), ("Butare",)),
)


def make_boundaries(tenant: Tenant) -> None:
    """Make the places, and the other names by which this workspace knows them."""
    paths: dict[str, tuple[int, str]] = {}
    for place in _PLACES:
        parent_id, parent_path = paths[place.parent] if place.parent else (None, "")
        path = f"{parent_path} > {place.name}" if parent_path else place.name
        paths[place.osm_id] = _insert(tenant, place, parent_id, path), path


def _insert(tenant: Tenant, place: _Place, parent_id: int | None, path: str) -> int:
    boundary_id = tenant.store.insert(
        "INSERT INTO rapidpro_boundaries (osm_id, name, country, parent_id, level, path, geometry)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(place.osm_id, place.name, _COUNTRY, parent_id, place.level, path, json.dumps(_outline(place))),
    )
    for alias in place.aliases:
        tenant.store.run(
            "INSERT INTO rapidpro_boundary_aliases VALUES (?, ?, ?)", boundary_id, tenant.workspace.id, alias
        )
    return boundary_id


def _outline(place: _Place) -> object:
    """Return a square, the smaller the deeper the place lies."""
    (west, south), size = place.corner, (2.0, 0.6, 0.2)[place.level]
    east, north = round(west + size, 2), round(south + size, 2)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "MultiPolygon", "coordinates": [[ring]]}
