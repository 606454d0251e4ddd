"""The vendor key `x-sdk`, read strictly; openapi/README.md explains it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from .errors import GenerationError

Groups = tuple[tuple[str, ...], ...]


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a list is walked."""

    style: Literal["next-url", "token", "offset"]
    items: str
    next: str = ""
    parameter: str = ""
    limit: str = ""
    total: str = ""
    defaults: dict[str, bool | int | str] = {}
    primary_key: tuple[str, ...] = ()


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One method of a resource; names are those on the wire."""

    resource: str
    method: str
    retry: Literal["idempotent", "idempotency-key", "non-idempotent"]
    summary: str = ""
    description: str = ""
    response: str = ""
    fixed: dict[str, bool | int | str] = msgspec.field(name="set", default_factory=dict[str, bool | int | str])
    retry_unless: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    exactly_one: Groups = ()
    at_most_one: Groups = ()
    at_least_one: Groups = ()
    page: Page | None = None
    unwrap: str = ""

    @property
    def withheld(self) -> set[str]:
        """Return what a caller cannot give: `omit`, and the token that the walk carries from page to page."""
        return {*self.omit, *((self.page.parameter,) if self.page and self.page.style == "token" else ())}

    @property
    def required(self) -> set[str]:
        """Return what this method needs: `require`, and each group of one."""
        alone = (group[0] for group in (*self.exactly_one, *self.at_least_one) if len(group) == 1)
        return {*self.require, *alone}


def read_rules(operation_id: str, key: dict[str, Any]) -> tuple[Rules, ...]:
    """Return the methods of one operation.

    Raises:
        GenerationError: the key is missing, or has something unknown or of the wrong type.
    """
    shared = {name: value for name, value in key.items() if name != "methods"}
    entries = key.get("methods", [{"name": shared.pop("method", None)}])
    try:
        return tuple(_read_method(shared, entry) for entry in entries)
    except msgspec.ValidationError as error:
        raise GenerationError(f"{operation_id}: x-sdk: {error}; see openapi/README.md") from error


def _read_method(shared: dict[str, Any], entry: dict[str, Any]) -> Rules:
    own = {"method" if name == "name" else name: value for name, value in entry.items()}
    return msgspec.convert({**shared, **own}, Rules)
