"""llms.txt: the pages of the site as a list for language models, each with a link to its Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .pages import title


def llms_txt(name: str, summary: str, sections: Mapping[str, list[str]], pages: Mapping[str, str]) -> str:
    """Return the text; `sections` have the paths of pages, `pages` their Markdown."""
    return "\n".join(_lines(name, summary, sections, pages))


def _lines(name: str, summary: str, sections: Mapping[str, list[str]], pages: Mapping[str, str]) -> Iterator[str]:
    yield f"# {name}\n\n> {summary}\n"
    yield "Read [coding agents](coding-agents.md) first if you write code that uses it.\n"
    for section, paths in sections.items():
        yield f"## {section}\n"
        for path in filter(_is_listed, paths):
            about = _first_sentence(pages[path])
            yield f"- [{title(pages[path])}]({path})" + (f": {about}" if about else "")
        yield ""


def _is_listed(path: str) -> bool:
    """Whether a page is listed: of a folder of the reference, only the page that leads to the others."""
    return path.count("/") < 2 or path.endswith("/index.md")


def _first_sentence(markdown: str) -> str:
    """Return the first sentence of a page's prose, without links."""
    without_code = re.sub(r"^```.*?^```$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    prose = [
        part
        for part in without_code.split("\n\n")
        if re.match(r"[A-Z`\[]", part.strip()) and not part.rstrip().endswith(":")
    ]
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(prose[0].split())) if prose else ""
    return re.split(r"(?<=[.:]) ", text, maxsplit=1)[0].rstrip(":")
