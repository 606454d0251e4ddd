"""The command: lay out the pages, build the site, check its links."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from platforms import ROOT
from trilogue_tools.catalogue import platforms

from .http_reference import http_pages
from .links import broken_links
from .llms import llms_txt
from .pages import convert, place, section_of_pages, title
from .python_reference import Library, package_page, python_pages

PACKAGES = (
    "trilogue",
    "trilogue.botpress.errors",
    "trilogue.botpress_chat.errors",
    "trilogue.pantheon.webhooks",
    "trilogue_sandbox",
)
"""The modules whose exports have a page."""


def main(arguments: Sequence[str]) -> int:
    """Build the site in `site/`, or the folder named, and return the exit status: 1 if a link leads nowhere."""
    target = Path(arguments[0]) if arguments else ROOT / "site"
    build(target)
    broken = list(broken_links(target.resolve()))
    print("\n".join(broken) or f"{target}: {sum(1 for _ in target.rglob('*.html'))} pages; every link leads somewhere.")
    return int(bool(broken))


def build(target: Path) -> None:
    """Build the site in a folder, which is replaced."""
    settings = yaml.safe_load((Path(__file__).parent / "site.yml").read_text(encoding="utf-8"))
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    sections, pages = _pages(settings["sections"], urls["Source"])
    config = {**settings["zensical"], "site_url": urls["Documentation"], "repo_url": urls["Source"]}
    config["nav"] = [{name: _navigation(paths, pages)} for name, paths in sections.items()]
    summary = llms_txt(config["site_name"], config["site_description"], sections, pages)
    style = (Path(__file__).parent / "site.css").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        staged = Path(folder)
        _write(staged / "pages", {**pages, "site.css": style})
        for image in (ROOT / "docs").glob("*.png"):
            shutil.copy(image, staged / "pages")
        (staged / "mkdocs.yml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
        subprocess.run((sys.executable, "-m", "zensical", "build", "--strict"), cwd=staged, check=True)
        _write(staged / "html", {**pages, "llms.txt": summary})
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(staged / "html", target)


def _navigation(paths: Sequence[str], pages: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the navigation of a section: the pages of a folder with a page of its own below that page."""
    found: list[dict[str, Any]] = []
    for folder, below in groupby(paths, key=lambda path: str(PurePosixPath(path).parent)):
        entries = [{title(pages[path]): path} for path in below]
        has_index = f"{folder}/index.md" in pages and folder != "."
        found += [{title(pages[f"{folder}/index.md"]): entries}] if has_index else entries
    return found


def _pages(ordered: Mapping[str, list[str]], repository: str) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the paths of the pages by section, in order, and the Markdown of each."""
    sections: dict[str, list[str]] = {}
    pages: dict[str, str] = {}
    for section, sources in section_of_pages(ROOT, ordered).items():
        if section == "Project":
            for name, found in _references().items():
                sections[name] = list(found)
                pages.update(found)
        sections[section] = [place(source) for source in sources]
        for source in sources:
            pages[place(source)] = convert((ROOT / source).read_text(encoding="utf-8"), source, ROOT, repository)
    return sections, pages


def _references() -> dict[str, dict[str, str]]:
    library = Library(ROOT)
    found: dict[str, dict[str, str]] = {"Python API": {}, "HTTP": {}}
    for name in PACKAGES:
        found["Python API"][f"python/{name}.md"] = package_page(name, _exports(name), library)
    for platform in platforms().values():
        bundle = ROOT / "generated" / "trilogue_generated" / platform.name / "openapi.json"
        document: dict[str, Any] = json.loads(bundle.read_text(encoding="utf-8"))
        found["Python API"].update(python_pages(platform, library))
        found["HTTP"].update(http_pages(platform.name, platform.info.label, document))
    return found


def _exports(name: str) -> list[str]:
    """Return what a module exports: the names in `__all__`, or else the classes that it defines."""
    module = importlib.import_module(name)
    defined = [key for key, value in vars(module).items() if getattr(value, "__module__", "") == name and key[0] != "_"]
    return list(getattr(module, "__all__", defined))


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
