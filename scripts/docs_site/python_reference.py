"""The reference of the Python API, read from signatures and docstrings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import griffe
from trilogue_tools.catalogue import HAND_WRITTEN, Platform, Resource

from .http_reference import anchor

ROOTS = ("overlays", "generated", "sandbox")
_MODEL = re.compile(r"\bm\.(\w+)")
_PREFIX = re.compile(r"\b(?:m|rt|lit|t)\.(?=[A-Z])")


class Library:
    """The packages of the project, read without importing them."""

    def __init__(self, root: Path) -> None:
        self._loader = griffe.GriffeLoader(
            search_paths=[root / name for name in ROOTS], docstring_parser=griffe.Parser.google
        )
        for name in ("trilogue", "trilogue_generated", "trilogue_sandbox"):
            self._loader.load(name)
        self._loader.resolve_aliases(external=False)

    def get(self, path: str) -> Any:
        """Return the module, class or function with a dotted path."""
        return self._loader.modules_collection[path]


def python_pages(platform: Platform, library: Library) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each page of a platform: its client, each resource, its models."""
    folder = f"python/{platform.name}"
    resources = list(_all_resources(platform))
    yield f"{folder}/index.md", "\n".join(_client(platform, resources, library))
    for resource in resources:
        yield f"{folder}/{resource.name}.md", "\n".join(_resource(resource, library))
    models = library.get(f"trilogue_generated.{platform.name}.models")
    for letter, classes in _by_letter(models).items():
        text = "\n".join("\n".join(_model(each)) for each in classes)
        yield f"{folder}/models-{letter}.md", f"# Models: {letter.upper()}\n\n{text}"


def package_page(name: str, exported: Sequence[str], library: Library) -> str:
    """Return the page of what a package exports."""
    parts = [f"# {name}\n\n{_text(library.get(name))}\n"]
    parts += ["\n".join(_exported(library.get(name)[each], each)) for each in exported]
    return "\n".join(parts)


def _all_resources(holder: Platform | Resource) -> Iterator[Resource]:
    for resource in holder.resources.values():
        yield resource
        yield from _all_resources(resource)


def _client(platform: Platform, resources: Sequence[Resource], library: Library) -> Iterator[str]:
    name = platform.info.client
    found = library.get(f"trilogue.{platform.name}.clients.{name}")
    yield f"# {platform.info.label}\n\n{_text(found)} `Async{name}` has the same methods, to be awaited.\n"
    yield from _signature(name, found["__init__"])
    yield from _sections(found["__init__"])
    yield "## Resources\n\n| resource | |\n| --- | --- |"
    yield from (f"| [{each.name}]({each.name}.md) | {each.doc.partition(chr(10))[0]} |" for each in resources)
    letters = _by_letter(library.get(f"trilogue_generated.{platform.name}.models"))
    yield "\n## Models\n\n" + " ".join(f"[{letter.upper()}](models-{letter}.md)" for letter in letters)


def _resource(resource: Resource, library: Library) -> Iterator[str]:
    module = f"trilogue_generated.{resource.platform}.resources.{resource.name.replace('.', '_')}"
    name = "".join(part.capitalize() for part in re.split(r"[._]", resource.name))
    yield f"# {resource.name}\n\n{resource.doc}\n"
    added = HAND_WRITTEN.get(f"{resource.platform}.{resource.name}")
    for method in resource.methods.values():
        home = module if added is None or method.name in library.get(f"{module}.{name}").members else added.module
        function = library.get(f"{home}.{name}.{method.name}")
        yield f"## {method.name} {{ #{method.name} }}\n"
        yield from _signature(f"client.{method.path}", function)
        yield from _sections(function)
        yield from _returns(function)
        if method.operation:
            target = f"../../http/{resource.platform}/{resource.name}.md#{anchor(method.operation.id)}"
            yield f"HTTP: [`{method.operation.method} {method.operation.path}`]({target})\n"


def _returns(function: Any) -> Iterator[str]:
    names = sorted(set(_MODEL.findall(str(function.returns or ""))))
    if names:
        links = ", ".join(f"[`{name}`](models-{name[0].lower()}.md#{name.lower()})" for name in names)
        yield f"Models: {links}\n"


def _by_letter(models: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for module in models.modules.values():
        for each in module.classes.values():
            found.setdefault(each.name[0].lower(), []).append(each)
    return {letter: sorted(found[letter], key=lambda each: str(each.name)) for letter in sorted(found)}


def _model(found: Any) -> Iterator[str]:
    yield f"## {found.name} {{ #{found.name.lower()} }}\n\n{_text(found)}\n"
    fields = [each for each in found.attributes.values() if each.docstring and "ClassVar" not in str(each.annotation)]
    if fields:
        yield "| attribute | type | |\n| --- | --- | --- |"
        yield from (f"| `{each.name}` | {_type(each.annotation)} | {_cell(_text(each))} |" for each in fields)
        yield ""


def _exported(found: Any, name: str) -> Iterator[str]:
    yield f"## {name} {{ #{name.lower()} }}\n"
    if found.is_class and "__init__" in found.members:
        yield from _signature(name, found["__init__"])
    if found.is_function:
        yield from _signature(name, found)
    yield from _sections(found)
    if found.is_class:
        yield from _members(found)


def _members(found: Any) -> Iterator[str]:
    public = [each for each in found.all_members.values() if not each.name.startswith("_") and each.docstring]
    fields = [each for each in public if each.is_attribute]
    if fields:
        yield "| attribute | type | |\n| --- | --- | --- |"
        yield from (f"| `{each.name}` | {_type(each.annotation)} | {_cell(_text(each))} |" for each in fields)
        yield ""
    for each in public:
        if each.is_function:
            yield f"### {found.name}.{each.name} {{ #{found.name.lower()}-{each.name} }}\n"
            yield from _signature(each.name, each)
            yield from _sections(each)


def _signature(name: str, function: Any) -> Iterator[str]:
    arguments = [_argument(each) for each in function.parameters if each.name not in ("self", "_unknown")]
    keyword_only = [each.kind is griffe.ParameterKind.keyword_only for each in function.parameters]
    if any(keyword_only):
        first = [each.kind for each in function.parameters if each.name != "self"].index(
            griffe.ParameterKind.keyword_only
        )
        arguments.insert(first, "*")
    returns = f" -> {_plain(function.returns)}" if function.returns and str(function.returns) != "None" else ""
    one_line = f"{name}({', '.join(arguments)}){returns}"
    if len(one_line) > 80 and arguments:
        one_line = f"{name}(\n" + "".join(f"    {each},\n" for each in arguments) + f"){returns}"
    yield f"```py\n{one_line}\n```\n"


def _argument(parameter: Any) -> str:
    stars = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}.get(parameter.kind, "")
    default = f" = {parameter.default}" if parameter.default is not None and not stars else ""
    return f"{stars}{parameter.name}: {_plain(parameter.annotation)}{default}"


def _sections(found: Any) -> Iterator[str]:
    if not found.docstring:
        return
    for section in found.docstring.parse("google", warnings=False):
        if section.kind is griffe.DocstringSectionKind.text:
            yield f"{section.value}\n"
        elif section.kind is griffe.DocstringSectionKind.parameters:
            yield "| argument | |\n| --- | --- |"
            yield from (f"| `{each.name}` | {_cell(each.description)} |" for each in section.value)
            yield ""
        elif section.kind is griffe.DocstringSectionKind.raises:
            yield "| raises | |\n| --- | --- |"
            yield from (f"| `{each.annotation}` | {_cell(each.description)} |" for each in section.value)
            yield ""


def _text(found: Any) -> str:
    return str(found.docstring.value) if found.docstring else ""


def _plain(annotation: Any) -> str:
    return _PREFIX.sub("", str(annotation))


def _type(annotation: Any) -> str:
    return f"`{_plain(annotation)}`".replace("|", "\\|")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
