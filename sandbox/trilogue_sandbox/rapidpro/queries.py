"""The queries of smart groups: a small language over contacts, turned into SQL.

    name ~ "ana" AND (age >= 18 OR district = "Huye") AND tickets > 0

A condition is a property, an operator (`=`, `!=`, `~` for "contains", `<`, `<=`, `>`, `>=`) and a value. Properties are
`uuid`, `name`, `language`, `status`, `urn`, the schemes of URNs, `tickets`, `created_on`, `last_seen_on`, `group`, and
the keys of the workspace's fields, also as `fields.age`. An empty value (`""`) means that there is none. `AND` binds
tighter than `OR`.
"""

from __future__ import annotations

import re

import attrs

from trilogue_sandbox.kernel.clock import to_microseconds
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.timestamps import DAY
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.urns import SCHEMES
from trilogue_sandbox.rapidpro.values import read_datetime

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[()]|!=|<=|>=|[=~<>]|[^\s()"=~<>!]+)')
_STRINGS = {"uuid": "item.uuid", "name": "item.name", "language": "item.language", "status": "item.status"}
_TIMES = {"created_on": "item.created_on", "last_seen_on": "item.last_seen_on"}
_TICKETS = "(SELECT COUNT(*) FROM rapidpro_tickets WHERE contact_id = item.id AND status = 'open')"
_GROUP = (
    "(SELECT grouping.name FROM rapidpro_memberships AS membership JOIN rapidpro_groups AS grouping"
    " ON grouping.id = membership.group_id WHERE membership.contact_id = item.id)"
)
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


class QueryError(Exception):
    """A query that cannot be understood; the message says where."""


@attrs.frozen
class Condition:
    """A condition on `item`, a row of rapidpro_contacts, and the keys of the fields it looks at."""

    sql: str
    values: tuple[SqlValue, ...] = ()
    fields: frozenset[str] = frozenset()

    def joined(self, word: str, other: Condition) -> Condition:
        """Return both conditions as one."""
        sql = f"({self.sql} {word} {other.sql})"
        return Condition(sql, (*self.values, *other.values), self.fields | other.fields)


def parse(context: WorkspaceContext, query: str) -> Condition:
    """Turn a query into a condition.

    Raises:
        QueryError: it cannot be understood.
    """
    parser = _Parser(context, _split(query))
    condition = parser.read_any()
    if parser.tokens:
        raise QueryError(f"`{parser.tokens[0]}` is not expected there")
    return condition


def _split(query: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(query.rstrip()):
        found = _TOKEN.match(query, position)
        if found is None:
            raise QueryError(f"cannot be read from `{query[position:].strip()}` on")
        tokens.append(found[0].strip())
        position = found.end()
    return tokens


class _Parser:
    """Reads conditions from the front of a list of tokens."""

    def __init__(self, context: WorkspaceContext, tokens: list[str]) -> None:
        self.tokens = tokens
        self._context = context

    def read_any(self) -> Condition:
        """Read conditions of which one must hold."""
        condition = self._read_all()
        while self._takes("or"):
            condition = condition.joined("OR", self._read_all())
        return condition

    def _read_all(self) -> Condition:
        condition = self._read_one()
        while self._takes("and"):
            condition = condition.joined("AND", self._read_one())
        return condition

    def _read_one(self) -> Condition:
        if self._takes("("):
            condition = self.read_any()
            if not self._takes(")"):
                raise QueryError("a bracket is not closed")
            return condition
        prop, operator, value = self._next("a property"), self._next("an operator"), self._next("a value")
        if operator not in (*_COMPARISONS, "~"):
            raise QueryError(f"`{operator}` is no operator")
        return self._compare(prop.lower(), operator, _unquoted(value))

    def _compare(self, prop: str, operator: str, value: str) -> Condition:
        key = prop.removeprefix("fields.")
        if prop in _STRINGS:
            return _compare_string(_STRINGS[prop], operator, value)
        if prop in _TIMES:
            return self._compare_time(_TIMES[prop], operator, value)
        if prop == "tickets":
            return _compare_number(_TICKETS, operator, value)
        if prop == "group":
            return _compare_one_of(_GROUP, "name", operator, value)
        if prop == "urn" or prop in SCHEMES:
            return _compare_one_of(_paths(prop), "path", operator, value)
        if key not in self._context.field_types:
            raise QueryError(f"there is no property `{prop}`")
        compared = self._compare_field(key, self._context.field_types[key], operator, value)
        return attrs.evolve(compared, fields=frozenset([key]))

    def _compare_field(self, key: str, field_type: str, operator: str, value: str) -> Condition:
        kept = f"json_extract(item.fields, '$.{key}')"
        if value == "" or field_type == "text":
            return _compare_string(kept, operator, value)
        if field_type == "number":
            return _compare_number(f"CASE WHEN json_valid({kept}) THEN {kept} END", operator, value)
        if field_type == "datetime":
            return self._compare_time(f"strftime('%s', {kept}) * 1000000", operator, value)
        return _compare_string(
            f"LTRIM(SUBSTR({kept}, LENGTH(RTRIM({kept}, REPLACE({kept}, '>', ''))) + 1))", operator, value
        )

    def _compare_time(self, column: str, operator: str, value: str) -> Condition:
        if value == "":
            return _compare_string(column, operator, value)
        time = read_datetime(self._context, value)
        if time is None or operator == "~":
            raise QueryError(f"`{operator} {value}` does not compare with a date")
        start = to_microseconds(time.replace(hour=0, minute=0, second=0, microsecond=0))
        end = start + DAY
        if operator in ("=", "!="):
            negation = "NOT " if operator == "!=" else ""
            return Condition(f"({negation}COALESCE({column} >= ? AND {column} < ?, FALSE))", (start, end))
        bounds = {"<": ("<", start), "<=": ("<", end), ">": (">=", end), ">=": (">=", start)}
        comparison, bound = bounds[operator]
        return Condition(f"({column} {comparison} ?)", (bound,))

    def _takes(self, word: str) -> bool:
        if self.tokens and self.tokens[0].lower() == word:
            self.tokens.pop(0)
            return True
        return False

    def _next(self, what: str) -> str:
        if not self.tokens:
            raise QueryError(f"{what} is missing at the end")
        return self.tokens.pop(0)


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else token


def _compare_string(column: str, operator: str, value: str) -> Condition:
    if value == "" and operator in ("=", "!="):
        return Condition(f"(COALESCE({column}, '') {operator} '')")
    if operator == "~":
        return Condition(f"(INSTR(LOWER({column}), ?) > 0)", (value.lower(),))
    if operator in ("=", "!="):
        return Condition(f"(LOWER(COALESCE({column}, '')) {operator} ?)", (value.lower(),))
    raise QueryError(f"strings cannot be compared with `{operator}`")


def _compare_number(column: str, operator: str, value: str) -> Condition:
    try:
        number = float(value)
    except ValueError as error:
        raise QueryError(f"`{value}` is no number") from error
    if operator == "~":
        raise QueryError("numbers cannot be compared with `~`")
    return Condition(f"COALESCE(CAST({column} AS REAL) {operator} ?, {operator == '!='})", (number,))


def _compare_one_of(selected: str, column: str, operator: str, value: str) -> Condition:
    """Compare with a property of which a contact can have several: one is enough, for `!=` none may be equal."""
    if value == "" and operator in ("=", "!="):
        return Condition(f"({'NOT ' if operator == '=' else ''}EXISTS {selected})")
    compared = _compare_string(column, "=" if operator == "!=" else operator, value)
    exists = f"EXISTS (SELECT 1 FROM {selected} WHERE {compared.sql})"
    return Condition(f"({'NOT ' if operator == '!=' else ''}{exists})", compared.values)


def _paths(prop: str) -> str:
    scheme = "" if prop == "urn" else f" AND scheme = '{prop}'"
    return f"(SELECT path FROM rapidpro_urns WHERE contact_id = item.id{scheme})"
