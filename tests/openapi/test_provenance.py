"""Nobody takes this project's decisions for Pantheon's word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from description_rules.description import Description, descriptions
from trilogue import Pantheon

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pantheon() -> Description:
    return next(description for description in descriptions() if description.platform.name == "pantheon")


def test_the_overview_names_two_methods_and_no_event(pantheon: Description) -> None:
    marked = [*pantheon.operations, *pantheon.webhooks]
    named = [operation.name for operation in marked if operation.node["x-provenance"] == "overview"]

    assert named == ["auth_get_access_token", "conversations_start"]


def test_the_docstring_of_a_method_says_where_it_comes_from() -> None:
    with Pantheon("id", "secret") as client:
        named, decided = client.conversations.start.__doc__ or "", client.otps.send.__doc__ or ""

    assert "Pantheon's overview names this method" in named
    assert "this project decided what it is and does" in decided


@pytest.mark.parametrize("page", ["README.md", "docs/pantheon.md"])
def test_pages_count_right(pantheon: Description, page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")

    assert re.findall(r"(?:2|Two) of the (\d+) methods", text) == [str(len(pantheon.operations))]
