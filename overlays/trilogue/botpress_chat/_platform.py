"""What sets the Botpress Chat API apart: its address, and the key of a user."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from msgspec.structs import replace
from trilogue_generated.platforms import BOTPRESS_CHAT
from trilogue_generated.runtime.operation import Operation

from .._auth import StaticAuth, require_token
from .._calls import MethodErrors
from .._core import Core, Platform, Recovery
from .._deadline import Deadline
from .._flow import Flow
from .._http.hosts import build_base_url
from .._pacing.pacer import Pacer
from .._serialization.strings import require_encodable
from .._settings import Settings
from .._typed_error_responses import read_typed_error
from ..errors import InvalidArgument
from .errors import TYPES

SERVER = "https://chat.botpress.cloud"

_WEBHOOK_ID = re.compile(r"[\w-]+", re.ASCII)


class UserAuth(StaticAuth):
    """Sends the key of a user with every request; `encryption_key` can sign other keys."""

    def __init__(self, user_key: str | None, encryption_key: str | None) -> None:
        """Without `user_key`, only operations that take none can be called."""
        super().__init__(user_key)
        self.user_key, self.encryption_key = user_key, encryption_key

    def authorize(self, operation: Operation[Any], core: Core, deadline: Deadline) -> Flow[str | None]:
        """Return the key; None where there is none and none is needed."""
        with MethodErrors(core, operation.name):
            if self.user_key is None and operation.security:
                raise InvalidArgument(
                    f"this client has no user_key; call connect(), pass user_key=... or set {VARIABLE}"
                )
        return super().authorize(operation, core, deadline)


def build_core(
    settings: Settings,
    *,
    webhook_id: str | None,
    user_key: str | None,
    encryption_key: str | None,
    host: str | None,
) -> Core:
    """Return the core of a client; raises InvalidArgument for a wrong setting."""
    webhook = _require_webhook_id(webhook_id)
    return Core(
        PLATFORM,
        build_base_url(host or SERVER, f"/{webhook}", allow_http=settings.allow_http),
        UserAuth(require_token(user_key, "user_key") if user_key else None, _check_encryption_key(encryption_key)),
        Pacer(),
        settings.clock,
        settings.options,
        quota=settings.quota,
    )


def with_user(core: Core, user_key: str) -> Core:
    """Return a core that acts as the user of another key."""
    return replace(core, auth=UserAuth(require_token(user_key, "user_key", VARIABLE), encryption_key(core)))


def user_key(core: Core) -> str | None:
    """Return the key of the user that a client acts as."""
    return core.auth.user_key if isinstance(core.auth, UserAuth) else None


def encryption_key(core: Core) -> str | None:
    """Return the key that signs the keys of users, if this client has it."""
    return core.auth.encryption_key if isinstance(core.auth, UserAuth) else None


def _require_webhook_id(webhook_id: object) -> str:
    variable = BOTPRESS_CHAT.variables["webhook_id"]
    if not webhook_id:
        raise InvalidArgument(f"webhook_id: missing; pass webhook_id=... or set {variable}")
    if not isinstance(webhook_id, str) or not _WEBHOOK_ID.fullmatch(webhook_id):
        raise InvalidArgument("webhook_id: expected the id alone, as after the last slash of the webhook URL")
    return webhook_id


def _check_encryption_key(key: str | None) -> str | None:
    if key is not None and (not isinstance(key, str) or not key):
        raise InvalidArgument("encryption_key: expected the key of the Chat integration as a string that is not empty")
    return key and require_encodable(key, "encryption_key")


def _recover(core: Core, arguments: Mapping[str, Any]) -> Recovery:
    from ._missed_signals import MissedSignals  # here, because only programs that listen need it

    return MissedSignals(core, arguments)


VARIABLE = BOTPRESS_CHAT.variables["user_key"]
PLATFORM = Platform(
    BOTPRESS_CHAT.name,
    BOTPRESS_CHAT.label,
    partial(read_typed_error, types=TYPES),
    credentials="`user_key` (BP_CHAT_USER_KEY), and that it was made for `webhook_id`",
    credentials_header="x-user-key",
    recover=_recover,
)
