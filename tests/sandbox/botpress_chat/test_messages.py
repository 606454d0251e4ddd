"""Messages of each type, and who takes part in the conversation."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from .conftest import TEXT, write

IMAGE = {"type": "image", "imageUrl": "https://example.org/sandal.png"}
ACTION = {"action": "say", "label": "Buy", "value": "I buy it"}
CARD = {"type": "card", "title": "Sandal", "subtitle": "Red", "imageUrl": IMAGE["imageUrl"], "actions": [ACTION]}
OPTIONS = [{"label": "Small", "value": "s"}, {"label": "Large", "value": "l"}]
PAYLOADS: tuple[dict[str, Any], ...] = (
    TEXT,
    {"type": "markdown", "markdown": "**Good** morning"},
    IMAGE,
    {"type": "audio", "audioUrl": "https://example.org/a.mp3"},
    {"type": "video", "videoUrl": "https://example.org/a.mp4"},
    {"type": "file", "fileUrl": "https://example.org/a.pdf", "title": "Prices"},
    {"type": "location", "latitude": 47.4, "longitude": 8.5, "address": "Main Street 1", "title": "Shop"},
    CARD,
    {"type": "carousel", "items": [CARD]},
    {"type": "choice", "text": "Size?", "options": OPTIONS},
    {"type": "dropdown", "text": "Size?", "options": OPTIONS},
    {"type": "bloc", "items": [TEXT, IMAGE]},
)


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload["type"])
def test_a_message_of_each_type_is_sent_read_and_listed(ana: httpx.Client, payload: dict[str, Any]) -> None:
    sent = write(ana, payload)

    assert sent["payload"] == payload
    assert ana.get(f"/messages/{sent['id']}").json()["message"] == sent
    assert sent in ana.get("/conversations/welcome/messages").json()["messages"]


def test_participants_are_shown_as_they_describe_themselves(ana: httpx.Client, ben: httpx.Client) -> None:
    described = {"name": "Ben", "pictureUrl": "https://example.org/ben.png", "profile": "Sells sandals"}
    user = ben.put("/users/me", json=described).json()["user"]
    path = "/conversations/welcome/participants"
    ana.delete(f"{path}/ben")
    added = ana.post(path, json={"userId": "ben"}).json()["participant"]

    assert {name: user[name] for name in described} == described
    assert added == user == ana.get(f"{path}/ben").json()["participant"]
    assert user in ana.get(path).json()["participants"]


def test_many_participants_are_listed_page_by_page(ana: httpx.Client) -> None:
    path = "/conversations/welcome/participants"
    for number in range(20):
        user = ana.post("/users", json={"id": f"user-{number}"}).json()["user"]
        ana.post(path, json={"userId": user["id"]})
    first = ana.get(path).json()
    second = ana.get(path, params={"nextToken": first["meta"]["nextToken"]}).json()

    ids = [user["id"] for page in (first, second) for user in page["participants"]]
    assert len(ids) == len(set(ids)) > len(first["participants"])
