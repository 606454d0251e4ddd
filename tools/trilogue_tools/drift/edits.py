"""Small changes to YAML files that leave everything else as it is written."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import yaml
from attrs import frozen

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where it is installed: it reads more of YAML, and faster."""


@frozen
class Edit:
    """Put a text in the place of what stands from one offset to another in a file."""

    file: Path
    start: int
    end: int
    text: str


@frozen(eq=False)
class Document:
    """A YAML file, with the offsets of its nodes."""

    file: Path
    text: str
    root: yaml.Node | None

    @classmethod
    def read(cls, file: Path) -> Document:
        """Read a file."""
        text = file.read_text(encoding="utf-8")
        return cls(file, text, yaml.compose(text, Loader=_LOADER))

    def find(self, keys: Iterable[str]) -> yaml.Node | None:
        """Return the node that keys lead to, numbers for the items of lists."""
        node = self.root
        for key in keys:
            if isinstance(node, yaml.MappingNode):
                node = next((value for name, value in node.value if name.value == key), None)
            elif isinstance(node, yaml.SequenceNode) and key.isdecimal() and int(key) < len(node.value):
                node = node.value[int(key)]
            else:
                return None
        return node

    def replace(self, node: yaml.Node, text: str) -> Edit:
        """Return the edit that puts a text in the place of a node."""
        return Edit(self.file, node.start_mark.index, node.end_mark.index, text)

    def source(self, node: yaml.Node) -> str:
        """Return how a node is written."""
        return self.text[node.start_mark.index : node.end_mark.index]

    def add_entry(self, mapping: yaml.MappingNode, lines: Sequence[str], flow: str) -> Edit:
        """Return the edit that adds an entry to a mapping: lines, or `flow` if the mapping is written in braces."""
        if mapping.flow_style:
            end = mapping.end_mark.index - 1
            return Edit(self.file, end, end, f", {flow}" if mapping.value else flow)
        last = mapping.value[-1][1]
        end = len(self.text[: last.end_mark.index].rstrip())
        indent = " " * mapping.start_mark.column
        return Edit(self.file, end, end, "".join(f"\n{indent}{line}" for line in lines))


def to_diff(edits: Iterable[Edit], root: Path) -> Iterator[str]:
    """Yield the lines of a unified diff that makes these edits; paths are relative to the folder above `root`."""
    by_file: dict[Path, list[Edit]] = {}
    for edit in dict.fromkeys(edits):
        by_file.setdefault(edit.file, []).append(edit)
    for file, changes in sorted(by_file.items()):
        before = file.read_text(encoding="utf-8")
        after = before
        for edit in sorted(changes, key=lambda edit: edit.start, reverse=True):
            after = after[: edit.start] + edit.text + after[edit.end :]
        name = file.relative_to(root.parent).as_posix()
        yield from difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{name}", f"b/{name}"
        )
