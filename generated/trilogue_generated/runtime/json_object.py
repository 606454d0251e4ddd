# Copied by scripts/generate from generator-config/runtime; do not edit it here.
"""JSON objects as structs, which msgspec decodes in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import UNSET as ABSENT
from msgspec import Struct
from msgspec import UnsetType as Absent
from msgspec import field as renamed

__all__ = ["ABSENT", "Absent", "JsonObject", "JsonValue", "renamed"]

JsonValue: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any]
"""Any value but null."""


class JsonObject(Struct, forbid_unknown_fields=True, eq=False, gc=False):
    """An object with all that the description promises of a model, and nothing else.

    It lives from the decoding of a response until the model is made. JSON holds no cycles, so none need collecting.
    Of a time with more than six digits after the second, msgspec rounds the sixth; `from_dict` drops the others.
    """

    if TYPE_CHECKING:  # each struct has its own

        def to_model(self) -> Any:
            """Return the model."""
