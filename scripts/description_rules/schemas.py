"""The rules about schemas: their words, their limits, and what the generator and the servers make of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from .description import Description, Schemas
from .methods import methods
from .rule import Faults, Rule, repeated
from .walking import Json, Location

LIMITS = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "array": {"items", "minItems", "maxItems", "uniqueItems"},
    "object": {"properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties"},
}
ANNOTATIONS = {"description", "examples", "default", "deprecated"}
SERVER_KEYS = {"x-servers", "x-limits", "x-faults"}
KEYWORDS = {"$ref", "type", "enum", "oneOf", "anyOf", "discriminator"}.union(ANNOTATIONS, SERVER_KEYS, *LIMITS.values())
TIMES = {"date", "date-time", "duration", "time"}
FORMATS = {"binary", "double", "email", "int32", "int64", "ipv4", "password", "uri", "uuid"} | TIMES
RESERVED_FIELDS = {"additional_properties", "from_dict", "to_dict"}
LIMIT_IN_WORDS = re.compile(
    r"\b(?:at most|up to|no more than|at least) ([\d,]*\d)(?![\d.%]| ?[KMG]i?B| bytes| days| hours)", re.IGNORECASE
)


def has_examples(schemas: Schemas) -> Faults:
    if not schemas.roots[0].node.get("examples"):
        yield schemas.name, "give the schema examples, a list of values that fit it"


def is_component(schemas: Schemas) -> bool:
    return schemas.is_component


def describes_itself_and_its_fields(schemas: Schemas) -> Faults:
    if schemas.is_component and not schemas.roots[0].node.get("description", "").strip():
        yield schemas.name, "say what the schema stands for"
    for part in schemas.parts:
        for name, node in part.node.get("properties", {}).items():
            if not schemas.description.target(node).get("description", "").strip():
                yield f"{part.where}.{name}", "say what the field holds, here or in the component it refers to"


def has_fields_or_is_a_component(schemas: Schemas) -> bool:
    return schemas.is_component or any("properties" in part.node for part in schemas.parts)


def gives_every_object_a_name(schemas: Schemas) -> Faults:
    for part in schemas.nameless:
        if "properties" in part.node:
            yield part.where, "make the object a component and refer to it"
        elif "object" in types(part.node) and "additionalProperties" not in part.node:
            yield part.where, "a free map says additionalProperties; anything else is a component"


def has_nameless_objects(schemas: Schemas) -> bool:
    return has_objects(schemas.nameless)


def gives_a_repeated_enum_a_name(schemas: Schemas) -> Faults:
    counts = enum_counts(schemas.description)
    for part in schemas.nameless:
        if counts[enum_key(part.node)] > 1:
            yield part.where, "this enum stands in more than one place: make it a component and refer to it"


@cache
def enum_counts(description: Description) -> Counter[tuple[str, ...]]:
    parts = (part for schemas in description.schemas for part in schemas.parts)
    return Counter(enum_key(part.node) for part in parts if enum_key(part.node))


def enum_key(schema: Json) -> tuple[str, ...]:
    """Return what makes an enum the same as another; empty for none, and for an enum of one, which tags a variant."""
    values = schema.get("enum", [])
    return tuple(sorted(map(repr, values))) if len(values) > 1 else ()


def writes_null_as_a_type(schemas: Schemas) -> Faults:
    for part in schemas.parts:
        values, union = part.node.get("enum", []), [*part.node.get("oneOf", []), *part.node.get("anyOf", [])]
        if None in values:
            yield part.where, "take null out of the enum: make it a component, and oneOf that and null"
        elif values and "null" in types(part.node):
            yield part.where, "null is not in the enum and so refused: make it a component, and oneOf that and null"
        if part.node.get("type") == "null" and not re.search(r"\.oneOf\.\d+$", part.where):
            yield part.where, "null alone says nothing: write it beside the type of the value"
        if {"type": "null"} in union and not any("$ref" in member for member in union):
            yield part.where, 'write null into the type, as in type: [string, "null"]'


def mentions_null(schemas: Schemas) -> bool:
    return any("null" in types(part.node) or None in part.node.get("enum", []) for part in schemas.parts)


def says_only_what_means_something(schemas: Schemas) -> Faults:
    for part in schemas.parts:
        for remedy in (*_unknown_words(part.node), *_misplaced_words(part), *_meaningless_values(part.node)):
            yield part.where, remedy


def _unknown_words(schema: Json) -> Iterator[str]:
    for word in sorted(schema.keys() - KEYWORDS):
        yield f"{word} is not among the words of our schemas: {_instead(word)}"


def _misplaced_words(part: Location) -> Iterator[str]:
    type_names = {"number" if type_name == "integer" else type_name for type_name in types(part.node)}
    if part.where.endswith(".propertyNames"):
        type_names.add("string")
    for type_name in sorted(LIMITS.keys() - type_names):
        for word in sorted(LIMITS[type_name] & part.node.keys()):
            yield f"{word} means nothing here: write type: {type_name}, or remove it"


def _meaningless_values(schema: Json) -> Iterator[str]:
    if schema.get("format", "uuid") not in FORMATS:
        yield f"nobody checks the format {schema['format']}; the known ones are {', '.join(sorted(FORMATS))}"
    if "array" in types(schema) and "items" not in schema:
        yield "say what the list holds, in items"
    for name in sorted(set(schema.get("required", [])) - schema.get("properties", {}).keys()):
        yield f"{name} is required but not among the properties"
    if "enum" in schema:
        yield from _wrong_enum(schema["enum"], types(schema))


def _wrong_enum(values: list[Any], type_names: set[str]) -> Iterator[str]:
    if len({type(value).__name__ for value in values} - {"NoneType"}) != 1:
        yield "an enum has values of one type; the generator drops schemas with others"
    if len(values) != len(set(map(repr, values))):
        yield "a value stands twice in the enum"
    if not type_names:
        yield "write the type of the enum's values"


def _instead(word: str) -> str:
    return {
        "allOf": "write the fields out",
        "const": "write an enum of one",
        "example": "write examples, a list",
        "nullable": 'write type: [string, "null"]',
        "patternProperties": "write additionalProperties",
        "readOnly": "write two schemas",
        "title": "the name of the component is the title",
        "writeOnly": "write two schemas",
    }.get(word, "correct or remove it")


def writes_limits_said_in_words_as_schema(schemas: Schemas) -> Faults:
    for part in schemas.parts:
        said = said_limits(part)
        if said and not said & set(_limits(schemas, part)):
            yield part.where, f"the description says {max(said)}: write that limit as schema too"


def says_limits_in_words(schemas: Schemas) -> bool:
    return any(said_limits(part) for part in schemas.parts)


def said_limits(part: Location) -> set[int]:
    """Return the limits in a description; not those of maps, which may be about what the values add up to."""
    if "object" in types(part.node):
        return set()
    return {int(number.replace(",", "")) for number in LIMIT_IN_WORDS.findall(part.node.get("description", ""))}


def _limits(schemas: Schemas, location: Location) -> Iterator[int]:
    own = [
        part.node
        for part in schemas.parts
        if part.where == location.where or part.where.startswith(f"{location.where}.")
    ]
    for node in [*own, *(schemas.description.target(node) for node in own)]:
        yield from (value for value in node.values() if type(value) is int)
        yield from (int(number) for number in re.findall(r"\d+", str(node.get("pattern", ""))))


def tells_the_objects_of_a_union_apart(schemas: Schemas) -> Faults:
    for part in schemas.parts:
        members = [*part.node.get("oneOf", []), *part.node.get("anyOf", [])]
        objects = [member for member in members if "object" in types(schemas.description.target(member))]
        mapping = part.node.get("discriminator", {}).get("mapping", {})
        if is_told_apart_by_its_method(schemas, part):
            continue
        if len(objects) < 2:
            if "discriminator" in part.node:
                yield part.where, "remove the discriminator: there are no several objects to tell apart"
        elif not mapping:
            yield part.where, "a union of objects needs a discriminator with propertyName and mapping"
        elif set(mapping.values()) != {member.get("$ref") for member in objects}:
            yield part.where, "the mapping of the discriminator must name each object of the union, and no other"
        else:
            yield from ((part.where, remedy) for remedy in _wrong_tags(schemas, part.node["discriminator"]))


def is_told_apart_by_its_method(schemas: Schemas, part: Location) -> bool:
    """Tell whether each method of the operation says which of the union it gets; another rule looks whether it can."""
    operation = schemas.description.operation(schemas.name)
    is_response = part in schemas.roots and ".responses.2" in part.where and "anyOf" in part.node
    return is_response and operation is not None and all(method.response for method in methods(operation))


def _wrong_tags(schemas: Schemas, discriminator: Json) -> Iterator[str]:
    name, mapping = discriminator.get("propertyName", ""), discriminator["mapping"]
    for reference in dict.fromkeys(mapping.values()):
        keys = {key for key, value in mapping.items() if value == reference}
        variant = schemas.description.target({"$ref": reference})
        tag = schemas.description.target(variant.get("properties", {}).get(name, {}))
        if set(tag.get("enum", [])) != keys or name not in variant.get("required", []):
            yield f"{reference} must require {name} with the enum {sorted(keys)}"


def stays_open_in_responses(schemas: Schemas) -> Faults:
    for part in schemas.parts:
        if part.node.get("additionalProperties") is False:
            yield part.where, "remove additionalProperties: false; a response may gain fields"


def is_returned_and_says_what_else_it_holds(schemas: Schemas) -> bool:
    return schemas.name in schemas.description.returned and says("additionalProperties")(schemas)


def is_closed_if_the_platform_refuses_unknown_fields(schemas: Schemas) -> Faults:
    refuses = schemas.description.platform.conventions.refuses_unknown_fields
    for part in schemas.parts:
        extra = part.node.get("additionalProperties")
        if refuses and extra is None and "object" in types(part.node):
            yield part.where, "write additionalProperties: false; the platform refuses unknown fields"
        if not refuses and extra is False:
            yield part.where, "remove additionalProperties: false; the platform ignores unknown fields"


def is_only_sent(schemas: Schemas) -> bool:
    description = schemas.description
    return schemas.name in description.sent - description.returned and has_objects(schemas.parts)


def keeps_its_fields_apart(schemas: Schemas) -> Faults:
    for part in schemas.parts:
        names = list(part.node.get("properties", {}))
        for name in sorted(repeated(names)):
            yield f"{part.where}.{name}", "two fields would have this name in Python"
        for name in sorted(RESERVED_FIELDS & set(names)):
            yield f"{part.where}.{name}", "the generated classes have a method or attribute of this name"


def does_not_contain_itself_without_an_object_between(schemas: Schemas) -> Faults:
    seen: set[str] = set()
    ahead = set(_refers_directly_to(schemas.roots[0].node))
    while ahead:
        seen |= ahead
        nodes = [schemas.description.components("schemas")[name] for name in ahead]
        ahead = {name for node in nodes for name in _refers_directly_to(node)} - seen
    if schemas.name in seen:
        yield schemas.name, "put an object between a union or list and itself; the generator drops this schema"


def _refers_directly_to(schema: Json) -> Iterator[str]:
    if "$ref" in schema:
        yield str(schema["$ref"]).rsplit("/", 1)[1]
    for key in ("oneOf", "anyOf"):
        for member in schema.get(key, []):
            yield from _refers_directly_to(member)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _refers_directly_to(schema[key])


def refers_directly(schemas: Schemas) -> bool:
    return schemas.is_component and any(True for _ in _refers_directly_to(schemas.roots[0].node))


def has_objects(parts: tuple[Location, ...]) -> bool:
    return any("properties" in part.node or "object" in types(part.node) for part in parts)


def types(schema: Json) -> set[str]:
    own: Any = schema.get("type", [])
    return {own} if isinstance(own, str) else set(own)


def says(*words: str) -> Callable[[Schemas], bool]:
    def has_one_of_them(schemas: Schemas) -> bool:
        return any(word in part.node for part in schemas.parts for word in words)

    return has_one_of_them


SCHEMA_RULES = (
    Rule(has_examples, is_component),
    Rule(describes_itself_and_its_fields, has_fields_or_is_a_component),
    Rule(gives_every_object_a_name, has_nameless_objects),
    Rule(gives_a_repeated_enum_a_name, says("enum")),
    Rule(writes_null_as_a_type, mentions_null),
    Rule(says_only_what_means_something),
    Rule(writes_limits_said_in_words_as_schema, says_limits_in_words),
    Rule(tells_the_objects_of_a_union_apart, says("oneOf", "anyOf", "discriminator")),
    Rule(stays_open_in_responses, is_returned_and_says_what_else_it_holds),
    Rule(is_closed_if_the_platform_refuses_unknown_fields, is_only_sent),
    Rule(keeps_its_fields_apart, says("properties")),
    Rule(does_not_contain_itself_without_an_object_between, refers_directly),
)
