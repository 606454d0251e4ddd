"""A change in one place of a small description for each rule about operations, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest
from spec_diff.documents import DocumentError
from spec_diff.report import as_text, diff, worst

from .documents import Change, Document, changed

PATH = "/things/{id}"


def get(document: Document) -> Any:
    return document["paths"][PATH]["get"]


def put(document: Document) -> Any:
    return document["paths"][PATH]["put"]


def response(document: Document) -> Any:
    return get(document)["responses"]["200"]


def schemes(document: Document) -> Any:
    return document["components"]["securitySchemes"]


def hook(document: Document) -> Any:
    return document["webhooks"]["thing.made"]["post"]


def parameter(name: str, location: str = "query", **more: Any) -> Any:
    return {"name": name, "in": location, "schema": {"type": "string"}, **more}


def move_path(document: Document) -> None:
    document["paths"]["/stuff/{id}"] = document["paths"].pop(PATH)


def move_method(document: Document) -> None:
    document["paths"][PATH]["post"] = document["paths"][PATH].pop("put")


def rename_path_parameter(document: Document) -> None:
    item = document["paths"].pop(PATH)
    item["parameters"][0]["name"] = "key"
    document["paths"]["/things/{key}"] = item


def encode_size(document: Document) -> None:
    put(document)["requestBody"]["content"]["application/json"]["encoding"] = {"size": {"style": "deepObject"}}


def share_parameters(document: Document) -> None:
    document["components"]["parameters"] = {"Q": get(document)["parameters"][0]}
    get(document)["parameters"][0] = {"$ref": "#/components/parameters/Q"}


CASES: list[tuple[str, str, str, Change]] = [
    ("operation-removed", "breaking", "things_get", lambda d: d["paths"][PATH].pop("get")),
    ("operation-removed", "breaking", "is gone", lambda d: d["paths"].pop(PATH)),
    ("operation-added", "compatible", "is new", lambda d: d["paths"][PATH].update(delete={"responses": {}})),
    ("operation-moved", "breaking", "moved to GET /stuff/{id}", move_path),
    ("operation-moved", "breaking", "moved to POST /things/{id}", move_method),
    ("request-parameter-renamed", "compatible", "was called `id`", rename_path_parameter),
    ("operation-id-changed", "compatible", "was things_get", lambda d: get(d).update(operationId="things_read")),
    ("operation-deprecation-changed", "compatible", "deprecated", lambda d: get(d).update(deprecated=True)),
    ("operation-tags-changed", "compatible", "tags", lambda d: get(d).update(tags=["things"])),
    ("request-parameter-added", "compatible", "`page`", lambda d: get(d)["parameters"].append(parameter("page"))),
    (
        "request-parameter-added",
        "breaking",
        "required query parameter `page`",
        lambda d: get(d)["parameters"].append(parameter("page", required=True)),
    ),
    (
        "request-parameter-added",
        "breaking",
        "required header parameter `X-Key`",
        lambda d: d["paths"][PATH]["parameters"].append(parameter("X-Key", "header", required=True)),
    ),
    ("request-parameter-removed", "breaking", "`q`", lambda d: get(d)["parameters"].pop(0)),
    ("request-parameter-became-required", "breaking", "`q`", lambda d: get(d)["parameters"][0].update(required=True)),
    ("request-parameter-became-optional", "compatible", "", lambda d: get(d)["parameters"][1].pop("required")),
    ("request-parameter-style-changed", "breaking", "", lambda d: get(d)["parameters"][0].update(explode=False)),
    (
        "request-parameter-style-changed",
        "breaking",
        "deepObject",
        lambda d: get(d)["parameters"][0].update(style="deepObject"),
    ),
    (
        "request-parameter-type-narrowed",
        "breaking",
        "is boolean now, was string",
        lambda d: get(d)["parameters"][0].update(schema={"type": "boolean", "enum": [True]}),
    ),
    (
        "request-parameter-deprecation-changed",
        "compatible",
        "",
        lambda d: get(d)["parameters"][0].update(deprecated=True),
    ),
    ("request-body-added", "breaking", "required body", lambda d: get(d).update(requestBody={"required": True})),
    ("request-body-added", "compatible", "takes a body", lambda d: get(d).update(requestBody={"content": {}})),
    ("request-body-removed", "breaking", "takes no body", lambda d: put(d).pop("requestBody")),
    ("request-body-required-changed", "breaking", "requires", lambda d: put(d)["requestBody"].update(required=True)),
    (
        "request-media-type-removed",
        "breaking",
        "application/json",
        lambda d: put(d)["requestBody"].update(content={"text/plain": {}}),
    ),
    (
        "request-media-type-added",
        "compatible",
        "text/plain",
        lambda d: put(d)["requestBody"]["content"].update({"text/plain": {}}),
    ),
    (
        "request-media-type-widened",
        "compatible",
        "application/*",
        lambda d: put(d)["requestBody"].update(
            content={"application/*": put(d)["requestBody"]["content"]["application/json"]}
        ),
    ),
    (
        "request-body-schema-removed",
        "compatible",
        "has no schema any more",
        lambda d: put(d)["requestBody"]["content"]["application/json"].pop("schema"),
    ),
    ("encoding-changed", "breaking", "`size`", encode_size),
    ("sunset-earlier", "breaking", "2027-01-01", lambda d: get(d).update({"x-sunset": "2027-01-01"})),
    ("response-status-removed", "breaking", "no longer responds 200", lambda d: get(d)["responses"].pop("200")),
    ("response-status-removed", "compatible", "404", lambda d: get(d)["responses"].pop("404")),
    ("response-status-added", "compatible", "202", lambda d: get(d)["responses"].update({"202": {"description": ""}})),
    ("response-media-type-removed", "breaking", "", lambda d: response(d).pop("content")),
    ("response-media-type-added", "compatible", "", lambda d: response(d)["content"].update({"text/csv": {}})),
    (
        "response-media-type-widened",
        "breaking",
        "*/*",
        lambda d: response(d).update(content={"*/*": response(d)["content"]["application/json"]}),
    ),
    (
        "response-body-schema-removed",
        "breaking",
        "has no schema any more",
        lambda d: response(d)["content"]["application/json"].pop("schema"),
    ),
    ("response-header-removed", "breaking", "x-always", lambda d: response(d)["headers"].pop("X-Always")),
    ("response-header-removed", "risky", "x-maybe", lambda d: response(d)["headers"].pop("X-Maybe")),
    ("response-header-removed", "breaking", "", lambda d: response(d).pop("headers")),
    ("response-header-became-optional", "breaking", "", lambda d: response(d)["headers"]["X-Always"].pop("required")),
    (
        "response-header-became-required",
        "compatible",
        "",
        lambda d: response(d)["headers"]["X-Maybe"].update(required=True),
    ),
    (
        "response-header-type-widened",
        "breaking",
        "",
        lambda d: response(d)["headers"]["X-Always"].update(schema={"type": "string"}),
    ),
    ("response-header-added", "compatible", "", lambda d: response(d)["headers"].update({"X-New": {"schema": {}}})),
    ("security-removed", "breaking", "token", lambda d: d.update(security=[{"oauth": ["read"]}])),
    ("security-added", "compatible", "oauth (read)", lambda d: d["security"].append({"oauth": ["read"]})),
    ("security-added", "compatible", "no credentials", lambda d: get(d).update(security=[])),
    ("security-removed", "breaking", "", lambda d: d.update(security=[{"token": [], "oauth": []}])),
    ("security-scheme-changed", "breaking", "scheme basic", lambda d: schemes(d)["token"].update(scheme="basic")),
    ("security-scheme-changed", "breaking", "apiKey", lambda d: schemes(d)["token"].update(type="apiKey")),
    ("security-scheme-added", "compatible", "", lambda d: schemes(d).update(key={"type": "apiKey"})),
    (
        "oauth-url-changed",
        "risky",
        "tokenUrl",
        lambda d: schemes(d)["oauth"]["flows"]["clientCredentials"].update(tokenUrl="https://other.example.org"),
    ),
    (
        "oauth-scope-removed",
        "risky",
        "read",
        lambda d: schemes(d)["oauth"]["flows"]["clientCredentials"].update(scopes={}),
    ),
    ("oauth-flow-removed", "breaking", "", lambda d: schemes(d)["oauth"].update(flows={})),
    (
        "server-removed",
        "risky",
        "https://shop.example.org",
        lambda d: d.update(servers=[{"url": "https://new.example.org"}]),
    ),
    ("server-added", "compatible", "", lambda d: d["servers"].append({"url": "https://new.example.org"})),
    ("webhook-removed", "breaking", "thing_made", lambda d: d["webhooks"].clear()),
    ("webhook-added", "compatible", "", lambda d: d["webhooks"].update(more={"post": {"operationId": "more"}})),
    (
        "response-body-property-became-optional",
        "breaking",
        "Event.id",
        lambda d: d["components"]["schemas"]["Event"].pop("required"),
    ),
    (
        "response-body-property-became-required",
        "compatible",
        "Event.at",
        lambda d: d["components"]["schemas"]["Event"].update(required=["id", "at"]),
    ),
    (
        "response-media-type-removed",
        "breaking",
        "",
        lambda d: hook(d)["requestBody"].update(content={"text/plain": {}}),
    ),
    ("schema-removed", "compatible", "Spare", lambda d: d["components"]["schemas"].pop("Spare")),
    ("callback-removed", "breaking", "onDone", lambda d: put(d).pop("callbacks")),
    (
        "response-body-type-changed",
        "breaking",
        "",
        lambda d: put(d)["callbacks"]["onDone"]["{$request.body#/url}"]["post"]["requestBody"].update(
            content={"application/json": {"schema": {"type": "boolean"}}}
        ),
    ),
    ("method-removed", "breaking", "client.things.get", lambda d: get(d)["x-sdk"].update(method="read")),
    ("method-added", "compatible", "", lambda d: put(d)["x-sdk"]["methods"].append({"name": "merge"})),
    ("method-result-changed", "breaking", "unwrap", lambda d: get(d)["x-sdk"].pop("unwrap")),
    ("method-retry-changed", "risky", "non-idempotent", lambda d: get(d)["x-sdk"].update(retry="non-idempotent")),
    ("method-retry-changed", "compatible", "", lambda d: put(d)["x-sdk"]["methods"][0].update(retry="idempotent")),
    ("method-argument-removed", "breaking", "size", lambda d: put(d)["x-sdk"]["methods"][1].update(omit=["size"])),
    ("method-argument-added", "compatible", "id", lambda d: put(d)["x-sdk"]["methods"][0].update(omit=[])),
    ("method-demand-added", "breaking", "name", lambda d: put(d)["x-sdk"]["methods"][0].update(require=["name"])),
    ("method-demand-removed", "compatible", "", lambda d: put(d)["x-sdk"]["methods"][1].pop("exactly_one")),
    (
        "request-body-property-removed",
        "breaking",
        "size",
        lambda d: d["components"]["schemas"]["ThingWrite"]["properties"].pop("size"),
    ),
]


@pytest.mark.parametrize(
    ("rule", "level", "words", "change"), CASES, ids=[f"{case[0]} {number}" for number, case in enumerate(CASES)]
)
def test_a_change_is_found_and_called_what_it_is(rule: str, level: str, words: str, change: Change) -> None:
    found = diff(*changed(change))

    assert [str(finding.level) for finding in found if finding.rule == rule and words in finding.message], found
    assert level in {str(finding.level) for finding in found if finding.rule == rule}
    assert str(worst(found)) == max(level, str(worst(found)), key=("compatible", "risky", "breaking").index)


HARMLESS: list[tuple[str, Change]] = [
    ("nothing changes", lambda d: None),
    ("prose changes", lambda d: d["info"].update(title="Another", description="New words.", version="2")),
    ("an operation is described", lambda d: get(d).update(summary="Get a thing", description="Returns it.")),
    ("a parameter moves behind a reference", share_parameters),
    ("links are new", lambda d: response(d).update(links={"again": {"operationId": "things_get"}})),
    ("an example is new", lambda d: response(d)["content"]["application/json"].update(example={"name": "a"})),
    ("a header is written in other letters", lambda d: get(d)["parameters"][1].update(name="x-trace")),
    ("a parameter moves to its path", lambda d: d["paths"][PATH]["parameters"].append(get(d)["parameters"].pop(0))),
    ("security is written out", lambda d: get(d).update(security=[{"token": []}])),
    (
        "media types get parameters",
        lambda d: response(d).update(
            content={"application/json; charset=utf-8": response(d)["content"]["application/json"]}
        ),
    ),
    ("a style is written out", lambda d: get(d)["parameters"][0].update(style="form", explode=True)),
]


@pytest.mark.parametrize("change", [case[1] for case in HARMLESS], ids=[case[0] for case in HARMLESS])
def test_what_nobody_notices_is_no_finding(change: Change) -> None:
    old, new = changed(change)
    found = [finding for finding in diff(old, new) if finding.rule != "request-parameter-added"]

    assert found == []


def test_findings_are_said_once_and_the_worst_first() -> None:
    def change(document: Document) -> None:
        document["components"]["schemas"]["Thing"]["properties"].pop("size")
        get(document)["responses"]["201"] = response(document)
        get(document).update(deprecated=True)

    found = diff(*changed(change))

    assert [str(finding.level) for finding in found] == ["breaking", "compatible", "compatible"]
    assert found[0].message == "Thing.size is gone"
    assert found[0].pointer == "/components/schemas/Thing/properties/size"
    assert as_text(found).startswith("BREAKING (1)\n  Thing.size is gone")


def test_an_operation_that_moved_is_compared_and_is_not_new() -> None:
    def change(document: Document) -> None:
        get(document)["parameters"].pop(0)
        move_path(document)

    found = [(finding.rule, finding.python) for finding in diff(*changed(change)) if "things_get" in finding.message]

    assert found == [("operation-moved", "things.get"), ("request-parameter-removed", "things.get")]


def test_a_finding_names_the_place_in_python() -> None:
    found = diff(*changed(lambda document: get(document)["parameters"][0].update(required=True)))

    assert found[0].as_dict() == {
        "level": "breaking",
        "rule": "request-parameter-became-required",
        "pointer": "/paths/~1things~1{id}/get/parameters/0",
        "message": "GET /things/{id} (things_get), query parameter `q`, is required now",
        "python": "things.get(q=)",
    }


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("#/components/schemas/None", "leads nowhere"),
        ("other.yaml#/Thing", "leads out of the document"),
    ],
)
def test_a_reference_that_cannot_be_followed_is_an_error(reference: str, words: str) -> None:
    def break_it(document: Document) -> None:
        response(document)["content"]["application/json"]["schema"] = {"$ref": reference}

    with pytest.raises(DocumentError, match=words):
        diff(*changed(break_it))
