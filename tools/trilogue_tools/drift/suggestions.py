"""A proposal how the description would say what a server does: a patch to its YAML."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import yaml
from attrs import field, frozen

from trilogue_tools.drift.edits import Document, Edit, to_diff
from trilogue_tools.drift.endpoints import Endpoint, endpoints
from trilogue_tools.drift.findings import Finding
from trilogue_tools.drift.places import Place, find_place
from trilogue_tools.errors import ToolError

_NOTE = "description: Seen in responses; say here what it means."
_SEEN = re.compile(r"(\w+) instead of ")


@frozen(eq=False)
class Suggestions:
    """What to change in the descriptions of a platform in the folder `openapi`.

    `left` are the findings that no patch can be made for, such as an unknown value, which is not kept.
    """

    platform: str
    folder: Path
    left: list[Finding] = field(factory=list[Finding])

    def patch(self, findings: Iterable[Finding]) -> str:
        """Return a unified diff, for `git apply`.

        Raises:
            ToolError: there are no descriptions in the folder.
        """
        if not (self.folder / self.platform).is_dir():
            raise ToolError(f"{self.folder / self.platform} does not exist; name the folder with --descriptions")
        edits: dict[Edit, None] = {}
        for finding in findings:
            suggested = list(self._edits(finding))
            edits.update(dict.fromkeys(suggested))
            if not suggested:
                self.left.append(finding)
        return "".join(to_diff(_without_overlaps(edits), self.folder))

    @cached_property
    def _endpoints(self) -> Mapping[str, Endpoint]:
        return {each.name: each for each in endpoints(self.platform).values()}

    @cached_property
    def _documents(self) -> Sequence[Document]:
        return [Document.read(file) for file in sorted((self.folder / self.platform).rglob("*.yaml"))]

    def _edits(self, finding: Finding) -> Iterator[Edit]:
        endpoint = self._endpoints[finding.operation]
        if finding.problem == "undocumented status":
            yield from self._describe_status(endpoint, finding.status)
        elif finding.problem in ("unknown field", "missing field"):
            above, _, name = finding.pointer.rpartition("/")
            owner = find_place(endpoint, finding.status, above, follows=True)
            if owner and finding.problem == "unknown field":
                yield from self._add_property(owner, name, finding.detail)
            elif owner:
                yield from self._drop_required(owner, name)
        elif finding.problem in ("unexpected null", "wrong type"):
            seen = _SEEN.match(finding.detail)
            place = find_place(endpoint, finding.status, finding.pointer)
            if seen and place:
                yield from self._add_type(place, seen[1])

    def _add_property(self, place: Place, name: str, type_name: str) -> Iterator[Edit]:
        for document, node in self._nodes(place.below("properties")):
            if isinstance(node, yaml.MappingNode) and name not in {key.value for key, _ in node.value}:
                lines = [f"{name}:", f"  {_NOTE}", f"  type: {_quoted(type_name)}"]
                yield document.add_entry(node, lines, f"{name}: {{{_NOTE}, type: {_quoted(type_name)}}}")

    def _drop_required(self, place: Place, name: str) -> Iterator[Edit]:
        for document, node in self._nodes(place.below("required")):
            if isinstance(node, yaml.SequenceNode):
                kept = [item.value for item in node.value if item.value != name]
                yield document.replace(node, f"[{', '.join(kept)}]{_tail(document, node)}")

    def _add_type(self, place: Place, type_name: str) -> Iterator[Edit]:
        for document, node in self._nodes(place.below("type")):
            types = [node.value] if isinstance(node, yaml.ScalarNode) else [item.value for item in node.value]
            if type_name not in types:
                listed = ", ".join(map(_quoted, [*types, type_name]))
                yield document.replace(node, f"[{listed}]{_tail(document, node)}")
        for document, node in self._nodes(place.below("$ref")):
            if type_name == "null" and isinstance(node, yaml.ScalarNode):
                yield self._allow_null(document, place, node)

    def _allow_null(self, document: Document, place: Place, node: yaml.Node) -> Edit:
        """Return the edit that puts `oneOf` with null in the place of a reference, which stands behind its key."""
        parent = document.find((place.component, *place.keys))
        assert isinstance(parent, yaml.MappingNode)
        key = next(key for key, value in parent.value if value is node)
        text = f'oneOf: [{{$ref: {document.source(node)}}}, {{type: "null"}}]'
        return Edit(document.file, key.start_mark.index, node.end_mark.index, text)

    def _describe_status(self, endpoint: Endpoint, status: int) -> Iterator[Edit]:
        usual = self._usual_response(status)
        for document in self._documents if usual else ():
            for path in (
                key.value for key, _ in getattr(document.root, "value", ()) if isinstance(key, yaml.ScalarNode)
            ):
                node = document.find((path, endpoint.method.lower(), "operationId"))
                responses = document.find((path, endpoint.method.lower(), "responses"))
                if node is not None and node.value == endpoint.id and isinstance(responses, yaml.MappingNode):
                    entry = f'"{status}": {{$ref: {json.dumps(usual)}}}'
                    yield document.add_entry(responses, [entry], entry)

    def _usual_response(self, status: int) -> str | None:
        """Return the reference that other operations have for a status."""
        pattern = re.compile(rf"""^\s*["']{status}["']: *\{{?\s*\$ref: *["']?([^"'\s}}]+)""", re.MULTILINE)
        found = Counter(each for document in self._documents for each in pattern.findall(document.text))
        return max(found, key=lambda each: found[each], default=None)

    def _nodes(self, place: Place) -> Iterator[tuple[Document, yaml.Node]]:
        for document in self._documents:
            if document.file.parent.name in ("components", "schemas"):
                node = document.find((place.component, *place.keys))
                if node is not None:
                    yield document, node


def _quoted(type_name: str) -> str:
    return '"null"' if type_name == "null" else type_name


def _tail(document: Document, node: yaml.Node) -> str:
    """Return the space behind a block node, which the parser counts to it."""
    source = document.source(node)
    return source[len(source.rstrip()) :]


def _without_overlaps(edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits of which no two change the same text; the next run suggests the others."""
    taken: list[Edit] = []
    for edit in edits:
        if not any(edit.file == other.file and edit.start < other.end and other.start < edit.end for other in taken):
            taken.append(edit)
    return taken
