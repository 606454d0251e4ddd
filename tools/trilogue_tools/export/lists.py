"""The lists that can be exported, and how the rows that changed are found."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, get_args, get_type_hints

from attrs import field, frozen
from trilogue_generated.platforms import PLATFORMS
from trilogue_generated.runtime.model import Model

from trilogue_tools.catalogue import Platform
from trilogue_tools.errors import UsageError
from trilogue_tools.method import Method
from trilogue_tools.nearest import nearest

CHANGE_OVERLAP = timedelta(minutes=5)
"""How far before the last row an export reads again: a server may show a change some time after it dates it."""

CREATION_OVERLAP = timedelta(days=1)
"""The same where a list is sorted by when rows were created: younger rows are read again for their changes."""

DELETED = "deleted"
"""The part of a list with the rows that were deleted, and the argument that lists them: of RapidPro's contacts."""

ROWS_OF_TABLES = "tables_rows"
"""The list of the rows of all tables of a bot; there is one for each table."""

_KEYS = ("uuid", "id", "key", "osm_id", "email")
_LEFT_OUT = ("hub.", "billing.", "integrations.", "interfaces.", "plugins.")
_LEFT_OUT_METHODS = ("rapidpro.archives.list", "botpress.workspaces.list_public", "pantheon.apps.get_usage")


@frozen
class Order:
    """How a list is sorted, and so how the rows after a time are found.

    `time` is the field it is sorted by; it changes with the row if `is_change`. `since` is the argument that leaves out
    older rows; without it the list is newest first, and reading stops at the first older row.
    """

    time: str
    since: str = ""
    is_change: bool = False
    arguments: Mapping[str, Any] = field(factory=dict[str, Any])

    @property
    def until(self) -> str:
        """The argument that leaves out newer rows."""
        return self.since.replace("after", "before")

    @property
    def overlap(self) -> timedelta:
        """How much is read again."""
        return CHANGE_OVERLAP if self.is_change else CREATION_OVERLAP


_OLDEST_CHANGE_FIRST = Order("modified_on", "after", is_change=True, arguments={"reverse": True})
_BY_CREATION = Order("created_on", "after")
_OF_PANTHEON = Order("created_at", "created_after", arguments={"order": "asc"})

ORDERS: Mapping[str, Mapping[str, Order]] = {
    "rapidpro": {
        **dict.fromkeys(("contacts", "runs", "flow_starts"), _OLDEST_CHANGE_FIRST),
        **dict.fromkeys(("messages", "broadcasts", "channel_events"), _BY_CREATION),
        "tickets": Order("modified_on", is_change=True, arguments={"reverse": False}),
    },
    "botpress": {
        "messages": Order("created_at", "after_date"),
        "events": Order("created_at"),
        "conversations": Order("updated_at", is_change=True, arguments={"sort_field": "updatedAt"}),
        "users": Order(
            "updated_at",
            "after_date",
            is_change=True,
            arguments={"range_field": "updatedAt", "sort_field": "updatedAt", "sort_direction": "asc"},
        ),
    },
    "pantheon": dict.fromkeys(
        (
            *("channels", "contacts", "conversations", "files", "logins", "messages", "payments"),
            *("payments_refunds", "webhooks", "webhooks_deliveries"),
        ),
        _OF_PANTHEON,
    ),
    "botpress_chat": {},
}
"""The lists that are read from where the last export ended; all others are read whole each time."""


@frozen(eq=False)
class ExportedList:
    """A list, the field that identifies its rows, and how it is sorted if it need not be read whole each time.

    `parent` is the argument that names what a list belongs to, where there is a list for each of several things.
    """

    name: str
    method: Method
    key: str
    order: Order | None
    parent: str = ""

    @property
    def model(self) -> type[Model]:
        """The class of its rows."""
        return _model_of(self.method)

    @property
    def version(self) -> str | None:
        """The field that tells the newer of two copies of a row."""
        names = {member.name for member in self.model.FIELDS}
        candidates = ("modified_on", "updated_at", self.order.time if self.order else "")
        return next((name for name in candidates if name in names), None)

    def parts(self, client: Any) -> list[str]:
        """Return the parts it is read in: one for each parent, or for rows that are there and for deleted ones."""
        if self.parent:
            return [table.id for table in client.tables.list()]
        return ["", DELETED] if DELETED in {parameter.name for parameter in self.method.parameters} else [""]

    def arguments(self, part: str) -> dict[str, Any]:
        """Return the arguments that a part is read with."""
        fixed = dict(self.order.arguments) if self.order else {}
        if self.parent:
            return {**fixed, self.parent: part}
        return {**fixed, DELETED: True} if part == DELETED else fixed

    def calls(self, client: Any, arguments: Mapping[str, Any]) -> Any:
        """Return the iterator over the list."""
        return self.method.on(client)(**arguments)


@cache
def lists_of(platform: str) -> Mapping[str, ExportedList]:
    """Return the lists of a platform by name."""
    found = {item.name: item for item in _find(Platform(PLATFORMS[platform]))}
    if platform == "botpress":
        method = Platform(PLATFORMS[platform]).method("tables.rows.find")
        found[ROWS_OF_TABLES] = ExportedList(ROWS_OF_TABLES, method, "id", None, parent="table")
    return found


def _find(platform: Platform) -> Iterator[ExportedList]:
    operations: set[str] = set()
    for method in platform.all_methods():
        if method.operation is None or not _is_whole(method) or method.operation.id in operations:
            continue
        key = _key_of(method)
        if key is not None:
            operations.add(method.operation.id)
            name = _name_of(method)
            yield ExportedList(name, method, key, ORDERS[platform.name].get(name))


def _is_whole(method: Method) -> bool:
    """Whether a list can be read without naming something it belongs to, and is the account's own."""
    if not method.is_list or any(parameter.required for parameter in method.parameters):
        return False
    is_left_out = f"{method.platform}.{method.path}" in _LEFT_OUT_METHODS
    return not (is_left_out or (method.platform == "botpress" and method.path.startswith(_LEFT_OUT)))


def _name_of(method: Method) -> str:
    return f"{method.resource.replace('.', '_')}{method.name.removeprefix('list')}"


def _key_of(method: Method) -> str | None:
    operation: Any = method.operation
    if len(operation.paging.primary_key) == 1:
        return str(operation.paging.primary_key[0])
    hints = hints_of(_model_of(method))
    return next((key for key in _KEYS if key in hints and type(None) not in get_args(hints[key])), None)


@cache
def _model_of(method: Method) -> type[Model]:
    name = "".join(part.capitalize() for part in method.resource.replace(".", "_").split("_"))
    module = importlib.import_module(
        f"trilogue_generated.{method.platform}.resources.{method.resource.replace('.', '_')}"
    )
    (model,) = get_args(get_type_hints(vars(getattr(module, name))[method.name])["return"])
    found: type[Model] = model
    return found


def choose(platform: str, names: Iterable[str] | None) -> tuple[ExportedList, ...]:
    """Return the lists with these names, or all.

    Raises:
        UsageError: there is no such list.
    """
    found = lists_of(platform)
    chosen = tuple(names or found)
    for name in chosen:
        if name not in found:
            raise UsageError(f"there is no list {name!r} of {PLATFORMS[platform].label}{nearest(name, [*found])}")
    return tuple(found[name] for name in dict.fromkeys(chosen))


def hints_of(model: type[Model]) -> Mapping[str, Any]:
    """Return the types of the fields of a model."""
    importlib.import_module(model.__module__)  # where their names are looked up
    return get_type_hints(model)
