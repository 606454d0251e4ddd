"""The documentation site builds without a network, holds everything, and its links lead somewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs_site.command import build
from docs_site.http_reference import anchor
from docs_site.links import broken_links
from docs_site.pages import convert
from trilogue_generated.platforms import PLATFORMS
from trilogue_tools.catalogue import platforms

from tests.conftest import ROOT

REPOSITORY = "https://code.example.org/trilogue"
EXAMPLE = f"{REPOSITORY}/blob/main/docs/examples/one_conversation.py"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build(folder)
    return folder


def test_every_link_of_the_site_leads_somewhere_and_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    assert list(broken_links(site)) == []


def test_every_operation_has_its_place_in_the_http_reference(site: Path) -> None:
    for platform in PLATFORMS:
        bundle = ROOT / "generated" / "trilogue_generated" / platform / "openapi.json"
        for item in json.loads(bundle.read_text(encoding="utf-8"))["paths"].values():
            for operation in (value for key, value in item.items() if key in ("get", "post", "put", "patch", "delete")):
                page = site / "http" / platform / f"{operation['x-sdk']['resource']}.html"
                assert f'id="{anchor(operation["operationId"])}"' in page.read_text(encoding="utf-8")


def test_every_method_has_its_place_in_the_python_reference(site: Path) -> None:
    for platform in platforms().values():
        for method in platform.all_methods():
            page = site / "python" / platform.name / f"{method.resource}.html"
            assert f'<h2 id="{method.name}">' in page.read_text(encoding="utf-8")


def test_llms_txt_lists_every_page_written_by_hand_and_each_is_there_as_markdown(site: Path) -> None:
    listed = (site / "llms.txt").read_text(encoding="utf-8")

    for page in written_by_hand():
        assert f"]({page})" in listed
        assert (site / page).is_file()


def written_by_hand() -> Iterator[str]:
    for path in (ROOT / "docs").rglob("*.md"):
        yield path.relative_to(ROOT / "docs").as_posix()


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ('<a href="missing.html">', "index.html: missing.html leads nowhere"),
        ('<a href="#missing">', "index.html: #missing leads nowhere"),
        ('<a href="other.html#missing">', "index.html: other.html#missing leads nowhere"),
        ('<script src="https://cdn.example.org/x.js"></script>', "index.html loads https://cdn.example.org/x.js"),
    ],
)
def test_a_broken_link_is_named(markup: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(f'<a href="other.html#there">{markup}', encoding="utf-8")
    (tmp_path / "other.html").write_text('<h2 id="there">', encoding="utf-8")

    assert list(broken_links(tmp_path)) == [said]


@pytest.mark.parametrize(
    ("source", "link", "becomes"),
    [
        ("README.md", "docs/guide.md#lists", "guide.md#lists"),
        ("docs/start/rapidpro.md", "../guide.md", "../guide.md"),
        ("docs/pantheon.md", "../ARCHITECTURE.md", "how-it-is-built.md"),
        (
            "docs/pantheon.md",
            "examples/one_conversation.py",
            EXAMPLE,
        ),
        ("docs/guide.md", "https://example.org/", "https://example.org/"),
    ],
)
def test_links_of_a_page_lead_to_the_site_or_to_the_repository(source: str, link: str, becomes: str) -> None:
    assert convert(f"[it]({link}), `[no]({link})`", source, ROOT, REPOSITORY) == f"[it]({becomes}), `[no]({link})`"


def test_a_link_to_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(FileNotFoundError, match=r"docs/guide\.md: the link to nowhere\.md leads nowhere"):
        convert("[it](nowhere.md)", "docs/guide.md", ROOT, REPOSITORY)
