"""Administrative boundaries: the country of a workspace and its parts."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import constant
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.cursors import Ordering
from trilogue_sandbox.rapidpro.exchange import Exchange, Resource
from trilogue_sandbox.rapidpro.tables import BOUNDARIES, BOUNDARY_ALIASES
from trilogue_sandbox.rapidpro.views import ApiView

_BY_OSM_ID = Ordering("osm_id", is_descending=False, is_time=False)


def list_boundaries(exchange: Exchange) -> JsonObject:
    """Handle GET. Where there is no parameter `geometry`, outlines are always sent."""
    boundaries = exchange.records.select(BOUNDARIES, country=exchange.workspace.country)
    has_outlines = exchange.boolean("geometry") or not exchange.takes("geometry")
    return exchange.page(boundaries, BOUNDARY if has_outlines else _BOUNDARY_WITHOUT_OUTLINE, _BY_OSM_ID)


def _show_aliases(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    aliases: dict[int, list[Json]] = {row["id"]: [] for row in rows}
    for row in context.select(BOUNDARY_ALIASES).among("boundary_id", aliases).all("ORDER BY item.name"):
        aliases[row["boundary_id"]].append(row["name"])
    return [aliases[row["id"]] for row in rows]


def _show_parents(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    parents = context.records.select(BOUNDARIES).among("id", {row["parent_id"] for row in rows if row["parent_id"]})
    shown: dict[int, Json] = {row["id"]: {"osm_id": row["osm_id"], "name": row["name"]} for row in parents.all()}
    return [shown.get(row["parent_id"]) for row in rows]


BOUNDARY = ApiView("Boundary", BOUNDARIES, computed={"parent": _show_parents, "aliases": _show_aliases})
_BOUNDARY_WITHOUT_OUTLINE = attrs.evolve(BOUNDARY, computed={**BOUNDARY.computed, "geometry": constant(None)})

# -- default data ------------------------------------------------------------------------------------------------------

_COUNTRY = "RW"


@attrs.frozen
class _Place:
    osm_id: str
    name: str
    parent: str | None
    level: int
    corner: tuple[float, float]
    aliases: tuple[str, ...] = ()


_PLACES = (  # a few places of Rwanda, with outlines far simpler than the real ones
    _Place("171496", "Rwanda", None, 0, (28.86, -2.84)),
    _Place("1708283", "Kigali City", "171496", 1, (29.98, -1.99), ("Kigari",)),
    _Place("171589", "Southern", "171496", 1, (29.29, -2.84)),
    _Place("R1711131", "Gasabo", "1708283", 2, (30.03, -1.96)),
    _Place("R1711138", "Nyarugenge", "1708283", 2, (29.98, -1.99), ("Nyarugenge City",)),
    _Place("R1711167", "Huye", "171589", 2, (29.60, -2.65), ("Butare",)),
)


def make_boundaries(context: WorkspaceContext) -> None:
    """Make the places, and the other names by which this workspace knows them."""
    made: dict[str, Row] = {}
    for place in _PLACES:
        parent = made[place.parent] if place.parent else None
        values = {
            "osm_id": place.osm_id,
            "name": place.name,
            "country": _COUNTRY,
            "parent_id": parent["id"] if parent else None,
            "level": place.level,
            "path": f"{parent['path']} > {place.name}" if parent else place.name,
            "geometry": _outline(place),
        }
        made[place.osm_id] = boundary = context.records.add(BOUNDARIES, values)
        for alias in place.aliases:
            context.add(BOUNDARY_ALIASES, boundary_id=boundary["id"], name=alias)


def _outline(place: _Place) -> Json:
    """Return a square, the smaller the deeper the place lies."""
    (west, south), size = place.corner, (2.0, 0.6, 0.2)[place.level]
    east, north = round(west + size, 2), round(south + size, 2)
    ring: Json = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "MultiPolygon", "coordinates": [[ring]]}


RESOURCE = Resource(tables=[BOUNDARIES, BOUNDARY_ALIASES], operations={"boundaries_list": list_boundaries})
