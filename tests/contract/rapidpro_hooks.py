"""What is known of the RapidPro server that its description cannot say, each with the fact it rests on."""

from __future__ import annotations

import json

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.failures import AcceptedNegativeData, Failure, ServerError
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import JsonSchemaError
from trilogue_sandbox.kernel.description import Description

from tests.contract import rapidpro_checks, rapidpro_references
from tests.contract.known import ApiError, Leniency, accept, leaves, operation_id, sent_body

__all__ = ["rapidpro_checks", "rapidpro_references"]  # imported for what they register

_KNOWN_FAULT = b"Server Error. Site administrators have been notified."
"""How the servers fail; tests/sandbox/rapidpro/test_known_faults.py has each request for which they do."""

_EVERY_ONE = tuple(Description.load("rapidpro").operations)
_LISTS_BY_TIME = (
    *("archives_list", "broadcasts_list", "channel_events_list", "classifiers_list", "contacts_list"),
    *("flow_starts_list", "flows_list", "globals_list", "messages_list", "runs_list", "templates_list"),
)
_REVERSIBLE_LISTS = (
    *("contacts_list", "flow_starts_list", "globals_list", "resthooks_list", "runs_list", "templates_list"),
    "tickets_list",
)
_TEXT_WRITERS = (
    *("broadcasts_send", "campaign_events_save", "campaigns_save", "contact_actions_perform", "contacts_save"),
    *("fields_save", "globals_save", "groups_save", "labels_save", "message_actions_perform", "messages_send"),
    *("optins_create", "resthook_subscribers_create", "ticket_actions_perform", "topics_save"),
)

_LENIENCIES = (
    Leniency(_EVERY_ONE, ("query/*",), ("unknown",), "unknown parameters are ignored"),
    Leniency(_LISTS_BY_TIME, ("query/before", "query/after"), ("format", "type"), "one it cannot read finds nothing"),
    Leniency(_REVERSIBLE_LISTS, ("query/reverse",), ("type",), "any word but true, y, yes and 1 is false"),
    Leniency(
        ("contacts_list", "contacts_save"),
        ("query/deleted", "query/expand_urns"),
        ("type",),
        "any word but true, y, yes and 1 is false",
    ),
    Leniency(("flows_list",), ("query/archived",), ("type",), "any word but true, y, yes and 1 is false"),
    Leniency(("boundaries_list",), ("query/geometry",), ("type",), "any word but true, y, yes and 1 is false"),
    Leniency(("groups_list",), ("query/manual_only",), ("type",), "any word but true, y, yes and 1 is false"),
    Leniency(("runs_list",), ("query/responded", "query/paths"), ("type",), "any word but true, y, yes and 1 is false"),
    Leniency(
        ("archives_list",),
        ("query/type", "query/archive_type"),
        ("enum", "type"),
        "a type that does not exist finds nothing",
    ),
    Leniency(("archives_list",), ("query/period",), ("enum", "type"), "a period that does not exist is ignored"),
    Leniency(
        ("archives_list",), ("query/limit", "query/offset"), ("minimum", "type"), "a number it cannot use is ignored"
    ),
    Leniency(("flows_list",), ("query/type",), ("enum", "type"), "a type that does not exist finds nothing"),
    Leniency(("messages_list",), ("query/folder",), ("enum", "type"), "a folder that does not exist finds nothing"),
    Leniency(("users_list",), ("query/role", "query/role/*"), ("enum", "type"), "an unknown role finds nobody"),
    Leniency(("contacts_list",), ("query/urn_order",), ("enum", "type"), "an order that does not exist is ignored"),
    Leniency(
        ("channel_events_list", "messages_list", "runs_list", "tickets_list"),
        ("query/contact",),
        ("format", "type"),
        "the UUID of a contact is not looked at, it just finds nothing",
    ),
    Leniency(
        ("classifiers_list", "tickets_list"),
        ("query/uuid", "query/ticket"),
        ("format", "type"),
        "the older endpoints do not look at a UUID, it just finds nothing",
    ),
    Leniency(("contacts_save",), ("query/uuid",), ("format",), "an empty one is none"),
    Leniency(("fields_save", "globals_save"), ("query/key",), ("pattern",), "an empty one is none"),
    Leniency(
        (
            *("broadcasts_list", "channel_events_list", "flow_starts_list", "messages_list"),
            *("resthook_subscribers_list", "runs_list"),
        ),
        ("query/id",),
        ("type",),
        "an empty one is none",
    ),
    Leniency(
        ("messages_list",), ("query/broadcast",), ("type",), "an empty one is none, and the last of several counts"
    ),
    Leniency(("definitions_get",), ("query/campaign/*", "query/flow/*"), ("format",), "an empty one is none"),
    Leniency(("statistics_get",), ("query/since", "query/until"), ("format",), "an empty one is none"),
    Leniency(
        ("flow_starts_start",),
        ("body/restart_participants", "body/exclude_active"),
        ("type",),
        "numbers and words such as 0 and yes are taken for truth values",
    ),
    Leniency(
        ("broadcasts_send", "contacts_save", "flow_starts_start"),
        ("body/contacts", "body/groups", "body/urns"),
        ("type",),
        "an empty object is an empty list",
    ),
    Leniency(("messages_send",), ("body/ticket",), ("format",), "the newer server does not look at it"),
    Leniency(_TEXT_WRITERS, ("body/*",), ("type",), "a number is taken for its digits, where a text is wanted"),
    Leniency(
        ("broadcasts_send",), ("body/quick_replies",), ("oneOf",), "the same, within one of the two forms of the list"
    ),
    Leniency(
        ("message_actions_perform",),
        ("body/messages/*",),
        ("type",),
        "what is no number is one of the failures",
    ),
)

_UNTOLD = "one field depends on another, which the description says in words"
_NAMED = (
    *("campaigns_save", "fields_save", "globals_save", "groups_save", "labels_save", "optins_create", "topics_save"),
    *("message_actions_perform",),
)

_REFUSALS = (
    ApiError(("contacts_delete",), "URL must contain one of the following parameters: urn, uuid", _UNTOLD),
    ApiError((*_NAMED, "globals_save"), r"This field must be unique\.", "the name is taken by now"),
    ApiError(("statistics_get",), r"Date range can't be more than 366 days\.", "which depends on two parameters"),
    ApiError(("contacts_save",), r"URN is in use by another contact\.", "the URN is taken by now"),
    ApiError(
        ("contacts_list", "contacts_save", "contacts_delete"),
        "Invalid URN: .*",
        "which URNs are valid depends on the scheme and, of a phone number, on the country",
    ),
    ApiError(("contacts_save",), "Invalid contact field key: .*", "the fields are those of the workspace"),
    ApiError(
        ("contacts_save",), r"Ensure this field has at least \d+ characters\.", "space around a code is not counted"
    ),
    ApiError(("contacts_save",), r"Not a valid ISO639-3 language code\.", "which codes there are is a list of 7,000"),
    ApiError(
        ("contacts_save",),
        r"Non-active contacts can't be added to groups|Deleted contacts can't be modified\.",
        "the contact that exists was blocked or deleted by now",
    ),
    ApiError(
        ("contact_actions_perform",),
        r"Non-active contacts cannot be added to groups: .*",
        "the contact that exists was blocked by now",
    ),
    ApiError(("contact_actions_perform",), r'For action "\w+" you should (also|not) specify a group', _UNTOLD),
    ApiError(("message_actions_perform",), r'For action "\w+" you should (also|not) specify a label', _UNTOLD),
    ApiError(("ticket_actions_perform",), r'For action "\w+" you must specify the (assignee|note|topic)', _UNTOLD),
    ApiError(("message_actions_perform",), "No such object: .*", "the last label was deleted by now"),
    ApiError(("message_actions_perform",), r"Not an incoming message: \d+", "a number may be that of another message"),
    ApiError(("resthook_subscribers_create",), r"URL is already subscribed to this event\.", "it was, by now"),
    ApiError(("groups_delete",), r"Group is being used by \w+ which must be archived first\.", "it is, by now"),
    ApiError(
        ("fields_save",),
        r'Generated key ".*" is (invalid or a reserved name\.|taken by another field\.)',
        "the key is made from the name, and must begin with a letter and be free",
    ),
    ApiError(("globals_save",), "Name creates Key that is invalid", "the key is made from the name, as for fields"),
    ApiError(
        ("fields_save",),
        r"Field '(name|type)' is required\.",
        "or `label` and `value_type`, their older names",
    ),
    ApiError(
        ("fields_save",),
        r"Can't change type of date field being used by campaign events\.",
        "the field that exists is used by now",
    ),
    ApiError(("globals_save",), r"Name is required when creating new global\.", _UNTOLD),
    ApiError(("campaign_events_save",), r"Flow or a message text required\.", _UNTOLD),
    ApiError(
        ("campaign_events_save",),
        r"Cannot modify events which are currently being scheduled\.|Cannot change campaign for existing events",
        "what may be changed depends on the event that exists",
    ),
    ApiError(("broadcasts_send", "messages_send"), r"Must provide either text or attachments\.", _UNTOLD),
    ApiError(("broadcasts_send",), r"Must provide either urns, contacts or groups\.", _UNTOLD),
    ApiError(("broadcasts_send",), r"No (text translation|\w+ translations) provided in base language\.", _UNTOLD),
    ApiError(("statistics_get",), r"Date range can't be more than 366 days\.", _UNTOLD),
    ApiError(("flow_starts_start",), "Must specify at least one group, contact or URN", _UNTOLD),
    ApiError(
        ("broadcasts_send", "campaign_events_save"),
        r"Not an allowed ISO 639-3 language code\.",
        "which codes there are is a list of 186",
    ),
    ApiError(
        ("campaign_events_save",),
        r"Message text in default flow language is required\.",
        "which language that is, the workspace says",
    ),
    ApiError(
        ("broadcasts_send", "messages_send"),
        r"Quick replies of type '\w+' (require|cannot have) .*",
        _UNTOLD,
    ),
    ApiError(
        _TEXT_WRITERS,
        r"This field may not be blank\.|Null characters are not allowed\.|Cannot contain null characters\.",
        "a text may not consist of space alone, nor have U+0000 in it",
    ),
)


accept("rapidpro", "/rapidpro/api/v2", _LENIENCIES, _REFUSALS, leaves)


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """Let the servers fail where they are known to; a defect of the sandbox is JSON, and drift.

    Let message_actions send back as failures the entries it was sent, though they are no numbers. Nor does every quick
    reply need `extra`, as schemathesis infers from the error of one that does.
    """
    if isinstance(failure, ServerError):
        return response.content != _KNOWN_FAULT
    if isinstance(failure, AcceptedNegativeData):
        return "Missing required property: extra" not in failure.message
    if not (isinstance(failure, JsonSchemaError) and operation_id(case) == "message_actions_perform"):
        return True
    sent = json.loads(sent_body(response)).get("messages", [])
    return not all(entry in sent for entry in json.loads(response.content)["failures"])
