"""Every link of the built site leads to a page, and to a heading that the page has."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit


class _Page(HTMLParser):
    """What a page links to, the ids it has, and what a browser would fetch for it from elsewhere."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids.update(found[name] for name in ("id", "name") if name in found)
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in ("img", "script") and "src" in found:
            self.loads.append(found["src"])
        if tag == "link" and {"stylesheet", "preconnect", "icon"} & set(found.get("rel", "").split()):
            self.loads.append(found["href"])


def broken_links(site: Path) -> Iterator[str]:
    """Yield a line for each link that leads nowhere, and for each thing that a page loads from elsewhere."""
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        if path.name == "404.html":  # its addresses begin at the root of the site
            continue
        name = path.relative_to(site).as_posix()
        yield from (f"{name} loads {url}" for url in page.loads if urlsplit(url).netloc)
        yield from (
            f"{name}: {link} leads nowhere" for link in sorted(set(page.links)) if not _leads(link, path, pages)
        )


def _leads(link: str, path: Path, pages: dict[Path, _Page]) -> bool:
    if urlsplit(link).scheme or link.startswith("//"):
        return True
    address, fragment = urldefrag(link)
    target = (path.parent / unquote(address)).resolve() if address else path
    if target.is_dir():
        target /= "index.html"
    if target not in pages:
        return target.is_file()
    return not fragment or unquote(fragment) in pages[target].ids
