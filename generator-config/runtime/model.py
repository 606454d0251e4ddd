"""The base of all models: what they keep of a response, and how they are serialized."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, cast
from uuid import UUID

from msgspec import Struct, to_builtins

from .converters import UNEXPECTED as UNEXPECTED
from .converters import Converter
from .converters import expect as expect
from .converters import is_array as is_array
from .converters import is_mapping as is_mapping
from .converters import is_object as is_object
from .converters import many as many
from .converters import mapping as mapping
from .converters import parse_date as parse_date
from .converters import parse_datetime as parse_datetime
from .converters import tagged as tagged
from .unset import UNSET, Unset

M = TypeVar("M", bound="Model")

PLAIN = frozenset({str, int, float, bool, type(None)})
"""The types of values that are the same in Python and in JSON."""


class Field(Struct, frozen=True, eq=False):
    """One field of a model.

    `name` is its name in Python, `wire` in JSON. `convert` makes the Python value out of the JSON value, or is None
    where they are the same. `null` says whether None is written as null rather than omitted. `shown` says whether
    `repr` may show it: identifiers, choices, counts and times, never free text. `absent` is its value where a response
    lacks it.
    """

    name: str
    wire: str
    convert: Converter | None = None
    null: bool = False
    shown: bool = False
    absent: Unset | None = None


class _Notes(Struct, frozen=True, eq=False):
    """Which fields are written although they are None, which can be left out, and the fields nobody promised."""

    null: frozenset[str]
    optional: tuple[str, ...]
    additional: dict[str, Any]


class Model:
    """A JSON object of a platform; its classes are attrs classes.

    A decoded model is open: fields nobody promised are kept in `additional_properties`, a value that breaks the promise
    is kept as it came.
    """

    __slots__ = ("_notes",)

    FIELDS: ClassVar[tuple[Field, ...]] = ()

    if TYPE_CHECKING:  # no hints of the fields of a model
        _default_notes: ClassVar[_Notes]

        _notes: _Notes | dict[str, Any] | None
        """What a response had where that is more or less than what is always there, sorted when it is first needed.

        It is no field, so that attrs shows none.
        """

    def __init_subclass__(cls) -> None:
        """Note once what holds for all models of the class."""
        written = (member.wire for member in cls.FIELDS if member.null)
        cls._default_notes = _note_null(cls.FIELDS, frozenset(written))

    def __attrs_pre_init__(self) -> None:
        """Begin without notes."""
        self._notes = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make a model of a JSON object.

        Raises:
            TypeError: `data` is not an object.
        """
        return decode(cls, data)

    @property
    def additional_properties(self) -> Mapping[str, Any]:
        """The fields of the response that the description does not know."""
        return self._keys().additional

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object; of a decoded model, what it was made of, with its times written in UTC.

        Raises:
            ValueError: a datetime has no time zone.
        """

    def _with_notes(self, members: dict[str, Any]) -> dict[str, Any]:
        """Leave out what is not given, and add the fields nobody promised."""
        notes = self._keys()
        for wire in notes.optional:
            value = members[wire]
            if value is UNSET or (value is None and wire not in notes.null):
                del members[wire]
        members.update(notes.additional)
        return members

    if not TYPE_CHECKING:  # type checkers know that there is none

        def __getitem__(self, name: object) -> Any:
            """Say how to read a field."""
            raise TypeError(f"a {type(self).__name__} has attributes, not items: read .name, or to_dict()['name']")

    def _keys(self) -> _Notes:
        if isinstance(self._notes, dict):
            self._notes = _sort(type(self), self._notes)
        return self._notes or self._default_notes

    def __dir__(self) -> list[str]:
        """List what a user needs: fields and methods."""
        return [name for name in super().__dir__() if name != "FIELDS"]

    def __repr__(self) -> str:
        """Show identifiers, choices, counts and times; never names, addresses or text."""
        shown = ", ".join(f"{name}={_brief(value)}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({shown})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        """Show the same in rich, which reads fields otherwise."""
        values = ((member.name, getattr(self, member.name)) for member in self.FIELDS if member.shown)
        yield from ((name, value) for name, value in values if _brief(value) is not None)

    def __eq__(self, other: object) -> bool:
        """Compare all fields, unknown ones included."""
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def _values(self) -> tuple[Any, ...]:
        return (*(getattr(self, member.name) for member in self.FIELDS), self._keys().additional)


def _brief(value: Any) -> str | None:
    """Return how `repr` shows a value; None for one that it leaves out."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return repr(value) if isinstance(value, (str, int)) else None


def to_json(value: Any) -> Any:
    """Return a value as JSON has it: models as objects, times in UTC with a `Z`, UUIDs as text.

    Raises:
        ValueError: a datetime has no time zone.
    """
    if type(value) in PLAIN:
        return value
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, datetime):
        return format_datetime(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [*map(to_json, cast(Iterable[Any], value))]
    if isinstance(value, (date, UUID)):
        return str(value)
    if is_mapping(value):
        return {
            str(key): member if type(member) in PLAIN else to_json(member)
            for key, member in value.items()
            if member is not UNSET
        }
    return value


def format_datetime(value: datetime) -> str:
    """Serialize a datetime in UTC, with its microseconds if it has any.

    Raises:
        ValueError: it has no time zone, so it names no point in time.
    """
    if value.tzinfo is None:
        raise ValueError("this datetime has no time zone; give one, for example datetime.now(timezone.utc)")
    timestamp: str = to_builtins(value.astimezone(UTC))
    return timestamp


def note_keys(model: M, data: Mapping[str, Any]) -> M:
    """Remember which fields a response had, and keep the ones nobody promised."""
    model._notes = {**data}  # pyright: ignore[reportPrivateUsage]  this module is the model's own
    return model


def _sort(model: Any, data: Mapping[str, Any]) -> _Notes:
    notes, unknown = _sort_keys(model, tuple(data))
    return _Notes(notes.null, notes.optional, {key: data[key] for key in unknown}) if unknown else notes


@lru_cache(maxsize=2048)
def _sort_keys(model: Any, keys: tuple[str, ...]) -> tuple[_Notes, tuple[str, ...]]:
    known = frozenset(member.wire for member in model.FIELDS)
    return _note_null(model.FIELDS, known.intersection(keys)), tuple(key for key in keys if key not in known)


def _note_null(fields: tuple[Field, ...], null: frozenset[str]) -> _Notes:
    optional = (member.wire for member in fields if member.wire not in null or member.absent is UNSET)
    return _Notes(null, tuple(optional), {})


def decode(model: type[M], data: object) -> M:
    """Make a model of an object that may break its promises.

    What is missing becomes None, what cannot be converted stays as it came.

    Raises:
        TypeError: `data` is not an object.
    """
    if not is_mapping(data):
        raise TypeError(f"expected an object for {model.__name__}, not {type(data).__name__}")
    values = {member.name: _convert(member, data) for member in model.FIELDS}
    return note_keys(model(**values), data)


def _convert(member: Field, data: Mapping[str, Any]) -> Any:
    value = data.get(member.wire, member.absent)
    if value is None or value is UNSET or member.convert is None:
        return value
    try:
        return member.convert(value)
    except UNEXPECTED:
        return value
