"""Tiny descriptions to change, each in one place."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]
Change: TypeAlias = Callable[[Document], object]

SHOP: Document = {
    "openapi": "3.1.1",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://shop.example.org"}],
    "security": [{"token": []}],
    "paths": {
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "things_get",
                "x-sunset": "2030-01-01",
                "parameters": [
                    {"name": "q", "in": "query", "schema": {"type": "string"}},
                    {"name": "X-Trace", "in": "header", "required": True, "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "A thing.",
                        "headers": {
                            "X-Always": {"required": True, "schema": {"type": "integer"}},
                            "X-Maybe": {"schema": {"type": "string"}},
                        },
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    },
                    "404": {"description": "None."},
                },
                "x-sdk": {"resource": "things", "method": "get", "retry": "idempotent", "unwrap": "thing"},
            },
            "put": {
                "operationId": "things_put",
                "callbacks": {
                    "onDone": {
                        "{$request.body#/url}": {
                            "post": {
                                "requestBody": {"content": {"application/json": {"schema": {"type": "string"}}}},
                                "responses": {"204": {"description": "Taken."}},
                            }
                        }
                    }
                },
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ThingWrite"}}},
                },
                "responses": {"204": {"description": "Done."}},
                "x-sdk": {
                    "resource": "things",
                    "methods": [
                        {"name": "create", "retry": "non-idempotent", "omit": ["id"]},
                        {"name": "update", "retry": "idempotent", "exactly_one": [["id", "name"]]},
                    ],
                },
            },
        }
    },
    "webhooks": {
        "thing.made": {
            "post": {
                "operationId": "thing_made",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Event"}}},
                },
                "responses": {"204": {"description": "Taken."}},
            }
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "size": {"type": "integer"},
                    "parent": {"$ref": "#/components/schemas/Thing"},
                },
            },
            "ThingWrite": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "size": {"type": "integer"},
                    "part": {"$ref": "#/components/schemas/ThingWrite"},
                },
            },
            "Spare": {"type": "string"},
            "Event": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
        },
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "oauth": {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "https://shop.example.org/token", "scopes": {"read": ""}}},
            },
        },
    },
}


def changed(change: Change) -> tuple[Document, Document]:
    """Return the shop before and after a change."""
    new = copy.deepcopy(SHOP)
    change(new)
    return copy.deepcopy(SHOP), new


def with_schema(location: str, schema: Any, components: Document | None = None) -> Document:
    """Return a description whose one schema is that of a request body, a response, a query or a webhook."""
    content = {"content": {"application/json": {"schema": schema}}}
    operation: Document = {"operationId": "op", "responses": {"204": {"description": "Done."}}}
    document: Document = {"openapi": "3.1.1", "info": {"title": "T", "version": "1"}, "paths": {}}
    document["components"] = {"schemas": components or {}}
    if location == "response":
        operation["responses"] = {"200": {"description": "Yes.", **content}}
    elif location == "query":
        operation["parameters"] = [{"name": "q", "in": "query", "schema": schema}]
    else:
        operation["requestBody"] = content
    if location == "webhook":
        document["webhooks"] = {"event": {"post": operation}}
    else:
        document["paths"] = {"/": {"post": operation}}
    return document
