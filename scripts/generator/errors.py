"""The one error of the generator."""

from __future__ import annotations


class GenerationError(Exception):
    """A description, or a setting, that no code can be made of; the message says where and what to do."""
