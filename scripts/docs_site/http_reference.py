"""The HTTP reference: a page for each resource of a description, and one for each letter of its schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

METHODS = ("get", "put", "post", "delete", "patch")


def http_pages(platform: str, label: str, document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each page of a platform."""
    folder = f"http/{platform}"
    by_resource: dict[str, list[str]] = {}
    for path, method, item, operation in _operations(document):
        text = "\n".join(_operation(document, path, method, item, operation))
        by_resource.setdefault(operation["x-sdk"]["resource"], []).append(text)
    yield f"{folder}/index.md", "\n".join(_overview(label, document, sorted(by_resource)))
    for resource, texts in sorted(by_resource.items()):
        yield f"{folder}/{resource}.md", f"# {resource}\n\n" + "\n".join(texts)
    for letter, names in _by_letter(document).items():
        texts = ["\n".join(_schema(name, document)) for name in names]
        yield f"{folder}/schemas-{letter}.md", f"# Schemas: {letter.upper()}\n\n" + "\n".join(texts)
    if "webhooks" in document:
        yield f"{folder}/webhook-events.md", "\n".join(_webhooks(document))


def anchor(operation_id: str) -> str:
    """Return the anchor of an operation."""
    return operation_id.lower().replace("_", "-")


def _by_letter(document: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted(document["components"]["schemas"], key=str.lower):
        found.setdefault(name[0].lower(), []).append(name)
    return found


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item, item[method]


def _overview(label: str, document: Mapping[str, Any], resources: list[str]) -> Iterator[str]:
    yield f"# {label} over HTTP\n\n{document['info'].get('description', '')}\n"
    yield "| server | |\n| --- | --- |"
    yield from (f"| `{server['url']}` | {_cell(server.get('description', ''))} |" for server in document["servers"])
    about = {tag["name"]: tag.get("description", "") for tag in document["tags"]}
    yield "\n## Resources\n\n| resource | |\n| --- | --- |"
    for name in resources:
        yield f"| [{name}]({name}.md) | {_cell(about.get(name, ''))} |"
    if "webhooks" in document:
        yield "\n[Webhooks](webhook-events.md) are what the platform posts to an app.\n"
    letters = " ".join(f"[{letter.upper()}](schemas-{letter}.md)" for letter in _by_letter(document))
    yield f"\n## Schemas\n\n{letters}"


def _operation(
    document: Mapping[str, Any], path: str, method: str, item: Mapping[str, Any], operation: Mapping[str, Any]
) -> Iterator[str]:
    yield f"## {operation['summary']} {{ #{anchor(operation['operationId'])} }}\n"
    yield f"`{method.upper()} {path}`\n\n{operation['description']}\n"
    parameters = [_resolve(document, each) for each in (*item.get("parameters", ()), *operation.get("parameters", ()))]
    if parameters:
        yield "| parameter | type | |\n| --- | --- | --- |"
        for each in parameters:
            name = f"`{each['name']}`" + (" (required)" if each.get("required") else "")
            types = f"{_type(each.get('schema', {}))}, in the {each['in']}"
            yield f"| {name} | {types} | {_cell(each.get('description', ''))} |"
        yield ""
    if "requestBody" in operation:
        yield from _contents("Body", _resolve(document, operation["requestBody"]))
    yield "| status | | body |\n| --- | --- | --- |"
    for status, response in operation["responses"].items():
        found = _resolve(document, response)
        bodies = {_type(media.get("schema", {})) for media in found.get("content", {}).values()}
        yield f"| {status} | {_cell(found['description'])} | {', '.join(sorted(bodies))} |"
    yield ""


def _contents(heading: str, holder: Mapping[str, Any]) -> Iterator[str]:
    for media_type, media in holder["content"].items():
        yield f"{heading}, `{media_type}`: {_type(media.get('schema', {}))}\n"
        for example in list(media.get("examples", {}).values())[:1]:
            yield from _example(example.get("value"))


def _example(value: Any) -> Iterator[str]:
    yield f"```json\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```\n"


def _schema(name: str, document: Mapping[str, Any]) -> Iterator[str]:
    schema = document["components"]["schemas"][name]
    yield f"## {name} {{ #{name.lower()} }}\n\n{schema.get('description', '')}\n"
    if "properties" in schema:
        required = schema.get("required", ())
        yield "| property | type | |\n| --- | --- | --- |"
        for key, value in schema["properties"].items():
            mark = " (required)" if key in required else ""
            yield f"| `{key}`{mark} | {_type(value)} | {_cell(value.get('description', ''))} |"
        yield ""
    else:
        yield f"Type: {_type(schema)}\n"
    if schema.get("examples"):
        yield from _example(schema["examples"][0])


def _webhooks(document: Mapping[str, Any]) -> Iterator[str]:
    yield "# Webhook events\n"
    for name, item in document["webhooks"].items():
        operation = item["post"]
        yield f"## {name}\n\n{operation['summary']}. {operation['description']}\n"
        yield from _contents("Body", _resolve(document, operation["requestBody"]))


def _type(schema: Mapping[str, Any]) -> str:
    """Return the type of a schema in words, with links to the components."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](schemas-{name[0].lower()}.md#{name.lower()})"
    for union in ("oneOf", "anyOf"):
        if union in schema:
            return " or ".join(_type(member) for member in schema[union])
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(value)}`" for value in schema["enum"]).replace("|", "\\|")
    types: str | list[str] = schema.get("type", "any")
    named = types if isinstance(types, str) else " or ".join(types)
    if "items" in schema:
        return f"{named} of {_type(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"{named}, each {_type(schema['additionalProperties'])}"
    return f"{named} ({schema['format']})" if "format" in schema else named


def _resolve(document: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in value:
        return value
    found: Any = document
    for part in value["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return _resolve(document, found)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
