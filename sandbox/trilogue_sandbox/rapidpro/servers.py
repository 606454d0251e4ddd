"""What the servers do differently beyond what the description says with `x-servers`, `x-limits` and `x-faults`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

import attrs

_SCHEMES = (
    *(
        "bsuid",
        "discord",
        "ext",
        "facebook",
        "fcm",
        "freshchat",
        "instagram",
        "jiochat",
        "line",
        "mailto",
        "rocketchat",
    ),
    *("slack", "tel", "telegram", "twitter", "twitterid", "viber", "vk", "webchat", "wechat", "whatsapp"),
)


@attrs.frozen
class SystemField:
    """A field that every contact has."""

    name: str
    type: str = "datetime"


@attrs.frozen
class Server:
    """One of the servers.

    What it says of itself: its rate limits by scope (`calls_per_hour`), the header with the workspace, where people
    sign in (`login`), the endpoints that its index leaves out (`unlisted`), the version of flow definitions, the links
    of an archive without a file (`empty_archive`) and what stands for a URN that is hidden (`anonymous_name`).

    What it takes: how many `topics` a workspace may have, the characters of a message (`text_length`) and of a note on
    a ticket (`note_length`), the operations and parameters whose UUIDs it checks (`validated_uuids`) and how it says
    that one is none, the keys of fields that are taken (`reserved_keys`, `system_fields`), and the types of values that
    stand for a translation into the first language (`wraps_texts`, `wraps_lists`).

    What it does: the statuses under which it shows ours, whether a change replaces a campaign event (`renews_events`),
    whether a new contact is told whose its URNs are (`checks_urns`), whether the parameters of a flow start are
    rewritten as its `extra` are (`rewrites_params`), and whether tickets have bodies.
    """

    calls_per_hour: Mapping[str, int]
    workspace_header: str
    login: str
    topics: int
    text_length: int
    note_length: int
    unlisted: Collection[str]
    validated_uuids: Collection[str]
    malformed_uuid: str
    limit_error: str
    reserved_keys: Collection[str]
    system_fields: Mapping[str, SystemField]
    message_statuses: Mapping[str, str]
    broadcast_statuses: Mapping[str, str]
    start_statuses: Mapping[str, str]
    renews_events: bool
    checks_urns: bool
    rewrites_params: bool
    shows_ticket_bodies: bool
    wraps_texts: tuple[type, ...]
    wraps_lists: tuple[type, ...]
    empty_archive: Mapping[str, str | None]
    flow_version: str
    anonymous_name: Callable[[int, str], str]

    def validates(self, parameter: str) -> bool:
        """Whether the UUIDs of a parameter are checked: `runs_list uuid`."""
        return "*" in self.validated_uuids or parameter in self.validated_uuids


_DATES = {"created_on": SystemField("Created On"), "last_seen_on": SystemField("Last Seen On")}
_RESERVED = ("has", "is", "fields", "urns", "created_on", "last_seen_on")

SERVERS: Final[Mapping[str, Server]] = {
    "textit": Server(
        calls_per_hour={"v2": 3600, "v2.contacts": 3600, "v2.messages": 3600, "v2.runs": 3600},
        workspace_header="X-Temba-Workspace",
        login="/accounts/login/",
        topics=50,
        text_length=4096,
        note_length=10_000,
        unlisted=("boundaries", "channel_events", "definitions", "org", "statistics"),
        validated_uuids=("*",),
        malformed_uuid="Param '{name}': {value} is not a valid UUID.",
        limit_error="Cannot create object because workspace has reached limit.",
        reserved_keys=_RESERVED,
        system_fields=_DATES,
        message_statuses={},
        broadcast_statuses={},
        start_statuses={},
        renews_events=False,
        checks_urns=False,
        rewrites_params=False,
        shows_ticket_bodies=False,
        wraps_texts=(str, list),
        wraps_lists=(str, list),
        empty_archive={"hash": None, "download_url": None},
        flow_version="14.4.1",
        anonymous_name=lambda number, reference: reference,
    ),
    "rapidpro-9": Server(
        calls_per_hour={"v2": 2500, "v2.contacts": 2500, "v2.messages": 2500, "v2.runs": 2500, "v2.broadcasts": 36_000},
        workspace_header="X-Temba-Org",
        login="/users/login/",
        topics=250,
        text_length=640,
        note_length=4096,
        unlisted=("definitions", "optins", "org"),
        validated_uuids=("runs_list uuid", "flow_starts_list uuid"),
        malformed_uuid="Value for {name} must be a valid UUID",
        limit_error="Cannot create object because workspace has reached limit of {limit}.",
        reserved_keys=(
            *(
                "has",
                "is",
                "created_on",
                "flow",
                "group",
                "history",
                "id",
                "language",
                "last_seen_on",
                "name",
                "status",
            ),
            *("ticket", "urn", "uuid", "channel", "fields", "first_name", "groups", "tickets", "timezone", "urns"),
            *_SCHEMES,
        ),
        system_fields={
            "id": SystemField("ID", "number"),
            "name": SystemField("Name", "text"),
            "language": SystemField("Language", "text"),
            **_DATES,
        },
        message_statuses={"read": "delivered"},
        broadcast_statuses={
            "pending": "queued",
            "started": "queued",
            "completed": "sent",
            "interrupted": "failed",
        },
        start_statuses={
            "queued": "pending",
            "started": "starting",
            "completed": "complete",
            "interrupted": "failed",
        },
        renews_events=True,
        checks_urns=True,
        rewrites_params=True,
        shows_ticket_bodies=True,
        wraps_texts=(str,),
        wraps_lists=(list,),
        empty_archive={"hash": "", "download_url": ""},
        flow_version="13.2.0",
        anonymous_name=lambda number, reference: f"{number:010}",
    ),
}
