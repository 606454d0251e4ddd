"""Every rule is broken by some description, and by nothing in a right one.

`small/` holds a tiny right description for each platform. A case changes one thing in it, and names the rule that must
notice.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bundle import load_yaml
from description_rules import RULES, Description, Rule, failures
from description_rules.description import Json
from description_rules.operations import WEBHOOK_RULES
from platforms import platforms

from .test_examples import examples, faults

SMALL = sorted(path.stem for path in (Path(__file__).parent / "small").glob("*.yaml"))
LIST, SAVE, DELETE = "paths /things.json get", "paths /things.json post", "paths /things.json delete"
SCHEMAS = "components schemas"


@cache
def right(platform: str) -> Json:
    document: Json = load_yaml(Path(__file__).parent / "small" / f"{platform}.yaml")
    return document


Change = Callable[[Json], None]


def put(path: str, value: Any) -> Change:
    """Make the change that sets what a path of keys leads to."""

    def change(document: Json) -> None:
        parent, key = _leads_to(document, path)
        parent[key] = value

    return change


def drop(path: str) -> Change:
    def change(document: Json) -> None:
        parent, key = _leads_to(document, path)
        del parent[key]

    return change


def add(path: str, value: Any) -> Change:
    """Make the change that appends to the list that a path of keys leads to."""

    def change(document: Json) -> None:
        parent, key = _leads_to(document, path)
        parent[key] = [*parent[key], value]

    return change


def _leads_to(document: Json, path: str) -> tuple[Any, Any]:
    """Return the parent and the key; a step of one or two digits is a position, three are a status."""
    *steps, last = [int(step) if step.isdigit() and len(step) < 3 else step for step in path.split(" ")]
    node: Any = document
    for step in steps:
        node = node[step]
    return node, last


@dataclass(frozen=True)
class Wrong:
    """A change to a right description, the rule it breaks and a part of what the failure says."""

    rule: str
    change: Change
    says: str
    platform: str = "rapidpro"


def query(name: str, schema: Json, **more: Any) -> Json:
    return {"name": name, "in": "query", "description": "Something.", "schema": schema, **more}


def thing(**schema: Any) -> Change:
    """Make the change that gives Thing a further field."""
    return put(f"{SCHEMAS} Thing properties more", {"description": "More.", **schema})


CASES = (
    # the document
    Wrong("is_openapi_3_1_1_or_3_2_0", put("openapi", "3.1.0"), "3.1.1"),
    Wrong("has_only_known_vendor_keys", put(f"{LIST} x-pagination", {}), "x-pagination"),
    Wrong("has_only_known_vendor_keys", put(f"{SCHEMAS} Thing x-note", ""), "Thing.x-note"),
    Wrong("has_only_known_vendor_keys", put(f"{SCHEMAS} Thing x-sdk", {}), "Thing.x-sdk"),
    Wrong("has_only_known_vendor_keys", put(f"{SCHEMAS} Thing x-provenance", "guessed"), "Thing.x-provenance"),
    Wrong(
        "explains_where_its_operations_come_from",
        put("x-provenance guessed", "no sentence"),
        "x-provenance.guessed",
        "pantheon",
    ),
    Wrong(
        "explains_where_its_operations_come_from",
        put("x-provenance unused", "No operation has it."),
        "x-provenance.unused",
        "pantheon",
    ),
    Wrong("says_where_it_comes_from", drop("paths /things/getThing post x-provenance"), "guessed", "pantheon"),
    Wrong("says_where_it_comes_from", put("paths /things/getThing post x-provenance", "told"), "guessed", "pantheon"),
    Wrong("says_where_it_comes_from", put(f"{LIST} x-provenance", "guessed"), "explain the word"),
    Wrong("says_whose_it_is", drop("info contact"), "info.contact"),
    Wrong("says_whose_it_is", drop("info license"), "info.license"),
    Wrong("links_to_the_page_of_the_platform", drop(f"{LIST} externalDocs"), "the platform's own page"),
    Wrong("links_to_the_page_of_the_platform", put(f"{LIST} externalDocs url", "docs/things"), "own page"),
    Wrong("explains_every_tag_and_uses_it", put("tags 0 description", "Things"), "in a sentence"),
    Wrong("explains_every_tag_and_uses_it", put(f"{LIST} tags", ["stuff.parts"]), "tags.stuff:"),
    Wrong("explains_every_tag_and_uses_it", add("tags", {"name": "spare", "description": "None."}), "tags.spare"),
    Wrong("offers_each_method_once", put(f"{DELETE} x-sdk method", "list"), "things.list"),
    Wrong("keeps_resources_and_methods_apart", put(f"{DELETE} x-sdk resource", "things.list"), "things.list"),
    Wrong("names_its_components_apart", put(f"{SCHEMAS} THING", {"type": "string"}), "thing"),
    Wrong("names_its_operations_apart", put(f"{DELETE} operationId", "thingsList"), "things_list"),
    Wrong(
        "has_no_component_that_only_refers_to_another",
        put(f"{SCHEMAS} Paint", {"$ref": "#/components/schemas/Colour"}),
        "schemas.Paint",
    ),
    Wrong(
        "has_no_component_that_only_refers_to_another",
        put("components responses No", {"$ref": "#/components/responses/Refused"}),
        "responses.No",
    ),
    Wrong("has_the_security_schemes_it_asks_for", put("security", [{"key": []}]), "scheme key"),
    Wrong("has_the_security_schemes_it_asks_for", put(f"{LIST} security", [{"key": []}]), "things_list"),
    # x-sdk
    Wrong("says_how_the_client_offers_it", drop(f"{LIST} x-sdk"), "things_list.x-sdk"),
    Wrong("leaves_paging_to_the_paginator", drop(f"{LIST} x-sdk page parameter"), "write parameter: cursor"),
    Wrong("says_how_the_client_offers_it", put(f"{LIST} x-sdk resend", "safe"), "unknown field `resend`"),
    Wrong("says_how_the_client_offers_it", drop(f"{LIST} x-sdk resource"), "required field `resource`"),
    Wrong("says_how_the_client_offers_it", drop(f"{LIST} x-sdk method"), "required field `method`"),
    Wrong("says_how_the_client_offers_it", put(f"{LIST} x-sdk omit", "cursor"), "Expected `array`"),
    Wrong("says_how_the_client_offers_it", put(f"{LIST} x-sdk page style", "cursor"), "Invalid value 'cursor'"),
    Wrong("says_how_the_client_offers_it", put(f"{LIST} x-sdk page walk", 1), "unknown field `walk`"),
    Wrong("says_how_the_client_offers_it", drop(f"{LIST} x-sdk page next"), "required field `next`"),
    Wrong("says_how_the_client_offers_it", put(f"{LIST} x-sdk page limit", "limit"), "unknown field `limit`"),
    Wrong("says_how_the_client_offers_it", put(f"{LIST} x-sdk page defaults reverse", None), "`null`"),
    Wrong("says_how_the_client_offers_it", put(f"{LIST} x-sdk page primary_key", []), "length >= 1"),
    Wrong("says_how_the_client_offers_it", put(f"{SAVE} x-sdk method", "save"), "unknown field `method`"),
    Wrong("says_how_the_client_offers_it", drop(f"{SAVE} x-sdk methods 1"), "length >= 2"),
    Wrong("says_how_the_client_offers_it", put(f"{SAVE} x-sdk methods 1 exactly_one", ["uuid"]), "Expected `array`"),
    Wrong("says_how_the_client_offers_it", put(f"{LIST} x-sdk resource", "allThings"), "'allThings'"),
    Wrong("says_how_the_client_offers_it", put(f"{LIST} x-sdk method", "import"), "'import'"),
    Wrong(
        "says_when_it_may_be_retried", drop(f"{DELETE} x-sdk retry"), "idempotent, idempotency-key or non-idempotent"
    ),
    Wrong(
        "says_when_it_may_be_retried",
        put(f"{DELETE} x-sdk retry", "maybe"),
        "idempotent, idempotency-key or non-idempotent",
    ),
    Wrong("says_when_it_may_be_retried", put(f"{DELETE} x-sdk retry", "idempotency-key"), "Idempotency-Key"),
    Wrong("says_when_it_may_be_retried", put(f"{SAVE} x-sdk methods 0 retry", "idempotent"), "is not idempotent"),
    Wrong("says_when_it_may_be_retried", put(f"{SAVE} x-sdk methods 1 retry", "non-idempotent"), "retry_unless"),
    Wrong(
        "says_when_it_may_be_retried",
        put("paths /things/createThing post x-sdk retry", "non-idempotent"),
        "write retry: idempotency-key",
        "pantheon",
    ),
    Wrong("restricts_only_arguments_it_has", put(f"{LIST} x-sdk omit", ["curser"]), "no argument curser"),
    Wrong("restricts_only_arguments_it_has", put(f"{SAVE} x-sdk methods 0 require", ["title"]), "no argument title"),
    Wrong("restricts_only_arguments_it_has", put(f"{SAVE} x-sdk methods 1 retry_unless", ["memo"]), "no argument memo"),
    Wrong("restricts_only_arguments_it_has", put(f"{SAVE} x-sdk methods 1 exactly_one", [["id"]]), "no argument id"),
    Wrong("restricts_only_arguments_it_has", put(f"{SAVE} x-sdk at_least_one", [["id", "name"]]), "no argument id"),
    Wrong("restricts_only_arguments_it_has", put(f"{LIST} x-sdk at_most_one", [["colour", "hue"]]), "no argument hue"),
    Wrong("restricts_only_arguments_it_has", put(f"{LIST} x-sdk at_most_one", [["colour"]]), "two names"),
    Wrong("restricts_only_arguments_it_has", put(f"{SAVE} x-sdk methods 0 omit", ["name"]), "name is omitted"),
    Wrong("restricts_only_arguments_it_has", put(f"{DELETE} x-sdk omit", ["uuid"]), "uuid is required"),
    Wrong(
        "restricts_only_arguments_it_has",
        put("paths /v1/things get x-sdk omit", ["nextToken"]),
        "the paginator's own",
        "botpress",
    ),
    Wrong(
        "restricts_only_arguments_it_has",
        put("paths /v1/things get x-sdk at_most_one", [["tags", "nextToken"]]),
        "nextToken is omitted",
        "botpress",
    ),
    Wrong("restricts_only_arguments_it_has", put(f"{SCHEMAS} ThingWrite required", ["name"]), "name is required"),
    Wrong("restricts_only_arguments_it_has", put(f"{SCHEMAS} ThingWrite required", ["note"]), "note is required"),
    Wrong("fixes_only_what_it_can_take", put(f"{SAVE} x-sdk methods 0 set", {"all": True}), "no argument all"),
    Wrong("fixes_only_what_it_can_take", put(f"{SAVE} x-sdk methods 0 set", {"whole": "all"}), "can be 'all'"),
    Wrong("fixes_only_what_it_can_take", put(f"{SAVE} x-sdk omit", ["whole"]), "always the same"),
    Wrong("fixes_only_what_it_can_take", put(f"{SAVE} x-sdk at_most_one", [["whole", "name"]]), "always the same"),
    Wrong("says_how_the_client_offers_it", put(f"{SAVE} x-sdk methods 0 set", {}), "length >= 1"),
    Wrong("says_how_the_client_offers_it", put(f"{LIST} x-sdk set", {"reverse": True}), "unknown field `set`"),
    Wrong("says_which_response_each_method_has", drop(f"{SAVE} x-sdk methods 0 response"), "say which"),
    Wrong("says_which_response_each_method_has", put(f"{SAVE} x-sdk methods 1 response", "ThingList"), "no member"),
    Wrong(
        "says_which_response_each_method_has",
        put(f"{SAVE} responses 201 content application/json schema", {"$ref": "#/components/schemas/Thing"}),
        "Thing is no member",
    ),
    Wrong("paginates_along_fields_it_has", put(f"{LIST} x-sdk page items", "rows"), "no array rows"),
    Wrong("paginates_along_fields_it_has", put(f"{LIST} x-sdk page items", "next"), "no array next"),
    Wrong("paginates_along_fields_it_has", put(f"{LIST} x-sdk page primary_key", ["id"]), "integer id"),
    Wrong("paginates_along_fields_it_has", put(f"{LIST} x-sdk page primary_key", ["name"]), "integer name"),
    Wrong("paginates_along_fields_it_has", drop(f"{LIST} x-sdk page primary_key"), "in primary_key"),
    Wrong("paginates_along_fields_it_has", put(f"{LIST} x-sdk page defaults", {"back": True}), "no argument back"),
    Wrong("paginates_along_fields_it_has", put(f"{LIST} x-sdk page defaults reverse", "yes"), "reverse"),
    Wrong("paginates_along_fields_it_has", put(f"{LIST} x-sdk page next", "results"), "no string results"),
    Wrong("paginates_along_fields_it_has", put(f"{SCHEMAS} ThingList properties next type", "string"), "not end"),
    Wrong("paginates_along_fields_it_has", drop(f"{LIST} responses 200"), "describe the response"),
    Wrong(
        "paginates_along_fields_it_has",
        put("paths /v1/things get x-sdk page parameter", "token"),
        "string argument token",
        "botpress",
    ),
    Wrong(
        "paginates_along_fields_it_has",
        put("paths /v1/things/find post x-sdk page parameter", "skip"),
        "integer argument skip",
        "botpress",
    ),
    Wrong(
        "paginates_along_fields_it_has",
        put(f"{SCHEMAS} FindThingsBody properties limit type", "string"),
        "integer argument limit",
        "botpress",
    ),
    Wrong(
        "paginates_along_fields_it_has",
        put("paths /v1/things/find post x-sdk page total", "sum"),
        "no integer sum",
        "botpress",
    ),
    Wrong("is_paginated_if_its_response_has_a_next_page", drop(f"{LIST} x-sdk page"), "things_list"),
    Wrong(
        "is_paginated_if_its_response_has_a_next_page",
        drop("paths /v1/things get x-sdk page"),
        "listThings",
        "botpress",
    ),
    Wrong(
        "unwraps_a_field_of_its_response",
        put("paths /v1/things/{id} get x-sdk unwrap", "it"),
        "no field it",
        "botpress",
    ),
    *(
        Wrong(
            "waits_for_states_that_there_are",
            put(
                "paths /v1/things/{id} get x-sdk wait",
                {"keys": {"id": "id"}, "state": "state", "success": ["done"], **wrong},
            ),
            says,
            "botpress",
        )
        for wrong, says in (
            ({"success": ["never"]}, "state is never never"),
            ({"state": "mood"}, "no field mood"),
            ({"keys": {"id": "ident"}}, "no argument ident"),
        )
    ),
    Wrong(
        "downloads_and_looks_up_fields_that_there_are",
        put("paths /v1/things/{id} get x-sdk download", {"url": "address"}),
        "no field address",
        "botpress",
    ),
    Wrong(
        "downloads_and_looks_up_fields_that_there_are",
        put(f"{LIST} x-sdk lookup", {"value": "shade"}),
        "no field shade",
    ),
    Wrong(
        "downloads_and_looks_up_fields_that_there_are",
        put("paths /v1/things/{id} get x-sdk lookup", {"value": "id"}),
        "only a list",
        "botpress",
    ),
    *(
        Wrong(
            "looks_for_effects_where_they_are_listed",
            put("paths /v1/things/find post x-sdk reconcile", wrong),
            says,
            "botpress",
        )
        for wrong, says in (
            ({"method": "peek"}, "no method peek"),
            ({"created": "born"}, "no field born"),
            ({"by": {"colour": "q"}}, "no argument colour"),
            ({"match": {"colour": ["id"]}}, "nothing named colour is sent"),
        )
    ),
    # operations
    Wrong("is_addressed_as_its_platform_does", put(f"{LIST} operationId", "listThings"), "operationId"),
    Wrong("is_addressed_as_its_platform_does", drop(f"{LIST} operationId"), "GET /things.json"),
    Wrong(
        "is_addressed_as_its_platform_does", put("paths /v1/things get operationId", "list_things"), "form", "botpress"
    ),
    Wrong("is_addressed_as_its_platform_does", put("paths /things.json put", {"responses": {}}), "no PUT"),
    Wrong("is_addressed_as_its_platform_does", put("paths /things", {"get": {"responses": {}}}), "the path /things"),
    Wrong(
        "is_addressed_as_its_platform_does",
        put("paths /things/getThing get", {"responses": {}}),
        "no GET",
        "pantheon",
    ),
    Wrong(
        "is_addressed_as_its_platform_does", put("paths /v1/things/{id} get parameters", []), "in braces", "botpress"
    ),
    Wrong("is_addressed_as_its_platform_does", put(f"{LIST} parameters 0 in", "path"), "in braces"),
    Wrong("introduces_itself", put(f"{LIST} tags", []), "exactly one"),
    Wrong("introduces_itself", put(f"{LIST} tags", ["things", "things"]), "exactly one"),
    Wrong("introduces_itself", put(f"{LIST} tags", ["stuff"]), "tags: [things]"),
    Wrong("introduces_itself", put(f"{LIST} summary", "List things."), "full stop"),
    Wrong("introduces_itself", put(f"{LIST} summary", "List\nthings"), "one line"),
    Wrong("introduces_itself", drop(f"{LIST} summary"), "things_list"),
    Wrong("introduces_itself", drop(f"{SAVE} x-sdk methods 1 summary"), "of its own"),
    Wrong("introduces_itself", drop(f"{SAVE} x-sdk methods 1 description"), "what update alone does"),
    Wrong("introduces_itself", put(f"{SAVE} x-sdk methods 0 description", "makes one"), "what create alone does"),
    Wrong("introduces_itself", put(f"{LIST} description", "all the things"), "capital"),
    Wrong("introduces_itself", drop(f"{LIST} description"), "things_list"),
    Wrong("describes_its_parameters_and_headers", drop(f"{LIST} parameters 0 description"), "things_list.cursor"),
    Wrong("describes_its_parameters_and_headers", drop("components headers RetryAfter description"), "Retry-After"),
    Wrong(
        "writes_its_parameters_so_that_they_can_be_sent",
        add(f"{LIST} parameters", {"name": "q", "in": "query", "description": "Q.", "content": {}}),
        "things_list.q",
    ),
    Wrong(
        "writes_its_parameters_so_that_they_can_be_sent",
        add(f"{LIST} parameters", {**query("at", {"type": "string", "format": "date-time"}), "in": "header"}),
        "things_list.at",
    ),
    Wrong(
        "writes_its_parameters_so_that_they_can_be_sent",
        add(f"{LIST} parameters", {**query("ids", {"type": "array", "items": {"type": "string"}}), "in": "header"}),
        "make the header",
    ),
    Wrong(
        "writes_its_parameters_so_that_they_can_be_sent",
        add(f"{LIST} parameters", {**query("day", {"type": "string", "format": "date-time"}), "in": "path"}),
        "path parameter",
    ),
    Wrong("never_sends_an_empty_query_list", drop(f"{LIST} parameters 3 schema minItems"), "minItems: 1"),
    Wrong("never_sends_an_empty_query_list", put(f"{LIST} parameters 3 schema minItems", 0), "minItems: 1"),
    Wrong(
        "writes_query_objects_with_brackets",
        drop("paths /v1/things get parameters 1 style"),
        "deepObject",
        "botpress",
    ),
    Wrong(
        "keeps_its_arguments_apart", add(f"{SAVE} parameters", query("name", {"type": "string"})), "things_save.name"
    ),
    Wrong(
        "keeps_its_arguments_apart",
        put(f"{SCHEMAS} CreateThingRequest properties nickName", {"type": "string"}),
        "nick",
        "pantheon",
    ),
    Wrong("keeps_its_arguments_apart", add(f"{SAVE} parameters", query("params", {"type": "string"})), "params"),
    Wrong(
        "takes_one_body_and_has_one_result",
        put(f"{SAVE} requestBody content image/png", {"schema": {"type": "string"}}),
        "image/png",
    ),
    Wrong(
        "takes_one_body_and_has_one_result",
        put(f"{SAVE} requestBody content multipart/form-data", {"schema": {"type": "object"}}),
        "one schema",
    ),
    Wrong("takes_one_body_and_has_one_result", put(f"{LIST} responses 200 content text/csv", {}), "text/csv"),
    Wrong("takes_one_body_and_has_one_result", put(f"{LIST} responses 200 content text/plain", {}), "one content type"),
    Wrong("takes_one_body_and_has_one_result", drop(f"{LIST} responses 200"), "successful call"),
    Wrong(
        "takes_one_body_and_has_one_result",
        put(f"{SAVE} responses 200 content application/json schema", {"$ref": "#/components/schemas/ThingList"}),
        "one schema",
    ),
    Wrong("takes_its_failures_from_the_components", put(f"{LIST} responses 403", {"description": "No."}), "403"),
    Wrong(
        "takes_its_failures_from_the_components", put(f"{LIST} responses default", {"description": "No."}), "default"
    ),
    Wrong("documents_the_usual_responses", drop(f"{LIST} responses 406"), "406"),
    Wrong("documents_the_usual_responses", drop(f"{SAVE} responses 415"), "415"),
    Wrong("documents_the_usual_responses", drop(f"{LIST} responses 404"), "404"),
    Wrong("documents_the_usual_responses", drop("paths /v1/things/{id} get responses 404"), "404", "botpress"),
    Wrong("documents_the_usual_responses", drop("paths /things/getThing post responses 404"), "404", "pantheon"),
    Wrong("documents_the_usual_responses", put("components responses Throttled headers", {}), "Retry-After"),
    Wrong(
        "documents_the_usual_responses",
        drop("components responses Refused headers X-RateLimit-Total"),
        "X-RateLimit-Total",
        "pantheon",
    ),
    Wrong(
        "documents_the_usual_responses",
        drop("paths /v1/things get responses 200 headers RateLimit-Reset"),
        "RateLimit-Reset",
        "botpress",
    ),
    Wrong("restricts_only_arguments_it_has", put(f"{LIST} x-sdk get", ["colour_of"]), "no argument colour_of"),
    Wrong("restricts_only_arguments_it_has", put(f"{DELETE} x-sdk get", ["uuid"]), "paginated"),
    Wrong("shows_what_it_takes_and_gives", drop(f"{DELETE} parameters 0 example"), "uuid: give"),
    Wrong("shows_what_it_takes_and_gives", drop(f"{SAVE} requestBody content application/json examples"), "example"),
    Wrong("shows_what_it_takes_and_gives", put(f"{LIST} responses 200 content application/json examples", {}), "200"),
    Wrong("shows_what_it_takes_and_gives", drop(f"{LIST} responses 200 content application/json schema"), "a schema"),
    Wrong("links_from_a_create_to_what_can_be_done_next", drop(f"{SAVE} responses 201 links delete"), "things_delete"),
    Wrong(
        "links_from_a_create_to_what_can_be_done_next",
        drop("paths /things/createThing post responses 200 links"),
        "things_get",
        "pantheon",
    ),
    Wrong(
        "links_lead_to_operations_that_take_them",
        put(f"{SAVE} responses 201 links delete operationId", "things_remove"),
        "things_remove",
    ),
    Wrong(
        "links_lead_to_operations_that_take_them",
        put(f"{SAVE} responses 201 links delete parameters", {"id": "$response.body#/uuid"}),
        "takes no id",
    ),
    Wrong(
        "links_lead_to_operations_that_take_them",
        put(f"{SAVE} responses 201 links delete parameters uuid", "$response.body#/id"),
        "$response.body#/id",
    ),
    Wrong(
        "links_lead_to_operations_that_take_them",
        put(f"{SAVE} responses 201 links delete parameters uuid", "$request.query.id"),
        "$request.query.id",
    ),
    Wrong(
        "links_lead_to_operations_that_take_them",
        put(f"{SAVE} responses 201 links delete parameters uuid", "$response.header.Location"),
        "Location",
    ),
    Wrong(
        "links_lead_to_operations_that_take_them",
        put("paths /things/createThing post responses 200 links get requestBody", {"id": "a"}),
        "takes no id",
        "pantheon",
    ),
    # schemas
    Wrong("has_examples", drop(f"{SCHEMAS} Thing examples"), "Thing"),
    Wrong("has_examples", put(f"{SCHEMAS} Thing examples", []), "Thing"),
    Wrong("describes_itself_and_its_fields", drop(f"{SCHEMAS} Thing description"), "Thing"),
    Wrong("describes_itself_and_its_fields", drop(f"{SCHEMAS} Thing properties name description"), "Thing.name"),
    Wrong("describes_itself_and_its_fields", put(f"{SCHEMAS} Shape description", " "), "Thing.shape"),
    Wrong("gives_every_object_a_name", thing(type="object", properties={}), "a component"),
    Wrong("gives_every_object_a_name", thing(type="object"), "additionalProperties"),
    Wrong("gives_every_object_a_name", thing(type="array", items={"type": ["object", "null"]}), "more.items"),
    Wrong(
        "gives_every_object_a_name",
        put(f"{LIST} responses 200 content application/json schema", {"type": "object", "properties": {}}),
        "things_list.responses.200",
    ),
    Wrong("gives_a_repeated_enum_a_name", thing(type="string", enum=["blue", "red"]), "Thing.properties.more"),
    Wrong("writes_null_as_a_type", thing(type=["string", "null"], enum=["a", None]), "out of the enum"),
    Wrong("writes_null_as_a_type", thing(type=["string", "null"], enum=["a", "b"]), "null is not in the enum"),
    Wrong("writes_null_as_a_type", thing(type="null"), "null alone"),
    Wrong("writes_null_as_a_type", thing(oneOf=[{"type": "string"}, {"type": "null"}]), "into the type"),
    *(
        Wrong("says_only_what_means_something", thing(**{word: value}), word)
        for word, value in (
            ("allOf", [{"type": "string"}]),
            ("const", "a"),
            ("patternProperties", {"^a": {"type": "string"}}),
            ("prefixItems", [{"type": "string"}]),
            ("nullable", True),
            ("example", "a"),
            ("title", "More"),
            ("readOnly", True),
            ("maxLenght", 3),
            ("format", "datetime"),
        )
    ),
    Wrong("says_only_what_means_something", thing(type="integer", maxLength=3), "maxLength"),
    Wrong("says_only_what_means_something", thing(type="string", maximum=3), "maximum"),
    Wrong("says_only_what_means_something", thing(maxItems=3), "type: array"),
    Wrong("says_only_what_means_something", thing(type="array"), "in items"),
    Wrong("says_only_what_means_something", add(f"{SCHEMAS} Thing required", "size"), "size"),
    Wrong("writes_limits_said_in_words_as_schema", drop(f"{SCHEMAS} ThingWrite properties name maxLength"), "64"),
    Wrong("tells_the_objects_of_a_union_apart", drop(f"{SCHEMAS} Shape discriminator"), "needs a discriminator"),
    Wrong("tells_the_objects_of_a_union_apart", drop(f"{SCHEMAS} Shape discriminator mapping"), "and mapping"),
    Wrong("tells_the_objects_of_a_union_apart", drop(f"{SCHEMAS} Shape discriminator mapping round"), "each object"),
    Wrong("tells_the_objects_of_a_union_apart", drop(f"{SCHEMAS} Shape oneOf 1"), "remove the discriminator"),
    Wrong("tells_the_objects_of_a_union_apart", put(f"{SCHEMAS} Round required", ["radius"]), "must require kind"),
    Wrong("tells_the_objects_of_a_union_apart", put(f"{SCHEMAS} Round properties kind enum", ["ball"]), "['round']"),
    Wrong("stays_open_in_responses", put(f"{SCHEMAS} Square additionalProperties", False), "Square"),
    Wrong(
        "stays_open_in_responses",
        put(f"{SCHEMAS} ThingCreated additionalProperties", False),
        "ThingCreated",
        "pantheon",
    ),
    Wrong(
        "is_closed_if_the_platform_refuses_unknown_fields",
        drop(f"{SCHEMAS} FindThingsBody additionalProperties"),
        "FindThingsBody",
        "botpress",
    ),
    Wrong(
        "is_closed_if_the_platform_refuses_unknown_fields",
        put(f"{SCHEMAS} ThingWrite additionalProperties", False),
        "ignores unknown",
    ),
    Wrong("keeps_its_fields_apart", put(f"{SCHEMAS} Thing properties Name", {"description": "N."}), "Python"),
    Wrong("keeps_its_fields_apart", put(f"{SCHEMAS} Thing properties to_dict", {"description": "N."}), "to_dict"),
    Wrong("says_only_what_means_something", thing(type=["string", "integer"], enum=["a", 1]), "one type"),
    Wrong("says_only_what_means_something", thing(type="string", enum=[]), "one type"),
    Wrong("says_only_what_means_something", thing(type="string", enum=["a", "a"]), "twice"),
    Wrong("says_only_what_means_something", thing(enum=["a", "b"]), "the type"),
    Wrong(
        "does_not_contain_itself_without_an_object_between",
        add(f"{SCHEMAS} Shape oneOf", {"type": "array", "items": {"$ref": "#/components/schemas/Shape"}}),
        "Shape",
    ),
    # what only some servers have
    Wrong(
        "requires_nothing_that_some_servers_lack",
        put(f"{SCHEMAS} Thing properties name x-servers", ["new"]),
        "Thing.name",
    ),
    Wrong("names_servers_that_there_are", put(f"{LIST} x-servers", ["newer"]), "some of, but not all: new, old"),
    Wrong("names_servers_that_there_are", put(f"{LIST} x-servers", ["new", "old"]), "some of, but not all"),
    Wrong("names_servers_that_there_are", put(f"{LIST} x-servers", []), "some of, but not all"),
    Wrong("names_servers_that_there_are", put(f"{LIST} x-servers", "new"), "some of, but not all"),
    Wrong("limits_only_what_is_limited", thing(type="string", **{"x-limits": {"newer": {}}}), "x-limits.newer"),
    Wrong("limits_only_what_is_limited", thing(type="string", **{"x-limits": {"new": {"maxLength": 1}}}), "keywords"),
    Wrong("explains_the_faults_of_servers", put("x-faults unused", "for a malformed number"), "nothing fails so"),
    Wrong("explains_the_faults_of_servers", put("x-faults wordy", "It fails."), "finish the sentence"),
    Wrong("explains_the_faults_of_servers", put(f"{LIST} x-faults", {"unknown": ["new"]}), "under x-faults"),
    Wrong("explains_the_faults_of_servers", put(f"{LIST} x-faults", {"nul": ["newer"]}), "list servers: new, old"),
    Wrong(
        "leaves_it_to_the_generator_to_say_which_server_has_it",
        put(f"{SCHEMAS} Thing properties name description", "The name. Only on Newer has it."),
        "Thing.properties.name",
    ),
)


@pytest.mark.parametrize("wrong", [pytest.param(wrong, id=f"{wrong.rule}-{wrong.says}") for wrong in CASES])
def test_a_wrong_description_breaks_the_rule(wrong: Wrong) -> None:
    document = deepcopy(right(wrong.platform))
    wrong.change(document)
    said = [
        str(failure)
        for failure in failures(Description(platforms()[wrong.platform], document))
        if failure.rule == wrong.rule
    ]

    assert any(wrong.says in failure for failure in said), said


@pytest.mark.parametrize("platform", SMALL)
def test_a_right_description_breaks_no_rule(platform: str) -> None:
    assert list(map(str, failures(Description(platforms()[platform], right(platform))))) == []


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in RULES])
def test_every_rule_is_seen_failing(rule: Rule[Any]) -> None:
    assert rule.name in {wrong.rule for wrong in CASES}


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in WEBHOOK_RULES])
def test_a_webhook_is_held_to_the_rule(rule: Rule[Any]) -> None:
    bare: Json = {
        "x-provenance": "unexplained",
        "parameters": [{"name": "at", "in": "header"}],
        "requestBody": {"content": {"image/png": {}}},
        "responses": {},
    }
    (webhook,) = Description(platforms()["pantheon"], {"webhooks": {"bare": {"post": bare}}}).webhooks

    assert rule.failures(webhook)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param(
            put("components examples Ball value colour", "green"), "green", id="a value that is not in the enum"
        ),
        pytest.param(put("components examples Ball value weight", 3), "weight", id="a field the schema does not know"),
        pytest.param(put("components examples Ball value shape weight", 3), "shape", id="one inside a union"),
        pytest.param(put(f"{SCHEMAS} ThingList examples 0 results", [{}]), '"uuid"', id="a missing field"),
        pytest.param(put("components examples Ball value uuid", "1"), "uuid", id="no uuid"),
        pytest.param(put(f"{SCHEMAS} ThingList examples 0 next", "there"), "uri", id="no uri"),
        pytest.param(put(f"{SCHEMAS} Colour examples", ["green"]), "green", id="in a component"),
        pytest.param(put(f"{SCHEMAS} Colour default", "green"), "green", id="a default"),
        pytest.param(put(f"{LIST} parameters 0 example", 1), "string", id="of a parameter"),
        pytest.param(put("components headers RetryAfter example", -1), "minimum", id="of a header"),
        pytest.param(
            put(f"{SAVE} requestBody content application/json examples named value", {"nam": "Ball"}),
            "nam",
            id="of a request",
        ),
        pytest.param(
            put(f"{LIST} parameters 0", query("at", {"type": "string", "format": "date-time"}, example="noon")),
            "date-time",
            id="no time",
        ),
    ],
)
def test_a_wrong_example_is_found(change: Change, complaint: str) -> None:
    document = deepcopy(right("rapidpro"))
    change(document)
    description = Description(platforms()["rapidpro"], document)

    assert complaint in " ".join(fault for example in examples(description) for fault in faults(description, example))


@pytest.mark.parametrize("platform", SMALL)
def test_right_examples_fit(platform: str) -> None:
    description = Description(platforms()[platform], right(platform))

    assert [fault for example in examples(description) for fault in faults(description, example)] == []
