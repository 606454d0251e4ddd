"""What becomes of everything that was going on with a contact, when the contact ends."""

from __future__ import annotations

from trilogue_sandbox.pantheon import conversations, identities, logins, message_life, otps, payments
from trilogue_sandbox.pantheon.accounts import Account


def end_everything(account: Account, contact_id: str) -> None:
    """End what cannot go on without the contact."""
    message_life.fail_queued(account, "contact_id", contact_id, "unreachable")
    conversations.close_all(account, contact_id)
    payments.cancel_all(account, contact_id)
    logins.revoke_all(account, contact_id)
    otps.cancel_all(account, contact_id)


def hand_over(account: Account, giver_id: str, taker_id: str) -> None:
    """Make everything of one contact another one's."""
    identities.hand_over(account, giver_id, taker_id)
    for table in ("messages", "payments"):
        account.store.run(f"UPDATE pantheon_{table} SET contact_id = ? WHERE contact_id = ?", taker_id, giver_id)
    for table in ("conversations", "otps"):
        account.store.run(
            f"UPDATE pantheon_{table} SET contact_id = ?, updated_at = ? WHERE contact_id = ?",
            *(taker_id, account.now, giver_id),
        )
    account.store.run(
        "UPDATE pantheon_logins SET contact_id = ?, identity = json_set(identity, '$.contact_id', ?)"
        " WHERE contact_id = ?",
        *(taker_id, taker_id, giver_id),
    )
