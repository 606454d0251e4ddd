"""Backups: what a workspace is made of, in a folder of files that change only where the workspace does."""

from __future__ import annotations

PLATFORMS = ("rapidpro", "botpress")
"""The platforms that have definitions to keep."""
