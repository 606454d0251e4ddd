"""Make one document of a description that is spread over files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeGuard

import msgspec
import yaml
from platforms import ROOT

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


WORKFLOWS = "workflows/*.arazzo.yaml"
"""The workflows in the folder of a description, which are documents of their own."""


class BundleError(Exception):
    """A description that cannot be bundled; the message names the file and what is wrong in it."""


_TAGS: dict[type, str] = {
    dict: "map",
    list: "seq",
    str: "str",
    int: "int",
    float: "float",
    bool: "bool",
    type(None): "null",
}


def load_yaml(path: Path) -> Any:
    """Read a YAML file that holds JSON types only, written so that every reader of YAML sees the same.

    Raises:
        BundleError: the file is missing, is no YAML, has a key twice, or says `on` or `2024-01-01` without quotes.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return _value(node) if node else None
    except OSError as error:
        raise BundleError(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BundleError(f"{path}: {error}") from error


def _value(node: yaml.Node) -> Json:
    value: Json
    if isinstance(node, yaml.MappingNode):
        value = _mapping(node.value)
    elif isinstance(node, yaml.SequenceNode):
        value = [_value(item) for item in node.value]
    else:
        assert isinstance(node, yaml.ScalarNode)
        value = str(node.value) if node.style else _plain(node.value)
    if node.tag != f"tag:yaml.org,2002:{_TAGS[type(value)]}":
        raise _complaint(
            node, f"not every reader of YAML takes {node.value} for a string or for a value of JSON; quote it"
        )
    return value


def _mapping(pairs: list[tuple[yaml.Node, yaml.Node]]) -> dict[str, Json]:
    mapping: dict[str, Json] = {}
    for key_node, value_node in pairs:
        key = _value(key_node)
        if not isinstance(key, str):
            raise _complaint(key_node, f"the key {key} is no string; quote it")
        if key in mapping:
            raise _complaint(key_node, f"{key} stands here twice")
        mapping[key] = _value(value_node)
    return mapping


def _plain(text: str) -> Json:
    try:
        return msgspec.json.decode(text, type=int | float | bool | None)
    except msgspec.DecodeError:
        return text


def _complaint(node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


class _Bundler:
    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.start = self.root / "openapi.yaml"
        self.files: dict[Path, Json] = {}
        self.components: dict[str, dict[str, Json]] = {}
        self.origin: dict[tuple[str, str], Path] = {}
        self.inlining: list[tuple[Path, str]] = []
        self.reached: set[tuple[Path, str]] = set()

    def bundle(self) -> dict[str, Any]:
        document = self.resolve(self.load(self.start), self.start)
        if not isinstance(document, dict):
            raise BundleError(f"{self.start}: holds no description")
        self.adopt(document.pop("components", {}))
        components: Json = {
            section: dict(sorted(self.components[section].items())) for section in sorted(self.components)
        }
        document["components"] = components
        for reference in _references(document):
            if not _leads_somewhere(document, reference):
                raise BundleError(f"{self.start}: nothing at {reference}")
        return document

    def adopt(self, components: Json) -> None:
        """Take in the components that stand in `openapi.yaml` itself."""
        for section, members in components.items() if isinstance(components, dict) else ():
            for name, member in members.items() if isinstance(members, dict) else ():
                self.claim(section, name, self.start)
                self.components.setdefault(section, {})[name] = member

    def load(self, path: Path) -> Json:
        if path not in self.files:
            self.files[path] = load_yaml(path)
        return self.files[path]

    def resolve(self, node: Json, here: Path) -> Json:
        if isinstance(node, list):
            return [self.resolve(item, here) for item in node]
        if not isinstance(node, dict):
            return node
        members = {key: self.resolve(value, here) for key, value in node.items() if key != "$ref"}
        if isinstance(mapping := node.get("mapping"), dict):
            members["mapping"] = {key: self.mapped(value, here) for key, value in mapping.items()}
        reference = node.get("$ref")
        return {**self.follow(reference, here), **members} if isinstance(reference, str) else members

    def mapped(self, value: Json, here: Path) -> Json:
        """Follow a reference in the `mapping` of a discriminator, where it has no `$ref` in front."""
        if isinstance(value, str) and "#/" in value:
            return self.follow(value, here)["$ref"]
        return self.resolve(value, here)

    def follow(self, reference: str, here: Path) -> dict[str, Json]:
        file, _, name = reference.partition("#/")
        path = (here.parent / file).resolve() if file else here
        if path == self.start:
            return {"$ref": f"#/{name}"}
        contents = self.load(path) if path.is_relative_to(self.root) and path.is_file() else None
        if not isinstance(contents, dict) or name not in contents:
            raise BundleError(f"{here}: nothing at {reference}")
        self.reached.add((path, name))
        place = path.relative_to(self.root).with_suffix("").parts
        if place[0] == "components":
            return self.component(place[1], name, contents[name], path)
        return self.inline(name, contents[name], path)

    def component(self, section: str, name: str, target: Json, path: Path) -> dict[str, Json]:
        self.claim(section, name, path)
        members = self.components.setdefault(section, {})
        if name not in members:
            members[name] = None  # a schema may refer to itself: take its place before going in
            members[name] = self.resolve(target, path)
        return {"$ref": f"#/components/{section}/{name}"}

    def inline(self, name: str, target: Json, path: Path) -> dict[str, Json]:
        if (path, name) in self.inlining:
            raise BundleError(f"{path}: {name} contains itself, which only a component may")
        self.inlining.append((path, name))
        node = self.resolve(target, path)
        self.inlining.pop()
        if not isinstance(node, dict):
            raise BundleError(f"{path}: {name} is not an object")
        return node

    def unreached(self) -> list[str]:
        files = sorted(set(self.root.rglob("*.yaml")) - {self.start} - set(self.root.glob(WORKFLOWS)))
        names = [(path, name) for path in files for name in self.names(path)]
        return [f"{path.relative_to(self.root)}#/{name}" for path, name in names if (path, name) not in self.reached]

    def sources(self) -> dict[str, str]:
        """Return where each path, webhook and component is written, by its name in the document."""
        document = self.files[self.start]
        assert isinstance(document, dict)
        items = [items for key in ("paths", "webhooks") if isinstance(items := document.get(key), dict)]
        referred = {name: item["$ref"] for each in items for name, item in each.items() if _is_reference(item)}
        components = {
            f"{section}.{name}": f"{path.relative_to(self.root).as_posix()}#/{name}"
            for (section, name), path in self.origin.items()
        }
        return {**{name: str(reference) for name, reference in referred.items()}, **components}

    def names(self, path: Path) -> list[str]:
        contents = self.load(path)
        return list(contents) if isinstance(contents, dict) else [""]

    def claim(self, section: str, name: str, path: Path) -> None:
        known = self.origin.setdefault((section, name), path)
        if known != path:
            raise BundleError(f"components/{section}: {name} stands in {known} and in {path}")


def _is_reference(node: Json) -> TypeGuard[dict[str, Json]]:
    return isinstance(node, dict) and "$ref" in node


def _references(node: Json) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


def _leads_somewhere(document: Json, reference: str) -> bool:
    node = document
    for step in reference.removeprefix("#/").split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or key not in node:
            return False
        node = node[key]
    return True


class Bundle(NamedTuple):
    """A description as one document.

    `unreached` is what stands in its files but is not part of it, as `file#/name`; `sources` says where each path,
    webhook and component is written.
    """

    document: dict[str, Any]
    unreached: list[str]
    sources: dict[str, str]


def read_workflows(folder: Path) -> dict[str, Json]:
    """Return the Arazzo documents of a description by the names of their files.

    Raises:
        BundleError: one of them cannot be read.
    """
    return {path.name.partition(".")[0]: load_yaml(path) for path in sorted(folder.glob(WORKFLOWS))}


def bundle_folder(folder: Path) -> Bundle:
    """Bundle the description whose `openapi.yaml` stands in a folder.

    Raises:
        BundleError: a file cannot be read, a reference leads nowhere, or two files define one name.
    """
    bundler = _Bundler(folder)
    return Bundle(bundler.bundle(), bundler.unreached(), bundler.sources())


def bundle(platform: str) -> dict[str, Any]:
    """Return the description of a platform as one document, the same each time.

    Raises:
        BundleError: a file cannot be read, a reference leads nowhere, or two files define one name.
    """
    return bundle_folder(ROOT / "openapi" / platform).document


def to_json(document: dict[str, Any]) -> bytes:
    """Encode a bundled document as it is committed."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(to_json(bundle(sys.argv[1])))
