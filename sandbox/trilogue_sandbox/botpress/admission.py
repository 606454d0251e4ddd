"""Who sends a request, what their token may reach, and where the request takes place."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import msgspec

from trilogue_sandbox.botpress import limits
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import TOKEN_TYPES, Actor, Exchange, Installation, TokenType
from trilogue_sandbox.kernel.http import Request
from trilogue_sandbox.kernel.operation import Operation
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World


@attrs.frozen
class Family:
    """A part of the API: where its paths begin, which tokens reach it, and the name of the limit of its bodies."""

    name: str
    prefix: str
    token_types: tuple[TokenType, ...]

    @property
    def body_limit(self) -> str:
        """The name of the limit of a body, in bytes."""
        return f"{self.name}_body_bytes"


_FAMILIES = (
    Family("runtime", "/v1/chat", TOKEN_TYPES),
    Family("files", "/v1/files", TOKEN_TYPES),
    Family("tables", "/v1/tables", ("pat", "bak")),
    Family("admin", "/v1/admin", ("pat",)),
    Family("billing", "/v2", ("pat",)),
)
_TOKEN_NAMES: dict[TokenType, str] = {
    "pat": "a personal access token",
    "bak": "a bot access key",
    "iak": "an integration access key",
}

_INTEGRATION = ("x-integration-id", "x-integration-alias")

_SQL = """\
SELECT token.type, token.account_id, token.bot_id AS token_bot_id, token.integration_id AS token_integration_id,
    given.bot_id, workspace.id AS workspace_id, member.role, workspace.blocked AS is_blocked,
    integration.name AS integration_name, installation.alias,
    (SELECT json_group_object(name, value) FROM botpress_limits) AS limits,
    EXISTS (SELECT 1 FROM botpress_planned_errors WHERE times > 0) AS has_planned_errors
FROM (SELECT ? AS token, ? AS bot_id, ? AS workspace_id, ? AS integration_id, ? AS alias) AS given
LEFT JOIN botpress_tokens AS token ON token.token = given.token
LEFT JOIN botpress_bots AS bot ON bot.id = given.bot_id
LEFT JOIN botpress_workspaces AS workspace ON workspace.id = ifnull(given.workspace_id, bot.workspace_id)
LEFT JOIN botpress_members AS member
    ON member.workspace_id = workspace.id AND member.account_id = token.account_id
LEFT JOIN botpress_installations AS installation ON installation.bot_id = bot.id
    AND installation.integration_id = ifnull(given.integration_id, token.integration_id)
    AND installation.alias = ifnull(given.alias, installation.alias)
LEFT JOIN botpress_integrations AS integration ON integration.id = installation.integration_id
ORDER BY installation.rowid LIMIT 1
"""


@attrs.frozen
class Admission:
    """What is known of a request before it is let in, read from the database at once.

    `headers` are those that the operation requires, and with `x-bot-id` the ones that name an integration.
    """

    world: World
    request: Request
    operation: Operation | None
    headers: Mapping[str, str | None]
    row: Row

    @classmethod
    def of(cls, world: World, request: Request, operation: Operation | None) -> Admission:
        """Look a request up."""
        parameters = operation.parameters if operation else ()
        required = {parameter.name for parameter in parameters if parameter.is_required}
        names = {"x-bot-id", *_INTEGRATION} if "x-bot-id" in required else required & {"x-workspace-id"}
        headers = {name: request.headers.get(name) or None for name in names}
        listed = (headers.get(name) for name in ("x-bot-id", "x-workspace-id", *_INTEGRATION))
        row = world.store.one(_SQL, _token(request), *listed)
        assert row is not None
        return cls(world, request, operation, headers, row)

    def limit(self, name: str) -> int:
        """Return a limit."""
        set_limits: dict[str, int] = msgspec.json.decode(self.row["limits"])
        return limits.limit_among(self.world, set_limits, name)

    def admit(self, operation: Operation) -> Actor:
        """Return who acts.

        Raises:
            ApiError: there is no valid token (Unauthorized), it does not reach the operation (Forbidden), the body is
                too large (PayloadTooLarge), or an error was planned; or as `scope`.
        """
        if _token(self.request) is None:
            raise ApiError("Unauthorized", "send a token in the header `Authorization: Bearer <token>`")
        if self.row["type"] is None:
            raise ApiError("Unauthorized", "the token is not valid")
        family = next(family for family in _FAMILIES if f"{operation.path}/".startswith(f"{family.prefix}/"))
        if self._token_type not in family.token_types:
            name = _TOKEN_NAMES[self._token_type]
            raise ApiError("Forbidden", f"{name} does not reach the {family.name} API")
        if len(self.request.body) > self.limit(family.body_limit):
            raise ApiError("PayloadTooLarge", "the request body is larger than this family of operations takes")
        if self.row["has_planned_errors"]:
            limits.raise_planned_error(self.world, operation.id)
        return self.scope()

    def scope(self) -> Actor:
        """Return where a valid token acts.

        Raises:
            ApiError: a required header is missing (Unauthorized), or names what the token may not act in (Forbidden).
        """
        for name in sorted(self.headers.keys() - {*_INTEGRATION}):
            if self.headers[name] is None:
                raise ApiError("Unauthorized", f"send the header {name}")
        if "x-bot-id" in self.headers:
            self._require_bot()
        if "x-workspace-id" in self.headers:
            self._require_member(self.headers["x-workspace-id"])
        return Actor(
            self.world,
            bot_id=self.row["bot_id"] or "",
            installation=self._installation(),
            workspace_id=self.row["workspace_id"] or "",
            role=self.row["role"],
            account_id=self.row["account_id"] or "",
            token_type=self._token_type,
            is_blocked=bool(self.row["is_blocked"]),
            base_url=self.request.base_url,
        )

    @property
    def _token_type(self) -> TokenType:
        return next(token_type for token_type in TOKEN_TYPES if token_type == self.row["type"])

    def _require_bot(self) -> None:
        bot_id = self.headers["x-bot-id"]
        if self.row["workspace_id"] is None or self.row["token_bot_id"] not in (None, bot_id):
            raise ApiError("Forbidden", f"this token may not act for the bot {bot_id}")
        if self.row["account_id"]:
            self._require_member(self.row["workspace_id"])

    def _require_member(self, workspace_id: str | None) -> None:
        if self.row["role"] is None:
            raise ApiError("Forbidden", f"this token may not act in the workspace {workspace_id}")

    def _installation(self) -> Installation | None:
        own = self.row["token_integration_id"]
        integration_id = self.headers.get("x-integration-id") or own
        if integration_id is None or "x-bot-id" not in self.headers:
            return None
        if self.row["token_bot_id"] or own not in (None, integration_id):
            raise ApiError("Forbidden", f"this token may not act for the integration {integration_id}")
        if self.row["alias"] is None:
            bot_id = self.headers["x-bot-id"]
            raise ApiError("Forbidden", f"the integration {integration_id} is not installed in the bot {bot_id}")
        return Installation(integration_id, self.row["integration_name"], self.row["alias"])


def _token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def actor_in_bot(exchange: Exchange, bot_id: str) -> Actor:
    """Return who would act if a request were sent to another bot; raise Forbidden if the caller may not act there."""
    request = attrs.evolve(exchange.request, headers=exchange.request.headers.set("x-bot-id", bot_id))
    return Admission.of(exchange.world, request, exchange.operation).scope()
