"""What is known of the Botpress server that its description cannot say, each with the fact it rests on."""

from __future__ import annotations

from collections.abc import Iterable

from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.http import Json

from tests.contract import botpress_checks, botpress_references
from tests.contract.known import ApiError, accept

__all__ = ["botpress_checks", "botpress_references"]  # imported for what they register

_DEFINITIONS = (
    *("createBot", "updateBot", "createIntegration", "updateIntegration", "createInterface", "updateInterface"),
    *("createPlugin", "updatePlugin", "validateIntegrationCreation", "validateIntegrationUpdate"),
)
_NAMED = ("createIntegration", "createInterface", "createPlugin", "validateIntegrationCreation")
_BY_PERIOD = (
    *("breakDownWorkspaceUsageByBot", "getMultipleUsages", "getUsage", "getWorkspaceQuota", "getWorkspaceUsage"),
    *("getWorkspaceUsages", "listWorkspaceQuotas", "listWorkspaceUsages"),
)
_EVERY_ONE = tuple(Description.load("botpress").operations)
_UNTOLD = "one field depends on another, which the description says in words"
_UNPUBLISHED = "the platform does not publish what it takes; the sandbox has a rule of its own"

_REFUSALS = (
    ApiError(
        _EVERY_ONE,
        r"Invalid(Payload|Query): \w+ must be an integer up to \d+",
        "how large it may be the platform does not publish; it is no more than its store can keep",
    ),
    ApiError(
        ("previewSubscriptionUpdate", "setAddons", "setPlan"),
        "ReferenceNotFound: no coupon has the code .*",
        "which coupons there are is a matter of state; the sandbox has none",
    ),
    ApiError(("transferBot",), "QuotaExceeded: the quota of .* is used up.*", "what is used up is a matter of state"),
    ApiError(
        ("createWorkflow", "getOrCreateWorkflow", "updateWorkflow"),
        "InvalidPayload: eventId: must be given with the status in_progress",
        _UNTOLD,
    ),
    ApiError(("updateBot",), "InvalidPayload: the plugin needs .*", "what a plugin needs stands in its definition"),
    ApiError(("changeAISpendQuota",), "InvalidPayload: body/.* must not be below 0", _UNPUBLISHED),
    ApiError(("upsertFile",), "LimitExceeded: index: a file of more than .*", _UNTOLD),
    ApiError(
        _DEFINITIONS,
        r"InvalidIdentifier: (actions|channels|configurations|entities|events|states)/.* must begin with .*",
        "the names of parts are keys of a free map, and this error has a type of its own",
    ),
    ApiError(_NAMED, "InvalidIdentifier: body/name must begin with .*", "this error has a type of its own"),
    ApiError(_NAMED, "Forbidden: body/name: the handle .* is not that of the workspace", "each workspace has its own"),
    ApiError(_NAMED, "InvalidPayload: body/version must be a semantic version .*", "a grammar beyond a pattern"),
    ApiError(
        _DEFINITIONS,
        "InvalidPayload: body/secrets/.* must be in capitals, such as API_KEY",
        "the names of secrets are keys of a free map",
    ),
    ApiError(_DEFINITIONS, "InvalidPayload: body/recurringEvents/.*/cron: .*", "a grammar beyond a pattern"),
    ApiError(
        ("createConversation", "createEvent", "createMessage", "getOrCreateMessage"),
        r"InvalidPayload: \w+ must be a time in ISO 8601, .*",
        "what is published of the field is its length",
    ),
    ApiError(
        ("configureIntegration", "initializeIncomingMessage"),
        "Forbidden: only an integration can .*",
        "who makes the call, an optional header says",
    ),
    ApiError(
        ("initializeIncomingMessage",),
        r"InvalidPayload: give \w+ or \w+",
        "`at_least_one` stands in `x-sdk`, in no schema",
    ),
    ApiError(
        ("deleteTableRows",),
        r"InvalidPayload: give one of ids, filter and deleteAllRows \(true\)",
        "`exactly_one` stands in `x-sdk`, in no schema",
    ),
    ApiError(
        ("createMessage", "getOrCreateMessage", "initializeIncomingMessage", "updateMessage"),
        "InvalidDataFormat: payload.*",
        "a channel declares it",
    ),
    ApiError(
        ("createPlugin", "updatePlugin"),
        "InvalidPayload: body/dependencies: name each one by its id, or by name and version",
        _UNTOLD,
    ),
    ApiError(
        ("createIntegration", "updateIntegration", "validateIntegrationCreation", "validateIntegrationUpdate"),
        "InvalidPayload: body/interfaces/.*: the integration does not define .*",
        "what an interface asks of an integration stands in the definitions of both",
    ),
    ApiError(
        ("createTable", "updateTable", "upsertTableRows"),
        "InvalidPayload: keyColumn: there is no column .*",
        "the columns are those of the table",
    ),
    ApiError(("getMultipleUsages",), "InvalidQuery: query/types: .* must be one of: .*", "the platform may add types"),
    ApiError(("updateTable",), "InvalidPayload: factor: can only grow; it is .*", "it depends on the table"),
    ApiError(("upsertFile",), "InvalidPayload: contentType: must be a media type .*", "a grammar beyond a pattern"),
    ApiError(
        ("getDereferencedPlugin", "getDereferencedPublicPluginById"),
        "InvalidQuery: query/interfaces(: is required| must name an integration for .*)",
        "it depends on the plugin; and an empty map cannot be told from none in a query",
    ),
    ApiError(
        ("createWorkspaceMember", "updateWorkspaceMember"),
        "Forbidden: .* owner.*",
        "a workspace has one owner, and which member that is, is a matter of state",
    ),
    ApiError(
        ("previewSubscriptionUpdate", "setAddons"),
        "ReferenceNotFound: no add-on has the id .*",
        "the names of add-ons are keys of a free map",
    ),
    ApiError(
        _BY_PERIOD,
        "InvalidQuery: query/period must be a month such as .*",
        _UNPUBLISHED,
    ),
    ApiError(("createCreditGrant",), r"InvalidPayload: body/amount must be from \S+ to \S+", _UNPUBLISHED),
    ApiError(
        ("createTrial", "previewSubscriptionUpdate", "setAddons"),
        r"InvalidPayload: \S+ must be an integer (from \d+ to|up to) \d+",
        _UNPUBLISHED,
    ),
    ApiError(("deployBotVersion",), "ReferenceNotFound: no .* has the id .*", "a link may lead to another bot"),
    ApiError(
        ("updateInterface", "updatePlugin"),
        "BreakingChanges: .* is public and does not change; make a new version",
        "it was made public by now",
    ),
    ApiError(
        ("getOrCreateMessage",),
        "InvalidPayload: payload: must be given, since no message has these tags",
        "whether one has them is a matter of state",
    ),
    ApiError(
        _DEFINITIONS,
        "InvalidPayload: body/(icon|readme) must be a file in base64",
        "the description says it in words",
    ),
    ApiError(
        ("createEvent",),
        "InvalidPayload: type: with .* it has more than .*",
        "who makes the call, says a header",
    ),
    ApiError(("getBotAnalytics",), "InvalidQuery: query/startDate must not be after query/endDate", _UNTOLD),
    ApiError(
        ("createTable", "getOrCreateTable", "updateTable"),
        "InvalidPayload: schema: a column name has .* characters; .*",
        "the names of columns are keys of a free map",
    ),
    ApiError(("findTableRows",), "InvalidPayload: group/.*: must be of key, .*", "the description says it in words"),
    ApiError(
        ("findTableRows", "deleteTableRows"),
        r"InvalidPayload: filter: there is no .*; in place of a column stand .*",
        "the columns are keys of a free map",
    ),
    ApiError(
        ("createEvent", "createMessage", "getOrCreateMessage"),
        "InvalidPayload: schedule/delay leads beyond the year 9999",
        "the longest delay is not published",
    ),
    ApiError(("renameTableColumn", "updateTable"), "Forbidden: the table is frozen: .*", "it depends on the table"),
    ApiError(
        ("importMessages",),
        r"InvalidDataFormat: \d+ of \d+ messages could not be imported; the first: payload.*",
        "a channel declares it",
    ),
    ApiError(
        _EVERY_ONE,
        "Forbidden: this token may not act in the workspace .*",
        "the workspace that a link leads to was deleted or left by now",
    ),
    ApiError(("updateBot",), "InvalidPayload: the integration .* has no channel .*", "its definition has them"),
    ApiError(
        ("listUsageActivityDaily",), r"InvalidQuery: date(From|Until) must be a time in ISO 8601, .*", _UNPUBLISHED
    ),
    ApiError(
        _EVERY_ONE,
        r"InvalidQuery: query/(tags|interfaces)\[.*[][].*\]: there is no such parameter",
        "a bracket in a key cannot be told from the brackets around it",
    ),
)


def _sentences(document: Json) -> Iterable[str]:
    """Return what type of error it is, and what it says of this time."""
    return [f"{document['type']}: {document['message']}"] if isinstance(document, dict) else []


accept("botpress", "/botpress", (), _REFUSALS, _sentences)
