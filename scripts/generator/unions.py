"""Named unions of objects as aliases and decoders."""

from __future__ import annotations

from attrs import frozen

from .decoding import Decoders, union_decoder
from .description import Description
from .docstrings import lead
from .shapes import Tagged


@frozen
class NamedUnion:
    """One union, as source."""

    name: str
    members: tuple[str, ...]
    text: str
    table: str

    @property
    def decoder(self) -> str:
        """Return the name of its decoder."""
        return union_decoder(self.name)

    @property
    def table_name(self) -> str:
        """Return the name of the table that the decoder looks into."""
        return f"_{self.decoder.removeprefix('decode_').upper()}"


def named_unions(description: Description, classes: set[str]) -> list[NamedUnion]:
    """Return the unions whose members are all among the classes that are made."""
    unions = sorted(description.unions.items(), key=lambda item: item[1])
    return [_named_union(description, members, name) for members, name in unions if members <= classes]


def _named_union(description: Description, members: frozenset[str], name: str) -> NamedUnion:
    found = description.discriminators[members]
    text = lead(description.text(description.schemas[name])) or f"{name}."
    table = Decoders("rt.").table(Tagged(found.key, tuple(found.classes.items()), name))
    return NamedUnion(name, tuple(dict.fromkeys(found.classes.values())), text, table)
