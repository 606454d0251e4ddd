"""What only RapidPro 9 has: classifiers, opt-ins and message templates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import CHANGED, CREATED, INTEGER, JSON, KEY, TEXT, UUID, Row
from trilogue_sandbox.kernel.views import each
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.exchange import Exchange, Model, Resource
from trilogue_sandbox.rapidpro.lists import by_any_uuid, listing, within
from trilogue_sandbox.rapidpro.serializer_fields import name_in
from trilogue_sandbox.rapidpro.serializers import required
from trilogue_sandbox.rapidpro.table_types import NAMED, WORKSPACE, object_table, plain_table, ref
from trilogue_sandbox.rapidpro.tables import CHANNELS
from trilogue_sandbox.rapidpro.views import ApiView, refer_to

CLASSIFIERS = object_table("classifiers", name=TEXT, type=TEXT, intents=JSON.default([]))
OPTINS = object_table("optins", name=TEXT, indexes=[NAMED])
TEMPLATES = plain_table(
    "templates", id=KEY, uuid=UUID, workspace_id=WORKSPACE, name=TEXT, created_on=CREATED, modified_on=CHANGED
)
TEMPLATE_TRANSLATIONS = plain_table(
    "template_translations",
    id=KEY,
    template_id=ref("templates"),
    channel_id=ref("channels"),
    language=TEXT,
    locale=TEXT,
    content=TEXT,
    namespace=TEXT.default(""),
    variable_count=INTEGER.default(0),
    status=TEXT,
    indexes=["template_id"],
)

# -- classifiers: accounts with services that tell flows what a contact means ------------------------------------------

CLASSIFIER = ApiView("Classifier", CLASSIFIERS, computed={"intents": each(lambda context, row: sorted(row["intents"]))})


# -- opt-ins: what contacts can agree to receive -----------------------------------------------------------------------

OPTIN = ApiView("OptIn", OPTINS)
_OPTIN = Model("OptIn", OPTINS)


@attrs.frozen
class OptInBody:
    """What can be written of an opt-in."""

    name: str = required(name_in(OPTINS))


def create_optin(exchange: Exchange) -> Response:
    """Handle POST."""
    named = exchange.target(_OPTIN)
    body = exchange.read_body(OptInBody)
    return exchange.saved(OPTIN, exchange.context.add(OPTINS, name=body.name), is_new=named is None)


# -- templates, which a messaging service has to approve ---------------------------------------------------------------

_STATUSES = ("approved", "pending", "rejected", "unsupported_components")
_SHOWN = ("language", "locale", "content", "namespace", "variable_count", "status")


def decide_on_template(world: World, arguments: Fields) -> object:
    """Let the messaging service say what it thinks of a template in one language."""
    context = WorkspaceContext.of(world, arguments)
    name, language = arguments.string("template"), arguments.string("language")
    template = context.find(TEMPLATES, name=name)
    if template is None:
        raise ControlError(f"there is no template {name!r}", "template")
    translations = world.records.select(TEMPLATE_TRANSLATIONS, template_id=template["id"], language=language)
    if not translations.change("status = ?", arguments.choice("status", _STATUSES)):
        raise ControlError(f"{name!r} has no translation into {language!r}", "language")
    world.records.touch(TEMPLATES, template)
    return {"uuid": template["uuid"]}


def _show_translations(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    translations = context.records.select(TEMPLATE_TRANSLATIONS).among("template_id", [row["id"] for row in rows])
    found = translations.all("ORDER BY item.id")
    channels = refer_to(context, CHANNELS, [row["channel_id"] for row in found])
    gathered: defaultdict[int, list[Json]] = defaultdict(list)
    for row in found:
        shown = {**{name: row[name] for name in _SHOWN}, "channel": channels[row["channel_id"]]}
        gathered[row["template_id"]].append(shown)
    return [gathered[row["id"]] for row in rows]


TEMPLATE = ApiView("Template", TEMPLATES, computed={"translations": _show_translations})

RESOURCE = Resource(
    tables=[CLASSIFIERS, OPTINS, TEMPLATES, TEMPLATE_TRANSLATIONS],
    operations={
        "classifiers_list": listing(CLASSIFIER, within("created_on"), by_any_uuid),
        "optins_list": listing(OPTIN),
        "optins_create": create_optin,
        "templates_list": listing(TEMPLATE, within("modified_on"), by_modification=True),
    },
    actions={"decide_on_template": decide_on_template},
)
