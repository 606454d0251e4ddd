"""Make one document of a description that is spread over files."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import msgspec
import yaml

ROOT = Path(__file__).resolve().parent.parent
PLATFORMS = ("rapidpro", "botpress", "pantheon")


class BundleError(Exception):
    """A description that cannot be bundled; the message names the file and the reference."""


class _JsonLoader(yaml.CSafeLoader):
    """YAML with the types of JSON only: `on` and `2024-01-01` stay strings."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  PyYAML's own attribute


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", "-0123456789"),
):
    _JsonLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def load_yaml(path: Path) -> Any:
    """Read a YAML file that holds JSON types only."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_JsonLoader)


class _Bundler:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[Path, Any] = {}
        self.components: dict[str, dict[str, Any]] = {}
        self.origin: dict[tuple[str, str], Path] = {}

    def bundle(self) -> dict[str, Any]:
        start = self.root / "openapi.yaml"
        document = self.resolve(self.load(start), start)
        for kind, members in document.pop("components", {}).items():
            self.components.setdefault(kind, {}).update(members)
        components = {kind: dict(sorted(self.components[kind].items())) for kind in sorted(self.components)}
        return {**document, "components": components}

    def load(self, path: Path) -> Any:
        if path not in self.files:
            self.files[path] = load_yaml(path)
        return self.files[path]

    def resolve(self, node: Any, here: Path) -> Any:
        if isinstance(node, list):
            return [self.resolve(item, here) for item in node]
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str):
            beside = {key: self.resolve(value, here) for key, value in node.items() if key != "$ref"}
            return {**self.follow(node["$ref"], here), **beside}
        return {key: self.resolve(value, here) for key, value in node.items()}

    def follow(self, reference: str, here: Path) -> dict[str, Any]:
        file, _, name = reference.partition("#/")
        path = (here.parent / file).resolve() if file else here
        if path == self.root / "openapi.yaml":
            return {"$ref": reference}
        try:
            target = self.load(path)[name]
        except (OSError, KeyError, TypeError) as error:
            raise BundleError(f"{here}: nothing at {reference}") from error
        place = path.relative_to(self.root).with_suffix("").parts
        if place[0] != "components":
            return dict(self.resolve(target, path))
        return self.component(place[1], name, target, path)

    def component(self, kind: str, name: str, target: Any, path: Path) -> dict[str, Any]:
        known = self.origin.setdefault((kind, name), path)
        if known != path:
            raise BundleError(f"components/{kind}: {name} stands in {known} and in {path}")
        members = self.components.setdefault(kind, {})
        if name not in members:
            members[name] = None  # a schema may refer to itself: take its place before going in
            members[name] = self.resolve(target, path)
        return {"$ref": f"#/components/{kind}/{name}"}


def bundle(platform: str) -> dict[str, Any]:
    """Return the description of a platform as one document, the same each time.

    Raises:
        BundleError: a reference leads nowhere, or two files define one name.
    """
    return _Bundler(ROOT / "openapi" / platform).bundle()


def to_json(document: dict[str, Any]) -> bytes:
    """Encode a bundled document as it is committed."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(to_json(bundle(sys.argv[1])))
