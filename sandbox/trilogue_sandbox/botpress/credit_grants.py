"""Credit for a feature: bought by hand, or by itself when it runs low."""

from __future__ import annotations

