"""Types of columns."""

from __future__ import annotations

from trilogue_sandbox.kernel.table import CHANGED, CREATED, JSON, TEXT, Column

UUID_KEY = TEXT.key().filled(lambda world: world.ids.uuid4())
NOTE = TEXT.nullable()
TIMES = {"created_at": CREATED, "updated_at": CHANGED}
NUMBER = Column("NUMERIC")
"""An integer or a number with decimals, kept as it is."""


def of(table: str) -> Column:
    """Return a foreign key: a row is deleted together with the one it belongs to."""
    return TEXT.references(f"botpress_{table} ON DELETE CASCADE")


NO_TAGS = JSON.default({"tags": {}})
SECRETS: dict[str, Column] = {
    "secrets": JSON.default({}),
    "signing_secret": TEXT.default(""),
    "old_signing_secrets": JSON.default([]),
}
