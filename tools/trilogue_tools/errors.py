"""What a person who uses the tools did wrong, or has to do first."""

from __future__ import annotations


class ToolError(Exception):
    """A tool cannot do what it was asked to; the message says why, and what to do."""


class UsageError(ToolError):
    """An option or an argument is wrong."""
