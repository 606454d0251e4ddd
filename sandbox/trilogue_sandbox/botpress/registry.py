"""All resources, and what they bring together."""

from __future__ import annotations

from trilogue_sandbox.botpress import (
    analytics,
    bot_tables,
    computed_cells,
    conversations,
    events,
    file_contents,
    file_passages,
    file_tags,
    files,
    first_content,
    incoming_messages,
    indexing,
    integration_configuration,
    knowledge_bases,
    messages,
    observations,
    participants,
    rules,
    seed_data,
    states,
    table_jobs,
    table_rows,
    tag_values,
    users,
    workflows,
)
from trilogue_sandbox.botpress.resources import Action, Folder, Handler, Maker, Resource

RESOURCES: tuple[Resource, ...] = (
    rules.RESOURCE,
    users.RESOURCE,
    conversations.RESOURCE,
    participants.RESOURCE,
    messages.RESOURCE,
    incoming_messages.RESOURCE,
    events.RESOURCE,
    states.RESOURCE,
    workflows.RESOURCE,
    tag_values.RESOURCE,
    analytics.RESOURCE,
    observations.RESOURCE,
    integration_configuration.RESOURCE,
    files.RESOURCE,
    file_contents.RESOURCE,
    indexing.RESOURCE,
    file_passages.RESOURCE,
    file_tags.RESOURCE,
    knowledge_bases.RESOURCE,
    bot_tables.RESOURCE,
    table_jobs.RESOURCE,
    computed_cells.RESOURCE,
    table_rows.RESOURCE,
    first_content.RESOURCE,
    seed_data.RESOURCE,
)
"""In the order in which their first content is made."""

HANDLERS: dict[str, Handler] = {name: handler for part in RESOURCES for name, handler in part.handlers.items()}
ACTIONS: dict[str, Action] = {name: action for part in RESOURCES for name, action in part.actions.items()}
MAKERS: dict[str, Maker] = {name: maker for part in RESOURCES for name, maker in part.makers.items()}
FOLDERS: dict[str, Folder] = {name: folder for part in RESOURCES for name, folder in part.folders.items()}
