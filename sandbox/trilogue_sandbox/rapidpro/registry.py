"""All resources of the platform."""

from __future__ import annotations

from trilogue_sandbox.kernel.resource import Resources
from trilogue_sandbox.rapidpro import (
    archives,
    boundaries,
    broadcasts,
    campaigns,
    channel_events,
    channels,
    contact_fields,
    contacts,
    default_data,
    definitions,
    flow_starts,
    flows,
    global_values,
    groups,
    incoming,
    labels,
    media,
    messages,
    older_server,
    resthooks,
    runs,
    tickets,
    workspace,
)

RESOURCES = Resources(
    "rapidpro",
    [
        workspace.RESOURCE,
        channels.RESOURCE,
        channel_events.RESOURCE,
        flows.RESOURCE,
        flow_starts.RESOURCE,
        runs.RESOURCE,
        definitions.RESOURCE,
        contacts.RESOURCE,
        contact_fields.RESOURCE,
        groups.RESOURCE,
        global_values.RESOURCE,
        media.RESOURCE,
        messages.RESOURCE,
        incoming.RESOURCE,
        labels.RESOURCE,
        broadcasts.RESOURCE,
        campaigns.RESOURCE,
        older_server.RESOURCE,
        resthooks.RESOURCE,
        tickets.RESOURCE,
        archives.RESOURCE,
        boundaries.RESOURCE,
        default_data.RESOURCE,
    ],
)
