"""The rules about a whole description."""

from __future__ import annotations

from .description import Description
from .methods import methods
from .rule import Faults, Rule, repeated, snake_case
from .walking import parts_of


def is_openapi_3_1_1_or_3_2_0(description: Description) -> Faults:
    if description.document.get("openapi") not in ("3.1.1", "3.2.0"):
        yield "openapi.yaml", "write openapi: 3.1.1 or 3.2.0"


def has_only_known_vendor_keys(description: Description) -> Faults:
    operations = {id(operation.node) for operation in description.operations}
    top = id(description.document)
    marked = {top, *operations, *(id(webhook.node) for webhook in description.webhooks)}
    values = {top, *operations, *_values(description)}
    known = {
        "x-sdk": operations,
        "x-provenance": marked,
        "x-servers": values,
        "x-faults": values,
        "x-limits": values.union(map(id, description.components("schemas").values())) - {top},
    }
    for part in parts_of(description.document):
        for key in part.node:
            if key.startswith("x-") and id(part.node) not in known.get(key, ()):
                yield f"{part.where}.{key}", "remove it: openapi/README.md says which vendor keys there are, and where"


def _values(description: Description) -> set[int]:
    """Return the identities of all parameters, headers, responses and schemas but components."""
    components = description.components("schemas").values()
    schemas = {id(part.node) for schemas in description.schemas for part in schemas.parts}
    responses = [node for operation in description.operations for node in operation.node.get("responses", {}).values()]
    holders = [part.node for part in parts_of(description.document) if "schema" in part.node]
    return schemas.union(map(id, (*responses, *holders))) - set(map(id, components))


def explains_where_its_operations_come_from(description: Description) -> Faults:
    for word, text in description.provenance.items():
        if not str(text).strip().endswith("."):
            yield f"x-provenance.{word}", "say in a sentence what the word means"
        if not any(operation.node.get("x-provenance") == word for operation in description.operations):
            yield f"x-provenance.{word}", "no operation has this word: remove it"


def says_whose_it_is(description: Description) -> Faults:
    info = description.document.get("info", {})
    for name in ("contact", "license"):
        if not info.get(name, {}).get("name"):
            yield f"info.{name}", "name it: whom to ask, and what may be done with this description"


def explains_every_tag_and_uses_it(description: Description) -> Faults:
    operations = (*description.operations, *description.webhooks)
    used = {tag for operation in operations for tag in operation.node.get("tags", [])}
    used |= {tag.partition(".")[0] for tag in used}
    for tag in sorted(used - {tag["name"] for tag in description.document.get("tags", [])}):
        yield f"tags.{tag}", "list the tag in openapi.yaml, with a sentence"
    for tag in description.document.get("tags", []):
        if not tag.get("description", "").strip().endswith("."):
            yield f"tags.{tag['name']}", "say in a sentence what the tag is for"
        if tag["name"] not in used:
            yield f"tags.{tag['name']}", "no operation has this tag: remove it"


def offers_each_method_once(description: Description) -> Faults:
    offered: dict[str, str] = {}
    for operation in description.operations:
        for name in [f"{method.resource}.{method.name}" for method in methods(operation)]:
            if name in offered:
                yield operation.name, f"{offered[name]} is {name} already"
            offered[name] = operation.name


def keeps_resources_and_methods_apart(description: Description) -> Faults:
    resources = {method.resource for operation in description.operations for method in methods(operation)}
    nested = {
        ".".join(resource.split(".")[:depth]) for resource in resources for depth in range(1, resource.count(".") + 2)
    }
    for operation in description.operations:
        for name in [f"{method.resource}.{method.name}" for method in methods(operation)]:
            if name in nested:
                yield operation.name, f"{name} is a resource and a method; rename one"


def names_its_components_apart(description: Description) -> Faults:
    for section in description.document.get("components", {}):
        for name in sorted(repeated(list(description.components(section)))):
            yield f"components.{section}.{name}", f"more than one is called {snake_case(name)} in Python: rename"


def has_no_component_that_only_refers_to_another(description: Description) -> Faults:
    for section in description.document.get("components", {}):
        for name, node in description.components(section).items():
            if "$ref" in node:
                yield f"components.{section}.{name}", f"refer to {node['$ref']} where this one is used"


def has_the_security_schemes_it_asks_for(description: Description) -> Faults:
    asked = [("openapi.yaml", description.document.get("security", []))]
    asked += [(operation.name, operation.node.get("security", [])) for operation in description.operations]
    for where, alternatives in asked:
        for name in sorted({name for alternative in alternatives for name in alternative}):
            if name not in description.components("securitySchemes"):
                yield where, f"there is no security scheme {name}"


def names_its_operations_apart(description: Description) -> Faults:
    for name in sorted(repeated([operation.name for operation in (*description.operations, *description.webhooks)])):
        yield name, f"more than one operation is called {snake_case(name)} in Python: rename"


DOCUMENT_RULES = (
    Rule(is_openapi_3_1_1_or_3_2_0),
    Rule(has_only_known_vendor_keys),
    Rule(says_whose_it_is),
    Rule(explains_where_its_operations_come_from),
    Rule(explains_every_tag_and_uses_it),
    Rule(offers_each_method_once),
    Rule(keeps_resources_and_methods_apart),
    Rule(names_its_components_apart),
    Rule(names_its_operations_apart),
    Rule(has_no_component_that_only_refers_to_another),
    Rule(has_the_security_schemes_it_asks_for),
)
