"""Languages by their codes of three letters (ISO 639-3), and values in several of them."""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeVar

import attrs

from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.rapidpro.errors import Errors
from trilogue_sandbox.rapidpro.serializer_fields import Entries, String
from trilogue_sandbox.rapidpro.serializers import Field, InvalidValue, Serializer
from trilogue_sandbox.rapidpro.servers import Server

T = TypeVar("T")

_MAX_LANGUAGES = 50

_WRITTEN = """
    aar abk afr aka amh ara arg asm ava ave aym aze bak bam bel ben bis bod bos bre bul cat ces cha che chu chv cor
    cos cre cym dan deu div dzo ell eng epo est eus ewe fao fas fij fin fra fry ful gla gle glg glv grn guj hat hau
    hbs heb her hin hmo hrv hun hye ibo ido iii iku ile ina ind ipk isl ita jav jpn kal kan kas kat kau kaz khm kik
    kin kir kom kon kor kua kur lao lat lav lim lin lit ltz lub lug mah mal mar mkd mlg mlt mon mri msa mul mya nau
    nav nbl nde ndo nep nld nno nob nor nya oci oji ori orm oss pan pli pol por pus que roh ron run rus sag san sin
    slk slv sme smo sna snd som sot spa sqi srd srp ssw sun swa swe tah tam tat tel tgk tgl tha tir ton tsn tso tuk
    tur twi uig ukr und urd uzb ven vie vol wln wol xho yid yor zha zho zul
"""

FLOW_LANGUAGES = frozenset(_WRITTEN.split())
"""What texts can be written in: the languages that have a code of two letters too, several ones, and an unknown one."""


@cache
def all_languages() -> frozenset[str]:
    """Return every language in use or extinct that has a code, as contacts may speak any of them."""
    lines = importlib.resources.files(__package__ or "").joinpath("iso639.txt").read_text("ascii").splitlines()
    return frozenset(line[:2] + last for line in lines for last in line[3:])


@attrs.frozen
class Translations(Field["dict[str, T]"]):
    """A value for each of some languages; given without one, it is in the workspace's first.

    `wrapped` are the types that a value without a language may have.
    """

    value: Field[T]
    wrapped: Callable[[Server], tuple[type, ...]]

    def read(self, value: Json, serializer: Serializer) -> dict[str, T]:
        """Return the values by their languages."""
        if isinstance(value, self.wrapped(serializer.context.server)):
            value = {serializer.context.workspace.language: value}
        translations = Entries(self.value, _MAX_LANGUAGES, may_be_empty=False).read(value, serializer)
        strange: Mapping[str, Errors] = {
            code: ["Not an allowed ISO 639-3 language code."] for code in translations if code not in FLOW_LANGUAGES
        }
        if strange:
            raise InvalidValue(errors=strange)
        return translations


@attrs.frozen
class LanguageField(Field[str]):
    """The code of a language that texts can be written in."""

    def read(self, value: Json, serializer: Serializer) -> str:
        """Return the code."""
        return String(3, last_rules=(_allowed,)).read(value, serializer)


def _allowed(code: str, serializer: Serializer) -> str | None:
    return None if code in FLOW_LANGUAGES else "Not an allowed ISO 639-3 language code."
