"""Writing rows. Each stands for itself: one that does not fit is told apart, and the others are written."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import jsonschema_rs

from trilogue_sandbox.botpress import computed_cells, documents, moments, table_models
from trilogue_sandbox.botpress.limits import KILOBYTE
from trilogue_sandbox.botpress.table_columns import SYSTEM_COLUMNS
from trilogue_sandbox.botpress.table_models import Table
from trilogue_sandbox.messages import Json, JsonObject
from trilogue_sandbox.world import World

_ROW_BYTES = 4 * KILOBYTE
