# Copied by scripts/generate from generator-config/runtime; do not edit it here.
"""The values of an open enum that this version does not name; to type checkers they are types of their own.

A union with `str` itself would be `str` to them, and editors would not complete the values that are named.
"""

from __future__ import annotations

from typing import NewType

UnrecognizedStr = NewType("UnrecognizedStr", str)
"""A string that a newer server returns where this version names a few; at run time a plain string."""

UnrecognizedInt = NewType("UnrecognizedInt", int)
"""The same for integers."""
