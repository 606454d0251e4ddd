"""Methods of the clients that the description does not have."""

from __future__ import annotations

from typing import Any, Self

from .._base_client import Client
from .._calls import prepare
from .._client import AsyncClient, SyncClient
from .._core import Core
from .._flow import Flow
from .._sending import send
from ..errors import InvalidArgument
from ._platform import encryption_key, user_key, with_user
from ._user_keys import sign_user_key


class _UserMethods(Client):
    """The user, and copies of a client for another one."""

    @property
    def user_key(self) -> str | None:
        """The key of the user this client acts as, to be kept by who wants to come back; None without a user."""
        return user_key(self._core)

    def for_user(self, user_key: str) -> Self:
        """Return a client for the user of another key, which shares everything else."""
        return self._copy(with_user(self._core, user_key))


class SyncMethods(_UserMethods, SyncClient):
    """Those of the sync client."""

    def connect(self, user_id: str | None = None, *, name: str | None = None) -> Self:
        """Create a user, and return a client that acts as this user and shares everything else.

        Args:
            user_id: an id of your choice, needed with `encryption_key`, with which the user may be there already.
            name: the name of the user.

        Raises:
            Conflict: a user has this id; keep the key of a user to come back, `client.user_key`.
            InvalidArgument: `user_id` is missing.
        """
        return self._copy(self._caller.run(lambda core: _connected(core, user_id, name)))


class AsyncMethods(_UserMethods, AsyncClient):
    """Those of the async client."""

    async def connect(self, user_id: str | None = None, *, name: str | None = None) -> Self:
        """Create a user, and return a client that acts as this user; see `BotpressChat.connect`."""
        return self._copy(await self._caller.run(lambda core: _connected(core, user_id, name)))


def _connected(core: Core, user_id: str | None, name: str | None) -> Flow[Core]:
    from trilogue_generated.botpress_chat.operations import users  # here, as resources load theirs

    key = encryption_key(core)
    if key is None:
        arguments: dict[str, Any] = {"id": user_id, "name": name}
        created = (yield from send(prepare(core, users.CREATE, arguments), core)).parse()
        return with_user(core, created.key)
    if not user_id:
        raise InvalidArgument("user_id: missing; with an encryption_key, choose the id of the user")
    signed = with_user(core, sign_user_key(user_id, key))
    yield from send(prepare(signed, users.GET_OR_CREATE, {"name": name}), signed)
    return signed
