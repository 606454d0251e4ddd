"""The base of all models: what they keep of a response, and how they are serialized."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeGuard, TypeVar, cast
from uuid import UUID

from attrs import define, field, frozen

from .unset import UNSET, Unset

M = TypeVar("M", bound="Model")

Converter = Callable[[Any], Any]

UNEXPECTED = (KeyError, TypeError, ValueError, AttributeError)
"""What a decoder raises for a response that breaks the description."""


@frozen(repr=False, eq=False)
class Field:
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


@define(repr=False, eq=False)
class _Notes:
    """Which fields are written although they are None, and the fields nobody promised."""

    null: frozenset[str]
    additional: dict[str, Any]


@define(repr=False, eq=False, getstate_setstate=False)
class Model:
    """A JSON object of a platform.

    A decoded model is open: fields nobody promised are kept in `additional_properties`, a value that breaks the promise
    is kept as it came.
    """

    FIELDS: ClassVar[tuple[Field, ...]] = ()

    _notes: _Notes = field(init=False)  # left unset unless a response had more or less than what is always there

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

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object; of a decoded model, what it was made of, with its times written in UTC.

        Raises:
            ValueError: a datetime has no time zone.
        """
        notes = self._keys()
        result: dict[str, Any] = {}
        for member in self.FIELDS:
            value = getattr(self, member.name)
            if value is not UNSET and (value is not None or member.wire in notes.null):
                result[member.wire] = to_json(value)
        return {**result, **notes.additional}

    if not TYPE_CHECKING:  # type checkers know that there is none

        def __getitem__(self, name: object) -> Any:
            """Say how to read a field."""
            raise TypeError(f"a {type(self).__name__} has attributes, not items: read .name, or to_dict()['name']")

    def _keys(self) -> _Notes:
        type_: type = type(self)
        return getattr(self, "_notes", None) or _Notes(_written_as_null(type_), {})

    def __repr__(self) -> str:
        """Show identifiers, choices, counts and times; never names, addresses or text."""
        values = ((member.name, _brief(getattr(self, member.name))) for member in self.FIELDS if member.shown)
        shown = ", ".join(f"{name}={value}" for name, value in values if value is not None)
        return f"{type(self).__name__}({shown})"

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
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, datetime):
        return format_datetime(value)
    if isinstance(value, (date, UUID)):
        return str(value)
    if is_mapping(value):
        return {str(key): to_json(member) for key, member in value.items() if member is not UNSET}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_json(member) for member in cast(Iterable[Any], value)]
    return value


def format_datetime(value: datetime) -> str:
    """Serialize a datetime in UTC, with its microseconds if it has any.

    Raises:
        ValueError: it has no time zone, so it names no point in time.
    """
    if value.tzinfo is None:
        raise ValueError("this datetime has no time zone; give one, for example datetime.now(timezone.utc)")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


parse_datetime: Callable[[str], datetime] = datetime.fromisoformat
parse_date: Callable[[str], date] = date.fromisoformat


def note_keys(model: M, data: Mapping[str, Any]) -> M:
    """Remember which fields a response had, and keep the ones nobody promised."""
    type_: type = type(model)
    notes, unknown = _sort_keys(type_, tuple(data))
    own = _Notes(notes.null, {key: data[key] for key in unknown}) if unknown else notes
    model._notes = own  # pyright: ignore[reportPrivateUsage]  this module is the model's own
    return model


@lru_cache(maxsize=2048)
def _sort_keys(model: Any, keys: tuple[str, ...]) -> tuple[_Notes, tuple[str, ...]]:
    known = frozenset(member.wire for member in model.FIELDS)
    return _Notes(known.intersection(keys), {}), tuple(key for key in keys if key not in known)


@lru_cache(maxsize=2048)
def _written_as_null(model: Any) -> frozenset[str]:
    return frozenset(member.wire for member in model.FIELDS if member.null)


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


def many(convert: Converter) -> Converter:
    """Return a converter of lists; an element that cannot be converted stays as it came."""

    def convert_all(values: Any) -> Any:
        return [_leniently(convert, value) for value in expect(list, values)]

    return convert_all


def mapping(convert: Converter) -> Converter:
    """Return a converter of maps; a value that cannot be converted stays as it came."""

    def convert_all(values: Any) -> Any:
        return {key: _leniently(convert, value) for key, value in expect(dict, values).items()}

    return convert_all


def tagged(key: str, models: Mapping[str, Callable[[], type[Model]]]) -> Converter:
    """Return a converter that chooses the model by a field; an object with an unknown choice stays a dict."""

    def convert_by_key(value: Any) -> Any:
        choice = expect(dict, value).get(key)
        choose = models.get(choice) if isinstance(choice, str) else None
        return value if choose is None else choose().from_dict(value)

    return convert_by_key


def _leniently(convert: Converter, value: Any) -> Any:
    try:
        return value if value is None else convert(value)
    except UNEXPECTED:
        return value


def is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return whether a value is a mapping; its keys are taken to be strings."""
    return isinstance(value, Mapping)


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Return whether a value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    """Return whether a value is a JSON array."""
    return isinstance(value, list)


def expect(type_: type[Any], value: Any) -> Any:
    """Return a value that is of this type.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, type_):
        raise TypeError(f"expected a {type_.__name__}, not {type(value).__name__}")
    return value
