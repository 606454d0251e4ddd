"""All endpoints, and everything that can happen besides requests."""

from __future__ import annotations

from collections.abc import Mapping

from trilogue_sandbox.rapidpro import (
    archives,
    boundaries,
    broadcasts,
    campaign_events,
    campaigns,
    channel_events,
    channels,
    classifiers,
    contact_actions,
    contact_fields,
    contacts,
    conversations,
    definitions,
    flow_editor,
    flow_starts,
    flows,
    global_values,
    groups,
    labels,
    media,
    message_actions,
    messages,
    optins,
    resthook_events,
    resthook_subscribers,
    resthooks,
    runs,
    statistics,
    templates,
    ticket_actions,
    tickets,
    topics,
    users,
    walkthroughs,
    workspaces,
)
from trilogue_sandbox.rapidpro.endpoints import Action, Endpoint

_ENDPOINTS = (
    archives.ENDPOINT,
    boundaries.ENDPOINT,
    broadcasts.ENDPOINT,
    campaign_events.ENDPOINT,
    campaigns.ENDPOINT,
    channel_events.ENDPOINT,
    channels.ENDPOINT,
    classifiers.ENDPOINT,
    contact_actions.ENDPOINT,
    contact_fields.ENDPOINT,
    contacts.ENDPOINT,
    definitions.ENDPOINT,
    flow_starts.ENDPOINT,
    flows.ENDPOINT,
    global_values.ENDPOINT,
    groups.ENDPOINT,
    labels.ENDPOINT,
    media.ENDPOINT,
    message_actions.ENDPOINT,
    messages.ENDPOINT,
    optins.ENDPOINT,
    resthook_events.ENDPOINT,
    resthook_subscribers.ENDPOINT,
    resthooks.ENDPOINT,
    runs.ENDPOINT,
    statistics.ENDPOINT,
    templates.ENDPOINT,
    ticket_actions.ENDPOINT,
    tickets.ENDPOINT,
    topics.ENDPOINT,
    users.ENDPOINT,
    workspaces.ENDPOINT,
    workspaces.FORMER_ENDPOINT,
)

ENDPOINTS: dict[str, Endpoint] = {endpoint.name: endpoint for endpoint in _ENDPOINTS}

_FURTHER_ACTIONS: tuple[Mapping[str, Action], ...] = (conversations.ACTIONS, flow_editor.ACTIONS, walkthroughs.ACTIONS)

ACTIONS: dict[str, Action] = {
    name: action
    for actions in (*(endpoint.actions for endpoint in _ENDPOINTS), *_FURTHER_ACTIONS)
    for name, action in actions.items()
}
