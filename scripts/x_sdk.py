"""The vendor key `x-sdk`, read strictly; openapi/README.md explains it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from attrs import evolve, frozen

Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
Names: TypeAlias = Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
Groups: TypeAlias = Annotated[tuple[Names, ...], msgspec.Meta(min_length=1)]
Texts: TypeAlias = Annotated[dict[Name, Name], msgspec.Meta(min_length=1)]
Constants: TypeAlias = Annotated[dict[Name, bool | int | float | str], msgspec.Meta(min_length=1)]
Retry: TypeAlias = Literal["idempotent", "idempotency-key", "non-idempotent"]


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="style"):
    """How a list is paginated, whatever the style."""

    items: Name
    defaults: Constants = {}
    primary_key: Names = ()


class NextUrl(Page, frozen=True, kw_only=True, tag="next-url"):
    """The response holds the URL of the next page; `parameter` is the one that this URL adds to the query."""

    next: Name
    parameter: Name = ""


class Token(Page, frozen=True, kw_only=True, tag="token"):
    """The response holds a token for the next page."""

    next: Name
    parameter: Name


class Offset(Page, frozen=True, kw_only=True, tag="offset"):
    """The request says how many rows to skip."""

    parameter: Name
    limit: Name
    total: Name = ""


class Wait(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to wait until what an operation looks up is in a final state."""

    method: Name = "wait"
    keys: Annotated[dict[Name, Name | None], msgspec.Meta(min_length=1)]
    state: Name
    success: Names
    failure: Names = ()
    pending_while: dict[Name, Name] = {}
    accepts: Names = ()


class Download(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to download the file that an object points at."""

    method: Name = "download"
    url: Name
    size: Name = ""
    digest: Name = ""
    algorithm: Literal["", "md5", "sha256"] = ""


class Lookup(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to find a value of a row of a list by its name."""

    by: Name = "name"
    value: Name


class Bulk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a method is offered for any number of items as well."""

    method: Name = ""
    items: Names = ()
    omit: Names = ()
    returns_failed: bool = False
    errors: Name = ""
    position: Name = ""


class Reconcile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to find out whether a request whose outcome is unknown was carried out."""

    method: Name = "list"
    by: dict[Name, Name] = {}
    created: Name = ""
    match: dict[Name, Names] = {}
    hints: dict[Name, Names] = {}
    unseen: Names = ()
    where: dict[Name, Name] = {}
    probe: Names = ()


class _Checks(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is said about arguments by their names on the wire."""

    omit: Names = ()
    require: Names = ()
    retry_unless: Names = ()
    exactly_one: Groups = ()
    at_most_one: Groups = ()
    at_least_one: Groups = ()


class _Entry(_Checks, frozen=True, kw_only=True):
    """One of several methods of one operation."""

    name: Name
    retry: Retry
    summary: Name = ""
    description: Name = ""
    response: Name = ""
    bulk: Bulk | msgspec.UnsetType = msgspec.UNSET
    reconcile: Reconcile | msgspec.UnsetType = msgspec.UNSET
    arguments: Texts = {}
    fixed: Constants = msgspec.field(name="set", default_factory=dict[str, bool | int | float | str])


class _Common(_Checks, frozen=True, kw_only=True):
    """What every `x-sdk` may have."""

    resource: Name
    unwrap: Name = ""
    page: NextUrl | Token | Offset | msgspec.UnsetType = msgspec.UNSET
    wait: Wait | msgspec.UnsetType = msgspec.UNSET
    download: Download | msgspec.UnsetType = msgspec.UNSET
    lookup: Lookup | msgspec.UnsetType = msgspec.UNSET
    get: Names = ()


class _OneMethod(_Common, frozen=True, kw_only=True):
    """An operation that is one method."""

    method: Name
    retry: Retry
    bulk: Bulk | msgspec.UnsetType = msgspec.UNSET
    reconcile: Reconcile | msgspec.UnsetType = msgspec.UNSET


class _SeveralMethods(_Common, frozen=True, kw_only=True):
    """An operation that is several methods."""

    methods: Annotated[tuple[_Entry, ...], msgspec.Meta(min_length=2)]


@frozen(kw_only=True)
class SdkMethod:
    """One method of a resource: what its own entry says, added to what holds for all methods of the operation."""

    resource: str
    name: str
    retry: Retry
    summary: str
    description: str
    response: str
    arguments: Mapping[str, str]
    fixed: Mapping[str, bool | int | float | str]
    page: NextUrl | Token | Offset | None
    wait: Wait | None
    download: Download | None
    lookup: Lookup | None
    get: tuple[str, ...]
    bulk: Bulk | None
    reconcile: Reconcile | None
    unwrap: str
    omit: tuple[str, ...]
    require: tuple[str, ...]
    retry_unless: tuple[str, ...]
    exactly_one: tuple[tuple[str, ...], ...]
    at_most_one: tuple[tuple[str, ...], ...]
    at_least_one: tuple[tuple[str, ...], ...]
    only: tuple[str, ...] = ()

    def getter(self, item: str) -> SdkMethod:
        """Return the method that gets one row of this list, by one of the filters in `get` and `only` these."""
        article = "an" if item[0] in "aeio" else "a"
        names = {wire: wire.upper() if wire in ("uuid", "urn") else wire for wire in self.get}
        return evolve(
            self,
            name="get",
            summary=f"Get {article} {item}",
            description=f"Returns the {item} with this {' or '.join(names.values())}.",
            arguments={wire: f"The {name} of the {item}." for wire, name in names.items()},
            page=None,
            unwrap=self.page.items if self.page else "",
            require=(),
            exactly_one=(self.get,),
            at_most_one=(),
            at_least_one=(),
            wait=None,
            download=None,
            lookup=None,
            bulk=None,
            reconcile=None,
            only=self.get,
        )

    @property
    def page_parameter(self) -> str:
        """Return the parameter that the paginator sets, empty if there is none that a caller cannot."""
        return self.page.parameter if isinstance(self.page, (NextUrl, Token)) else ""

    @property
    def withheld(self) -> set[str]:
        """Return the arguments that a caller cannot give."""
        return {*self.omit, self.page_parameter} - {""}

    @property
    def required(self) -> set[str]:
        """Return the arguments that this method needs: `require`, and each group of one."""
        alone = (group[0] for group in (*self.exactly_one, *self.at_least_one) if len(group) == 1)
        return {*self.require, *alone}


def read_methods(key: Any) -> tuple[SdkMethod, ...]:
    """Return the methods of an operation.

    Raises:
        msgspec.ValidationError: a key is unknown or missing, or a value has a wrong type.
    """
    if isinstance(key, Mapping) and "methods" in key:
        several = msgspec.convert(key, _SeveralMethods)
        return tuple(_method(several, entry) for entry in several.methods)
    one = msgspec.convert(key, _OneMethod)
    return (_method(one, _Entry(name=one.method, retry=one.retry, bulk=one.bulk, reconcile=one.reconcile)),)


def _method(common: _Common, entry: _Entry) -> SdkMethod:
    return SdkMethod(
        resource=common.resource,
        name=entry.name,
        retry=entry.retry,
        summary=entry.summary,
        description=entry.description,
        response=entry.response,
        arguments=entry.arguments,
        fixed=entry.fixed,
        page=None if isinstance(common.page, msgspec.UnsetType) else common.page,
        wait=None if isinstance(common.wait, msgspec.UnsetType) else common.wait,
        download=None if isinstance(common.download, msgspec.UnsetType) else common.download,
        lookup=None if isinstance(common.lookup, msgspec.UnsetType) else common.lookup,
        get=common.get,
        bulk=None if isinstance(entry.bulk, msgspec.UnsetType) else entry.bulk,
        reconcile=None if isinstance(entry.reconcile, msgspec.UnsetType) else entry.reconcile,
        unwrap=common.unwrap,
        omit=(*common.omit, *entry.omit),
        require=(*common.require, *entry.require),
        retry_unless=(*common.retry_unless, *entry.retry_unless),
        exactly_one=(*common.exactly_one, *entry.exactly_one),
        at_most_one=(*common.at_most_one, *entry.at_most_one),
        at_least_one=(*common.at_least_one, *entry.at_least_one),
    )
