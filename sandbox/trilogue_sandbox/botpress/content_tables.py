"""The tables of files and of the tables of bots."""

from __future__ import annotations

from trilogue_sandbox.botpress.columns import NOTE, TIMES, of
from trilogue_sandbox.kernel.table import BOOLEAN, CREATED, INTEGER, JSON, TEXT, TIMESTAMP, Table, prefixed_id

FILES = Table(
    "botpress_files",
    {
        "id": prefixed_id("file"),
        "bot_id": of("bots"),
        "owner_type": TEXT,
        "owner_id": NOTE,
        "owner_name": NOTE,
        "namespace": TEXT.default(""),
        "key": TEXT,
        "content_type": TEXT,
        "declared_size": INTEGER,
        "size": INTEGER.nullable(),
        **dict.fromkeys(("tags", "metadata", "access_policies"), JSON),
        "is_indexed": BOOLEAN,
        "indexing": JSON,
        "indexing_stack": NOTE,
        "status": TEXT,
        "failed_status_reason": NOTE,
        "is_public_at_once": BOOLEAN,
        "upload_token": TEXT,
        "expires_at": TIMESTAMP.nullable(),
        "is_expired": BOOLEAN.default(False),
        **TIMES,
    },
    unique_indexes=("bot_id, namespace, key",),
    indexes=("bot_id, created_at",),
)
"""Files. Those of an integration are kept in the namespace of its alias, within which keys are unique."""


TABLES = Table(
    "botpress_tables",
    {
        "id": prefixed_id("table"),
        "bot_id": of("bots"),
        "name": TEXT,
        "factor": INTEGER,
        "frozen": BOOLEAN,
        "key_column": NOTE,
        "schema": JSON,
        "tags": JSON,
        "is_compute_enabled": BOOLEAN,
        "last_row_id": INTEGER.default(0),
        **TIMES,
    },
    unique_indexes=("bot_id, name",),
)


TABLE_ROWS = Table(
    "botpress_table_rows",
    {
        "table_id": of("tables"),
        "id": INTEGER,
        "cells": JSON,
        "computed": JSON.default({}),
        "stale": JSON.default([]),
        "created_at": CREATED,
        "updated_at": TIMESTAMP.filled(lambda world: world.now),
    },
    primary_key="table_id, id",
)


TABLE_JOBS = Table(
    "botpress_table_jobs",
    {
        "id": prefixed_id("job"),
        "bot_id": TEXT,
        "table_id": of("tables"),
        "type": TEXT,
        "status": TEXT.default("pending"),
        "progress": INTEGER.default(0),
        "input_file_id": NOTE,
        "output_file_id": NOTE,
        "details": JSON,
        **TIMES,
    },
    indexes=("table_id",),
)
