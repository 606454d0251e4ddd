"""The tables of accounts, workspaces and who may act for them."""

from __future__ import annotations

from trilogue_sandbox.botpress.columns import NOTE, NUMBER, TIMES, UUID_KEY, of
from trilogue_sandbox.kernel.table import BOOLEAN, CREATED, JSON, TEXT, TIMESTAMP, Table, prefixed_id

ACCOUNTS = Table(
    "botpress_accounts",
    {
        "id": UUID_KEY,
        "email": TEXT.unique(),
        "display_name": NOTE,
        "profile_picture": NOTE,
        "email_verified": BOOLEAN.default(True),
        "created_at": CREATED,
    },
)


WORKSPACES = Table(
    "botpress_workspaces",
    {
        "id": prefixed_id("wkspace"),
        "name": TEXT,
        "handle": NOTE,
        **dict.fromkeys(("about", "profile_picture", "contact_email", "website"), TEXT.default("")),
        "social_accounts": JSON.default([]),
        "is_public": BOOLEAN.default(False),
        "spending_limit": NUMBER.default(100),
        "billing_version": TEXT.default("v3"),
        "blocked": BOOLEAN.default(False),
        **TIMES,
    },
)


BILLING = Table(
    "botpress_billing",
    {
        "workspace_id": of("workspaces").key(),
        "plan_id": TEXT.default("community"),
        "interval": TEXT.default("month"),
        "addons": JSON.default({}),
        "ends_at": TIMESTAMP.nullable(),
        **dict.fromkeys(("trial_id", "trial_plan", "from_plan"), NOTE),
        "trial_ends_at": TIMESTAMP.nullable(),
        "payment_method_id": NOTE,
        "address": JSON.nullable(),
        "auto_recharge": JSON.default({}),
        "quotas": JSON.default({}),
    },
)
"""One row for each workspace: its subscription, its last trial, how it is paid, and quotas that were set."""


MEMBERS = Table(
    "botpress_members",
    {
        "id": prefixed_id("wkmem"),
        "workspace_id": of("workspaces"),
        "account_id": of("accounts").nullable(),
        "email": TEXT,
        "role": TEXT,
        "created_at": CREATED,
    },
    unique_indexes=("workspace_id, email",),
    indexes=("account_id",),
)
"""Members of workspaces; one without an account is invited."""


TOKENS = Table(
    "botpress_tokens",
    {
        "id": TEXT.key(),
        "token": TEXT.unique(),
        "type": TEXT,
        "account_id": of("accounts").nullable(),
        "bot_id": of("bots").nullable(),
        "integration_id": of("integrations").nullable(),
        "note": TEXT.default(""),
        "created_at": CREATED,
    },
)
"""Tokens of all three types. Exactly one of the owners is given."""
