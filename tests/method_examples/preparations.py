"""What must have happened before some examples can run, beyond the examples that make what they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from tests.overlays.servers import http, serving

Preparation: TypeAlias = Callable[[Any], None]
"""Takes the stage of the example."""

BOT, INTEGRATION = "3f6c1e0a-58b2-4d53-9b0e-7c1a2d9e4f10", "intver_01JCXH6M5T8V2K4N7Q9R3W5Y1Z"
INTERFACE, PLUGIN = "5b0a6f9e-2c41-4e7d-8f35-91d2c6b7a804", "c27e4d18-6f93-4a0b-b5d1-0e8f3a7c9264"
CONVERSATION, PAYMENT = "conv_5Kf0Yb1k9QzT3mX7", "pay_3Yp9MsK6vR1zHc5L"
TAGS = ("id", "title", "note", "parcel", "status")


# RapidPro


def a_user_is_there_to_assign(stage: Any) -> None:
    stage.known["help@example.com"] = stage.client.users.list().first().email


def the_event_is_of_the_campaign(stage: Any) -> None:
    event = stage.client.campaign_events.create(
        campaign=stage.known["3156a25b-13f5-4720-b77c-af9d5663557b"],
        relative_to="created_on",
        offset=1,
        unit="days",
        delivery_hour=9,
        message="Hello",
    )
    stage.known["b52a70b7-a363-41e5-ad9a-c49051d90554"] = event.uuid
    stage.wait(60)


def a_row_has_the_id(stage: Any, resource: str, id: int) -> None:
    stage.known[id] = next(iter(getattr(stage.client, resource).list())).id


def the_field_is_there(stage: Any) -> None:
    stage.client.fields.create(name="Shoe Size", type="number")


def a_message_is_on_its_way(stage: Any) -> None:
    contact = stage.known["5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9"]
    stage.known[4105] = stage.client.messages.send(contact=contact, text="Hello").id


# Pantheon


def the_contact_has_a_duplicate(stage: Any) -> None:
    stage.known["cont_8Ld3RcH5kY1sGf0N"] = stage.client.contacts.create(name="Amina").id


def the_contact_can_be_reached_by_sms(stage: Any) -> None:
    channels = {each.type: each.id for each in stage.client.channels.list(status="connected")}
    addresses = {"sms": "+12025550199", "webchat": "visitor-9"}
    identities = [{"channel_type": name, "address": address} for name, address in addresses.items()]
    contact = stage.client.contacts.create(name="Ben", identities=identities)
    talk = stage.client.conversations.start(contact_id=contact.id, channel_id=channels["webchat"])
    stage.known.update({CONVERSATION: talk.id, "chan_4Ws8KjR1yF6gLz0E": channels["sms"]})


def the_conversation_is_closed(stage: Any) -> None:
    stage.client.conversations.close(conversation_id=stage.known[CONVERSATION])


def the_contact_has_written(stage: Any) -> None:
    conversation = stage.client.conversations.get(conversation_id=stage.known[CONVERSATION])
    channel = stage.client.channels.get(channel_id=conversation.active_channel_id)
    contact = stage.client.contacts.get(contact_id=conversation.contact_id)
    (address,) = (each.address for each in contact.identities if each.channel_type == channel.type)
    received = stage.control("receive", channel_id=channel.id, address=address, text="Hello")
    stage.known["msg_6Vc2LhP9mK4yRs0F"] = received["id"]


def half_a_minute_has_passed(stage: Any) -> None:
    stage.wait(31)


def it_has_been_paid(stage: Any) -> None:
    stage.control("pay", payment_id=stage.known[PAYMENT])


def the_code_is_typed(stage: Any) -> None:
    otp = stage.known["otp_4Xk8HbQ3wP7yJd1R"]
    stage.client.otps.verify(otp_id=otp, code=stage.control("read_otp", otp_id=otp)["code"])


def an_event_could_not_be_delivered(stage: Any) -> None:
    webhook = stage.client.webhooks.create(url="http://127.0.0.1:9/events", events=["conversation.closed"])
    stage.client.conversations.close(conversation_id=stage.known[CONVERSATION])
    statuses = {"pending"}
    while "pending" in statuses:
        stage.sandbox.settle()
        stage.wait(3600)
        (delivery,) = stage.client.webhooks.list_deliveries(webhook_id=webhook.id)
        statuses = {delivery.status}
        stage.known["dlv_5Sv0NcB9hR4fKg6W"] = delivery.id


def an_event_was_delivered(stage: Any) -> None:
    with serving(lambda request, connection: http(200)) as receiver:
        webhook = stage.client.webhooks.create(url=f"{receiver.url}/events", events=["conversation.closed"])
        stage.client.conversations.close(conversation_id=stage.known[CONVERSATION])
        stage.sandbox.settle()
    (delivery,) = stage.client.webhooks.list_deliveries(webhook_id=webhook.id)
    stage.known["dlv_5Sv0NcB9hR4fKg6W"] = delivery.id


# Botpress


def its_tags_are_declared(stage: Any) -> None:
    tags: dict[str, Any] = {"tags": {name: {} for name in TAGS}}
    bot = stage.credentials["bot_id"]
    stage.client.bots.update(bot, user=tags, conversation=tags, message=tags)


def somebody_talks(stage: Any) -> None:
    its_tags_are_declared(stage)
    client = stage.client
    stage.known["user_01JB3C0A2B3C4D5E6F7G8H9J0K"] = user = client.users.create(tags={}).id
    talk = client.conversations.create(channel="channel", tags={}).id
    said = client.messages.create(conversation_id=talk, user_id=user, type="text", payload={"text": "Hi"}, tags={})
    stage.known["conv_01JB3C0FQZ6W8N2T4V5X7Y9K1M"] = talk
    stage.known["user_01JB3C1H4D7R9S2B5M8P0QWE3T"] = user
    stage.known["msg_01JB3C2K6E8T1V4C7N9R0SXF5Z"] = said.id


def an_event_is_scheduled(stage: Any) -> None:
    event = stage.client.events.create(type="orderPlaced", payload={}, schedule={"delay": 60_000})
    stage.known["evt_01JB3C3M7F9W2X5D8P0T1VYG6A"] = event.id


def the_action_is_there(stage: Any) -> None:
    stage.known["slack:findTarget"] = "lookUp"
    stage.control("set_action", type="lookUp", output={})


def the_file_has_its_content(stage: Any) -> None:
    file = stage.client.files.upload(b"Close the valve.", key="manuals/pump.txt", index=True, wait=60)
    stage.known["manuals/pump.pdf"] = file.key


def the_row_is_there(stage: Any) -> None:
    stage.client.tables.rows.create("CitiesTable", rows=[{"city": "Porto"}])


def a_job_exports_the_table(stage: Any) -> None:
    stage.known["job_01JB3CAV4P6D9E2M5X7B8C5Q3H"] = stage.client.tables.export("CitiesTable", format="csv").id


def the_workflow_is_over(stage: Any) -> None:
    stage.client.workflows.update(stage.known["wkflow_01JB3C4N8G0X3Y6E9Q1V2WZH7B"], status="completed")


def the_issue_is_reported(stage: Any) -> None:
    issue = stage.control("report_issue", code="slow", title="Too slow")["id"]
    stage.known.update({"issue_01JCXK1M3N5P7Q9R1S3T5V7W9X": issue, BOT: stage.credentials["bot_id"]})


def the_key_is_there(make: Callable[[Any], Any]) -> Preparation:
    def prepare(stage: Any) -> None:
        stage.known["key_01JCXP6T8V0W2X4Y6Z8A0B2C4D"] = make(stage).id

    return prepare


def the_integration_is_installed(stage: Any) -> None:
    integration = stage.client.integrations.list().first()
    stage.known.update({BOT: stage.credentials["bot_id"], INTEGRATION: integration.id})


def a_sandbox_is_shared(stage: Any) -> None:
    the_integration_is_installed(stage)
    stage.client.bots.integrations.create_shareable_id(stage.known[BOT], stage.known[INTEGRATION])


def there_is_another_workspace(stage: Any) -> None:
    stage.known["wkspace_01JCY0P2Q4R6S8T0V2W4X6Y8Z0"] = stage.client.workspaces.create(name="Elsewhere").id


def the_hub_has_it(stage: Any) -> None:
    hub = stage.client.hub
    resources = (hub.integrations, hub.interfaces, hub.plugins)
    integration, interface, plugin = (each.list().first() for each in resources)
    stage.known.update({INTEGRATION: integration.id, INTERFACE: interface.id, PLUGIN: plugin.id})
    stage.known.update({"linear": integration.name, "hitl": interface.name})
    stage.known.update({"2.1.0": "latest", "0.9.1": "latest"})


def an_integration_stands_in_for_the_interface(stage: Any) -> None:
    the_hub_has_it(stage)
    nothing = {"schema": {"type": "object"}}
    made = stage.client.integrations.create(
        name="courier",
        version="1.0.0",
        visibility="public",
        entities={"order": {"schema": {"type": "object", "properties": {"number": {"type": "string"}}}}},
        actions={"startHandoff": {"input": nothing, "output": nothing}},
        channels={"channel": {"messages": {"text": nothing}}},
        interfaces={"handoff": {"id": stage.known[INTERFACE], "entities": {"ticket": {"name": "order"}}}},
    )
    stage.known[INTEGRATION] = made.id


def the_integration_has_the_version(stage: Any) -> None:
    stage.known["2.1.0"] = "1.2.0"


def the_integration_is_new(stage: Any) -> None:
    stage.known["linear"] = "trello"


def nothing_needs_the_interface(stage: Any) -> None:
    stage.known[INTERFACE] = stage.client.interfaces.create(name="payable", version="1.0.0").id


def an_account_is_new(stage: Any) -> None:
    stage.credentials.clear()
    stage.credentials["token"] = stage.control("sign_up", email="new@example.com")["token"]


def a_plan_is_paid(stage: Any) -> None:
    stage.known["extra-bots"] = "table_rows"
    stage.credentials["workspace_id"] = stage.client.workspaces.create(name="Clinic").id
    billing = stage.client.billing
    billing.payment_method.set(payment_method_id="pm_card_visa")
    billing.subscription.set_plan(plan_id="plus", interval="month")


def an_invoice_is_open(stage: Any) -> None:
    stage.client.billing.payment_method.set(payment_method_id="pm_card_visa")
    found = next(each for each in stage.client.billing.invoices.list() if each.status == "open")
    stage.known.update({"in_01JCXW2M4N6P8Q0R2S4T6V8W0X": found.id, "inv_01JCXS2A4B6C8D0E2F4G6H8J0K": found.id})


# Botpress Chat


def somebody_writes(stage: Any) -> None:
    client, text = stage.client, {"type": "text", "text": "Good morning"}
    conversation = client.conversations.get_or_create(id="order-1042").id
    stage.meanwhile(lambda: client.messages.create(payload=text, conversation_id=conversation))


def the_user_is_new(stage: Any) -> None:
    stage.known["ana"] = "zoe"


def the_user_takes_part(stage: Any) -> None:
    stage.known["ben"] = user = stage.client.users.create().user.id
    conversation = stage.client.conversations.get_or_create(id="order-1042").id
    stage.client.conversations.participants.add(conversation, user_id=user)


PREPARATIONS: Mapping[str, Preparation] = {
    "rapidpro.broadcasts.get": lambda stage: a_row_has_the_id(stage, "broadcasts", 4105),
    "rapidpro.channel_events.get": lambda stage: a_row_has_the_id(stage, "channel_events", 4105),
    "rapidpro.fields.get": the_field_is_there,
    "rapidpro.fields.key": the_field_is_there,
    "rapidpro.messages.wait": a_message_is_on_its_way,
    "rapidpro.messages.get": lambda stage: a_row_has_the_id(stage, "messages", 4105),
    "rapidpro.users.get": a_user_is_there_to_assign,
    "rapidpro.campaign_events.update": the_event_is_of_the_campaign,
    "rapidpro.ticket_actions.perform": a_user_is_there_to_assign,
    "pantheon.contacts.merge": the_contact_has_a_duplicate,
    "pantheon.conversations.reopen": the_conversation_is_closed,
    "pantheon.conversations.switch_channel": the_contact_can_be_reached_by_sms,
    "pantheon.messages.mark_as_read": the_contact_has_written,
    "pantheon.otps.wait": the_code_is_typed,
    "pantheon.payments.wait": it_has_been_paid,
    "pantheon.webhooks.wait_for_delivery": an_event_was_delivered,
    "pantheon.otps.resend": half_a_minute_has_passed,
    "pantheon.payments.refund": it_has_been_paid,
    "pantheon.webhooks.redeliver": an_event_could_not_be_delivered,
    "botpress_chat.conversations.listen": somebody_writes,
    "botpress_chat.conversations.participants.remove": the_user_takes_part,
    "botpress_chat.users.create": the_user_is_new,
    "botpress.account.delete": an_account_is_new,
    "botpress.files.download": the_file_has_its_content,
    "botpress.files.wait": the_file_has_its_content,
    "botpress.tables.wait_for_job": a_job_exports_the_table,
    "botpress.workflows.wait": the_workflow_is_over,
    "botpress.actions.call": the_action_is_there,
    "botpress.billing.addons.get": a_plan_is_paid,
    "botpress.billing.invoices.pay": an_invoice_is_open,
    "botpress.billing.subscription.preview": a_plan_is_paid,
    "botpress.billing.subscription.set_addons": a_plan_is_paid,
    "botpress.bots.api_keys.delete": the_key_is_there(
        lambda stage: stage.client.bots.api_keys.create(bot_id=stage.credentials["bot_id"])
    ),
    "botpress.bots.integrations.create_shareable_id": the_integration_is_installed,
    "botpress.bots.integrations.delete_shareable_id": a_sandbox_is_shared,
    "botpress.bots.integrations.get_shareable_id": a_sandbox_is_shared,
    "botpress.bots.integrations.unlink_sandboxed_conversations": a_sandbox_is_shared,
    "botpress.bots.issues.delete": the_issue_is_reported,
    "botpress.bots.issues.get": the_issue_is_reported,
    "botpress.bots.issues.list_events": the_issue_is_reported,
    "botpress.bots.transfer": there_is_another_workspace,
    "botpress.conversations.delete": somebody_talks,
    "botpress.conversations.get_or_create": its_tags_are_declared,
    "botpress.conversations.update": somebody_talks,
    "botpress.events.cancel": an_event_is_scheduled,
    "botpress.files.copy": the_file_has_its_content,
    "botpress.files.passages.set": the_file_has_its_content,
    "botpress.hub.integrations.get": the_hub_has_it,
    "botpress.hub.integrations.get_by_name": the_hub_has_it,
    "botpress.hub.interfaces.get": the_hub_has_it,
    "botpress.hub.interfaces.get_by_name": the_hub_has_it,
    "botpress.hub.plugins.get": the_hub_has_it,
    "botpress.hub.plugins.get_by_name": the_hub_has_it,
    "botpress.hub.plugins.get_code": the_hub_has_it,
    "botpress.hub.plugins.get_dereferenced": an_integration_stands_in_for_the_interface,
    "botpress.integrations.api_keys.delete": the_key_is_there(
        lambda stage: stage.client.integrations.api_keys.create(
            integration_id=stage.client.integrations.list().first().id
        )
    ),
    "botpress.integrations.get_by_name": the_integration_has_the_version,
    "botpress.integrations.validate_create": the_integration_is_new,
    "botpress.interfaces.delete": nothing_needs_the_interface,
    "botpress.messages.create": somebody_talks,
    "botpress.messages.get_or_create": somebody_talks,
    "botpress.messages.update": somebody_talks,
    "botpress.plugins.get_dereferenced": an_integration_stands_in_for_the_interface,
    "botpress.tables.rows.get": the_row_is_there,
    "botpress.users.delete": somebody_talks,
    "botpress.workspaces.invoices.charge_unpaid": an_invoice_is_open,
}
"""By platform and path of the method."""
