"""Who can sign in from the beginning."""

from __future__ import annotations

import attrs

from trilogue_sandbox.kernel.platform import Account


@attrs.frozen
class TokenHolder:
    """A user, the workspace they have a token for, and their role in it."""

    name: str
    workspace_id: int
    role: str
    first_name: str
    is_active: bool = True
    note: str = ""
    avatar: str | None = None

    @property
    def email(self) -> str:
        """The address, for HTTP Basic."""
        return f"{self.name}@example.com"

    @property
    def token(self) -> str:
        """The token: 40 characters, of those that tokens are made of."""
        return self.name.upper().replace("I", "").replace("O", "").ljust(40, "2")


TOKEN_HOLDERS = (
    TokenHolder("administrator", 1, "administrator", "Ada", note="may do everything in the workspace main"),
    TokenHolder("editor", 1, "editor", "Edith", note="may do the same", avatar="https://example.com/edith.png"),
    TokenHolder("agent", 1, "agent", "Agnes", note="refused, since agents cannot use tokens"),
    TokenHolder("deactivated", 1, "editor", "Dora", is_active=False, note="refused, since the user was deactivated"),
    TokenHolder(
        "empty",
        2,
        "administrator",
        "Emil",
        note="may do everything in the workspace empty: nothing in it, and no country",
    ),
    TokenHolder(
        "anonymous",
        3,
        "administrator",
        "Anna",
        note="may do everything in the workspace anonymous, which hides who its contacts are",
    ),
    TokenHolder("suspended", 4, "administrator", "Susan", note="may read, not write, in the workspace suspended"),
)


ACCOUNTS = tuple(Account(user.name, {"token": user.token, "email": user.email}, user.note) for user in TOKEN_HOLDERS)
"""The tokens there are from the beginning; the e-mail is for HTTP Basic."""
