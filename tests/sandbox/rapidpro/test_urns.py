"""URNs: what is taken for one, and in which form it is kept."""

from __future__ import annotations

import pytest
from trilogue_sandbox.rapidpro.urns import parse


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("tel:0788 123 123", "tel:+250788123123"),
        ("tel:+250788123123", "tel:+250788123123"),
        ("tel:250788123123", "tel:+250788123123"),
        (" TEL:(0788) 123-123 ", "tel:+250788123123"),
        ("tel:+12065551212", "tel:+12065551212"),
        ("twitter:@JACK", "twitter:jack"),
        ("twitterid:2352463463#franky", "twitterid:2352463463"),
        ("mailto:Jack@Example.COM", "mailto:jack@example.com"),
        ("facebook:123456", "facebook:123456"),
        ("facebook:ref:abc", "facebook:ref:abc"),
        ("telegram:12345", "telegram:12345"),
        ("whatsapp:250788123123", "whatsapp:250788123123"),
        ("whatsapp:rw.ABC123", "whatsapp:RW.ABC123"),
        ("bsuid:rw.ABC123", "bsuid:RW.ABC123"),
        ("viber:aB1=+/_", "viber:aB1=+/_"),
        ("ext:abc-1: anything", "ext:abc-1: anything"),
        (
            "freshchat:6a2f41a3-c54c-fce8-32d2-0324e1c32e22/6a2f41a3-c54c-fce8-32d2-0324e1c32e22",
            "freshchat:6a2f41a3-c54c-fce8-32d2-0324e1c32e22/6a2f41a3-c54c-fce8-32d2-0324e1c32e22",
        ),
    ],
)
def test_a_urn_is_brought_into_its_normal_form(given: str, kept: str) -> None:
    assert str(parse(given, "RW")) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "12345",
        ":12345",
        "tel:",
        "tel:12",
        "tel:nobody",
        "deleted:1",
        "fax:1",
        "twitter:much_too_long_a_name",
        "twitterid:jack",
        "mailto:jack",
        "mailto:jack@example",
        "facebook:jack",
        "telegram:jack",
        "instagram:jack",
        "whatsapp:+250788123123",
        "bsuid:RW",
        "viber:" + "x" * 25,
        "freshchat:1/2",
        "ext:",
    ],
)
def test_what_is_no_urn_is_none(given: str) -> None:
    assert parse(given, "RW") is None


def test_a_number_without_a_country_code_needs_a_country() -> None:
    assert parse("tel:0788123123", "") is None
    assert str(parse("tel:+250788123123", "")) == "tel:+250788123123"


def test_the_part_for_display_is_kept_apart() -> None:
    urn = parse("telegram:700702#ana", "")

    assert urn is not None
    assert (urn.path, urn.display) == ("700702", "ana")
    assert "700702" not in repr(urn)
