"""Administrative boundaries."""

from __future__ import annotations

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller


def test_boundaries_are_sorted_by_their_identifier_and_know_their_parent(api: Caller) -> None:
    boundaries = api.rows("boundaries")
    by_name = {boundary["name"]: boundary for boundary in boundaries}

    assert [boundary["osm_id"] for boundary in boundaries] == sorted(boundary["osm_id"] for boundary in boundaries)
    assert (by_name["Rwanda"]["parent"], by_name["Rwanda"]["level"]) == (None, 0)
    assert by_name["Kigali City"]["parent"] == {"osm_id": "171496", "name": "Rwanda"}
    assert by_name["Gasabo"]["level"] == 2
    assert by_name["Huye"]["aliases"] == ["Butare"]


def test_many_boundaries_are_each_yielded_once_and_in_order(sandbox: Sandbox, api: Caller) -> None:
    wards = ((f"W{number}", f"Ward {number}", "RW", 3, f"Rwanda > Ward {number}") for number in range(600))
    columns = "(osm_id, name, country, level, path)"
    sandbox._store.run_many(f"INSERT INTO rapidpro_boundaries {columns} VALUES (?, ?, ?, ?, ?)", wards)
    met = [boundary["osm_id"] for boundary in api.iterate("boundaries")]

    assert met == sorted(set(met))
    assert len(met) == 606


@pytest.mark.parametrize("geometry", ["true", "false"])
def test_outlines_are_always_sent(api: Caller, geometry: str) -> None:
    for boundary in api.rows("boundaries", geometry=geometry):
        ring = boundary["geometry"]["coordinates"][0][0]

        assert boundary["geometry"]["type"] == "MultiPolygon"
        assert ring[0] == ring[-1]


def test_a_workspace_without_a_country_has_no_boundaries(sandbox: Sandbox) -> None:
    assert Caller.of(sandbox, "empty").rows("boundaries") == []


def test_the_aliases_of_boundaries_are_those_of_the_workspace(sandbox: Sandbox) -> None:
    boundaries = Caller.of(sandbox, "anonymous").rows("boundaries")

    assert len(boundaries) == 6
    assert [boundary["aliases"] for boundary in boundaries] == [[]] * 6
