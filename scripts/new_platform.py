"""Lay out the skeleton of a platform, with one resource that works, for its author to replace."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from platforms import REGISTRY, ROOT, SNAKE_CASE, platforms

SKELETON = Path(__file__).resolve().parent / "skeleton"
BEFORE = "[the sandbox](docs/sandbox.md)"
"""What the link to the page of a platform stands before in README.md."""


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(prog="scripts/new-platform", description=__doc__)
    parser.add_argument("name", help="the name in snake_case, as folders have it: shop")
    parser.add_argument("client", help="the name of the client: Shop")
    options = parser.parse_args(arguments)
    if not re.fullmatch(SNAKE_CASE, options.name) or not re.fullmatch(r"[A-Z][A-Za-z0-9]*", options.client):
        parser.error("write the name in snake_case and the client in PascalCase: scripts/new-platform shop Shop")
    if options.name in platforms():
        parser.error(f"{options.name} is in {REGISTRY.relative_to(ROOT)} already")
    written = [*lay_out(options.name, options.client, ROOT)]
    print("\n".join(written))
    sources = [path for path in written if path.endswith(".py")]
    for command in (("ruff", "check", "--quiet", "--select=I", "--fix"), ("ruff", "format", "--quiet")):
        subprocess.run((sys.executable, "-m", *command, *sources), cwd=ROOT, check=True)
    return subprocess.run((sys.executable, "scripts/generate.py", options.name), cwd=ROOT, check=False).returncode


def lay_out(name: str, client: str, root: Path) -> Iterator[str]:
    """Write the files of a platform and yield their paths; add it to the registry and its page to the README."""
    templates = Environment(loader=FileSystemLoader(SKELETON), undefined=StrictUndefined, keep_trailing_newline=True)
    for source in sorted(SKELETON.rglob("*.jinja")):
        inside = source.relative_to(SKELETON).as_posix()
        text = templates.get_template(inside).render(name=name, client=client)
        if inside == "entry.yaml.jinja":
            _append(root / REGISTRY.relative_to(ROOT), text)
        else:
            path = inside.removesuffix(".jinja").replace("NAME", name)
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            yield path
    readme = root / "README.md"
    link = f"[{client}](docs/{name}.md), {BEFORE}"
    readme.write_text(readme.read_text(encoding="utf-8").replace(BEFORE, link), encoding="utf-8")


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
