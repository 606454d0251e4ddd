"""What `seed` adds to a workspace, in any number."""

from __future__ import annotations

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.rapidpro import activity, catalogue, flow_history, population
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.cursors import read_timestamp
from trilogue_sandbox.rapidpro.exchange import Resource

_MOST_ROWS = 10_000_000


def _add_contacts(context: WorkspaceContext, data: Fields, key: str) -> int:
    """Add as many contacts as given; also by `{"count": 1000, "modified_on": "..."}`, for many of one time."""
    if not isinstance(data.value(key), dict):
        count = data.integer(key, smallest=0, largest=_MOST_ROWS)
        population.make_contacts(context, count)
        return count
    given = data.nested(key)
    count, modified_on = given.integer("count", smallest=0), read_timestamp(given.string("modified_on"))
    if modified_on is None:
        raise ControlError("`modified_on` is a time such as 2026-01-01T12:00:00Z", "modified_on")
    population.make_contacts(context, count, modified_on)
    return count


_MAKERS = {
    "messages": population.make_messages,
    "broadcasts": population.make_broadcasts,
    "channels": catalogue.make_channels,
    "classifiers": catalogue.make_classifiers,
    "optins": catalogue.make_optins,
    "topics": catalogue.make_topics,
    "templates": catalogue.make_templates,
    "flows": flow_history.make_flows,
    "flow_starts": flow_history.make_flow_starts,
    "runs": flow_history.make_runs,
    "tickets": activity.make_tickets,
    "channel_events": activity.make_channel_events,
    "campaigns": catalogue.make_campaigns,
    "campaign_events": catalogue.make_campaign_events,
    "resthooks": catalogue.make_resthooks,
    "resthook_subscribers": catalogue.make_subscribers,
    "resthook_events": activity.make_resthook_events,
    "archives": catalogue.make_archives,
}
"""What can be added besides contacts, in the order in which it is: what comes later stands on what came before."""

RESOURCE = Resource(
    seeders={"contacts": _add_contacts, **{key: counted(make, _MOST_ROWS) for key, make in _MAKERS.items()}}
)
