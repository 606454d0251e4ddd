"""Texts, attachments and quick replies in several languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import attrs

from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.rapidpro.errors import Errors
from trilogue_sandbox.rapidpro.fields import Context, Entries, Field, InvalidValue, Text
from trilogue_sandbox.rapidpro.languages import FLOW_LANGUAGES

T = TypeVar("T")

_MAX_LANGUAGES = 50


@attrs.frozen
class Translations(Field["dict[str, T]"]):
    """A value for each of some languages; given without one, it is in the workspace's first."""

    value: Field[T]

    def read(self, value: Json, context: Context) -> dict[str, T]:
        """Return the values by their languages."""
        if isinstance(value, (str, list)):
            value = {context.tenant.workspace.language: value}
        translations = Entries(self.value, _MAX_LANGUAGES, may_be_empty=False).read(value, context)
        strange: Mapping[str, Errors] = {
            code: ["Not an allowed ISO 639-3 language code."] for code in translations if code not in FLOW_LANGUAGES
        }
        if strange:
            raise InvalidValue(errors=strange)
        return translations


@attrs.frozen
class LanguageField(Field[str]):
    """The code of a language that texts can be written in."""

    def read(self, value: Json, context: Context) -> str:
        """Return the code."""
        code = Text().read(value, context)
        if code not in FLOW_LANGUAGES:
            raise InvalidValue("Not an allowed ISO 639-3 language code.")
        return code
