"""The pages written by hand: where each is on the site, and what its links become."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

NAMES = {
    "ARCHITECTURE.md": "how-it-is-built.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "README.md": "index.md",
    "SECURITY.md": "security.md",
    "openapi/README.md": "descriptions.md",
}
"""The pages outside docs/ and their names on the site."""

_CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(#[^)\s]*)?\)")


def place(source: str) -> str:
    """Return where a page of the repository is on the site."""
    return NAMES.get(source) or source.removeprefix("docs/")


def title(markdown: str) -> str:
    """Return the first heading of a page."""
    found = re.search(r"^# (.+)$", markdown, re.MULTILINE)
    return found[1] if found else ""


def section_of_pages(root: Path, sections: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the pages of each section, with those of docs/ that no section names after the guides."""
    named = {page for pages in sections.values() for page in pages}
    found = sorted(path.relative_to(root).as_posix() for path in (root / "docs").glob("*.md"))
    more = [page for page in found if page not in named]
    return {name: [*pages, *(more if name == "Guides" else [])] for name, pages in sections.items()}


def convert(markdown: str, source: str, root: Path, repository: str) -> str:
    """Return a page for the site: its links lead to other pages of it, or to the file in the repository.

    Raises:
        FileNotFoundError: a link leads nowhere.
    """

    def link(found: re.Match[str]) -> str:
        return f"]({_target(found[1], source, root, repository)}{found[2] or ''})" if found[1] else found[0]

    return "".join(part if is_code else _LINK.sub(link, part) for part, is_code in _split(markdown))


def _split(markdown: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a page and whether each is code."""
    end = 0
    for code in _CODE.finditer(markdown):
        if markdown[code.end() : code.end() + 1] == "]":  # the text of a link
            continue
        yield markdown[end : code.start()], False
        yield code[0], True
        end = code.end()
    yield markdown[end:], False


def _target(link: str, source: str, root: Path, repository: str) -> str:
    target = os.path.normpath(PurePosixPath(source).parent / link).replace(os.sep, "/")
    if not (root / target).exists():
        raise FileNotFoundError(f"{source}: the link to {link} leads nowhere")
    if target in NAMES or (target.startswith("docs/") and target.endswith((".md", ".png"))):
        return os.path.relpath(place(target), PurePosixPath(place(source)).parent).replace(os.sep, "/")
    return f"{repository}/blob/main/{target}"
