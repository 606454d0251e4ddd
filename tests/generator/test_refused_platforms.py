"""A description or a registry entry that is wrong is refused before anything is written, with what to do."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
from bundle import bundle_folder
from description_rules import Description
from generator.command import refuse_broken_rules
from generator.errors import GenerationError
from platforms import ROOT, RegistryError, platforms, read_registry


def test_a_broken_rule_is_refused_with_its_file_and_what_to_do() -> None:
    bundled = bundle_folder(ROOT / "openapi" / "rapidpro")
    document = deepcopy(bundled.document)
    del document["paths"]["/contacts.json"]["get"]["x-sdk"]["page"]["parameter"]
    del document["components"]["schemas"]["Contact"]["description"]

    with pytest.raises(GenerationError) as raised:
        refuse_broken_rules(Description(platforms()["rapidpro"], document, sources=bundled.sources))

    paging, contact = str(raised.value).splitlines()[-1], str(raised.value).splitlines()[0]
    assert paging.startswith("openapi/rapidpro/paths/contacts.yaml#/contacts: contacts_list.x-sdk.page: write ")
    assert contact.startswith("openapi/rapidpro/components/schemas/contacts.yaml#/Contact: Contact: say what")


def test_every_folder_of_descriptions_has_an_entry_in_the_registry() -> None:
    folders = {path.parent.name for path in (ROOT / "openapi").glob("*/openapi.yaml")}

    assert set(platforms()) == folders


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("shop: {label: Shop}", "missing required field"),
        ("shop: {labl: Shop}", "unknown field `labl`"),
        ("shop: {label: [", "while parsing"),
    ],
)
def test_a_wrong_entry_of_the_registry_is_refused(entry: str, complaint: str, tmp_path: Path) -> None:
    registry = tmp_path / "platforms.yaml"
    registry.write_text(entry)

    with pytest.raises(RegistryError, match=r"platforms\.yaml") as raised:
        read_registry(registry)

    assert complaint in str(raised.value)
