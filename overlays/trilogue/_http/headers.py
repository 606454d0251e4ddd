"""The headers of a response."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar, overload

Default = TypeVar("Default")


class Headers(Mapping[str, str]):
    """Headers that are found by name in any case; values of one name are joined by commas.

    A response is asked for a dozen of them, mostly in vain, and httpx's look at each header every time.
    """

    __slots__ = ("_values",)

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        """Decode headers as they were received, all as UTF-8 or all as ISO 8859-1."""
        try:
            self._values = _decode(raw, "utf-8")
        except UnicodeDecodeError:
            self._values = _decode(raw, "latin-1")

    def __getitem__(self, name: str) -> str:
        """Return the value of a header."""
        return self._values[name.lower()]

    def __contains__(self, name: object) -> bool:
        """Return whether there is a header of this name."""
        return isinstance(name, str) and name.lower() in self._values

    @overload
    def get(self, key: str, /) -> str | None: ...
    @overload
    def get(self, key: str, /, default: str | Default) -> str | Default: ...
    def get(self, key: str, /, default: str | Default | None = None) -> str | Default | None:
        """Return the value of a header, or the default where there is none."""
        return self._values.get(key.lower(), default)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in lower case."""
        return iter(self._values)

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self._values)

    def __repr__(self) -> str:
        """Show them all."""
        return f"Headers({self._values})"


def _decode(raw: Sequence[tuple[bytes, bytes]], encoding: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in raw:
        key, text = name.lower().decode(encoding), value.decode(encoding)
        values[key] = f"{values[key]}, {text}" if key in values else text
    return values
