"""Where the real server accepts or sends what its description rejects."""

from __future__ import annotations

from trilogue_sandbox.kernel.platform import Leniency

LENIENCIES = (
    Leniency("*", "query/*", "unknown", "unknown parameters are ignored"),
    Leniency("*_list", "query/*", "*", "an unreadable filter gives an empty page; any string is a boolean"),
    Leniency("*", "header/content-type", "unknown", "forms are taken wherever JSON is"),
    Leniency("*", "query/*uuid", "format", "UUIDs are taken in any form that Python reads"),
    Leniency("contacts_save", "query/expand_urns", "type", "any string is a boolean"),
    Leniency("*", "body/*", "type", "numbers are taken for strings, and strings for numbers and booleans"),
    Leniency("*", "body/*", "maxLength", "the space around a string is cut off before it is measured"),
    Leniency("*", "body/*", "pattern", "the space around a string is cut off before it is checked"),
    Leniency("media_upload", "body/file", "minLength", "a file is not a string here; the handler checks its size"),
    Leniency("*", "body/*", "format", "UUIDs are taken in any form that Python reads, and addresses with any letters"),
    Leniency("campaign_events_save", "body/message", "oneOf", "as for types and lengths, within one of its two forms"),
    Leniency("broadcasts_send", "body/*", "oneOf", "as for types and lengths, within one of two forms"),
    Leniency("fields_save", "query/key", "pattern", "an empty key is none"),
    Leniency("globals_save", "query/key", "pattern", "an empty key is none"),
    Leniency("definitions_get", "query/*", "format", "UUIDs are taken in any form that Python reads"),
    Leniency("statistics_get", "query/*", "format", "a date may lack its zeros, and an empty one is none"),
    Leniency("resthook_subscribers_delete", "query/id", "type", "the space around a number is cut off"),
    Leniency("*", "body", "required", "no body is an empty one"),
    Leniency("*", "body", "malformed", "a number beyond the range of a double is infinite"),
    Leniency("*", "body", "unknown", "the body of a GET or DELETE is ignored"),
    Leniency("*_actions_perform", "response/body", "unknown", 'without a proxy a 204 carries the JSON string `""`'),
    *(
        Leniency(each, "response/status", "unknown", "another one is created with 200 where the query names one")
        for each in (
            *("broadcasts_send", "flow_starts_start", "media_upload", "messages_send"),
            *("optins_create", "resthook_subscribers_create"),
        )
    ),
    Leniency("message_actions_perform", "response/body/failures/*", "type", "failures come back as they were sent"),
)
