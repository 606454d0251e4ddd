"""The payloads of messages that Botpress and its Chat API share, as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trilogue_sandbox.kernel.chats import Choice

_LABELS = ("text", "markdown", "title", "subtitle", "imageUrl", "audioUrl", "videoUrl", "fileUrl", "address")


def text_of(payload: Mapping[str, Any]) -> str:
    """Return the words of a message, those of its cards and parts included."""
    said = [str(payload[name]) for name in _LABELS if payload.get(name)]
    if "latitude" in payload:
        said.append(f"{payload['latitude']}, {payload['longitude']}")
    return "\n".join([*said, *(text_of(item.get("payload", item)) for item in payload.get("items", []))])


def choices_of(payload: Mapping[str, Any]) -> list[Choice]:
    """Return what can be tapped: options, and the buttons of cards that do not lead to a page."""
    options = [Choice(f"option:{option['value']}", option["label"]) for option in payload.get("options", [])]
    cards = [payload, *payload.get("items", [])]
    buttons = [button for card in cards for button in card.get("actions", []) if button["action"] != "url"]
    return [*options, *(Choice(f"{button['action']}:{button['value']}", button["label"]) for button in buttons)]


def said_by(choice: Choice) -> str:
    """Return the words of the message that a tap comes in as: the label of an option, the value of a button."""
    return choice.label if choice.id.startswith("option:") else choice.id.partition(":")[2]
