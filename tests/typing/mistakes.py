"""Mistakes in arguments, each found by mypy, by pyright and at run time, before anything is sent.

Read by the type checkers as consumer.py is: an ignored error that they do not find is one itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trilogue import Botpress, Pantheon, RapidPro
from trilogue.botpress import models as botpress
from trilogue.pantheon import models as pantheon

Mistake = Callable[[], object]


def of_pantheon(client: Pantheon) -> Iterator[Mistake]:
    send, create = client.messages.send, client.contacts.create
    yield lambda: send(conversation_id="c", content={"typ": "text", "text": "Hi"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content={"type": "txt", "text": "Hi"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content={"type": "text", "txt": "Hi"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content={"type": "text"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content={"type": "text", "text": 5})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content={"type": "text", "text": "Hi", "wrong": 1})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content={"type": "image", "fileId": "f"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content={"type": "image", "file_id": "f", "captoin": "A"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content={"type": "location", "latitude": 1.5, "longtitude": 2.5})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content={"type": "location", "latitude": "1.5", "longitude": 2.5})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content={"type": "template", "template": "t", "langauge": "en"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content={"type": "buttons", "text": "?", "buttons": [{"idd": "1"}]})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content={"type": "buttons", "text": "?", "buttons": {"id": "1"}})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content=pantheon.ButtonsInput("?", [{"id": "1", "titel": "A"}]))  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    yield lambda: send(conversation_id="c", content=pantheon.TextInput(txt="Hi"))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    yield lambda: send(conversation_id="c", content="Hi")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: create(identities=[{"chanel_type": "sms", "address": "+250788123123"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    yield lambda: create(identities=[{"channel_type": "smss", "address": "+250788123123"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    yield lambda: create(identities=[{"channel_type": "sms"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    yield lambda: create(nmae="Ana")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue, reportUnknownLambdaType]


def of_rapidpro(client: RapidPro) -> Iterator[Mistake]:
    send, broadcast = client.messages.send, client.broadcasts.send
    yield lambda: send(contact="c", text="Tea?", quick_replies=[{"txt": "Yes"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    yield lambda: send(contact="c", text="Tea?", quick_replies=[{"type": "textt", "text": "Yes"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    yield lambda: send(contact="c", text="Tea?", quick_replies=[{"text": 1}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    yield lambda: send(contact="c", text="Tea?", quick_replies=["Yes"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    yield lambda: broadcast(urns=["tel:+250788123123"], text="Tea?", quick_replies=[{"txt": "Yes"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    yield lambda: broadcast(urns=["tel:+250788123123"], text="Tea?", quick_replies={"eng": [{"extra": 1}]})  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    yield lambda: client.contacts.create(urn="tel:+250788123123")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue, reportUnknownLambdaType]
    yield lambda: client.messages.list(folder="inboxx")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def of_botpress(client: Botpress) -> Iterator[Mistake]:
    create, update = client.bots.create, client.bots.update
    yield lambda: create(configuration={"scheem": {}})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: create(configuration={"schema": 3})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: create(configuration=botpress.BotConfigurationInput(scheem={}))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    yield lambda: create(events={"paid": {"schema": {}, "titel": "Paid"}})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    yield lambda: create(events={"paid": botpress.EventDefinitionInput(title="Paid")})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    yield lambda: create(actions={"pay": {"input": {"schema": {}}, "output": {"shcema": {}}}})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    yield lambda: create(recurring_events={"daily": {"schedule": {"crom": "* * * * *"}, "type": "t", "payload": {}}})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    yield lambda: create(states={"cart": {"type": "converstion", "schema": {}}})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    yield lambda: create(user={"tags": {"vip": {"tilte": "VIP"}}})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    yield lambda: create(medias=[{"url": "https://example.com/a.png"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    yield lambda: update("b", plugins={"p": {"id": "p", "interfaces": {"i": {"integrationID": "x"}}}})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    yield lambda: update("b", integrations={"i": {"enabeld": True}})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    yield lambda: client.files.list(tags={"kind": {"exsits": True}})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    yield lambda: client.events.create(type="t", payload={}, schedule={"delya": 5})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
