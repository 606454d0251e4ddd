"""The client of RapidPro and TextIt, API v2."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Unpack

from trilogue_generated.rapidpro import models
from trilogue_generated.rapidpro.client import AsyncRawResources, AsyncResources, RawResources, Resources
from trilogue_generated.runtime.model import is_array, is_object
from trilogue_generated.runtime.operation import Operation

from ._auth import StaticAuth, basic, checked_token
from ._client import AsyncClient, RawAsyncClient, RawSyncClient, SyncClient
from ._core import Core, Platform, base_url
from ._http import AsyncHttp, HttpResponse, SyncHttp
from ._pacing import WindowPacer
from ._responses import error_body, wordless
from ._settings import AsyncOptions, Settings, SyncOptions, settings
from .errors import ApiError, CredentialsRefused, InvalidArgument, PermissionDenied, error_class

__all__ = ["AsyncRapidPro", "RapidPro", "models"]

TEXTIT = "https://textit.com"
API = "/api/v2"
HOUR = 3600.0

OWN_COUNTS = ("contacts", "messages", "runs", "broadcasts")
"""The endpoints whose requests the server counts apart; all others share one count."""

REFUSALS = ("Authentication credentials were not provided", "Invalid token", "Invalid basic header")
"""How a 403 begins that is about the credentials and not about a permission."""

DEEPEST = 8
"""Levels below a field to look for messages in; the server has three."""


class RapidPro(SyncClient, Resources):
    """A client of RapidPro or TextIt."""

    def __init__(
        self,
        token: str | None = None,
        *,
        host: str | None = None,
        email: str | None = None,
        requests_per_hour: int | None = None,
        **options: Unpack[SyncOptions],
    ) -> None:
        """Check the settings; nothing is sent before the first call.

        Args:
            token: an API token of a workspace; default: the environment variable RAPIDPRO_TOKEN.
            host: the server, for example `https://rapidpro.example.org`, with `/api/v2` or without; default:
                RAPIDPRO_HOST, or else TextIt.
            email: sign in with HTTP Basic as this user, with the token as password.
            requests_per_hour: the workspace's rate limit, to keep below it from the start; default: learned when hit.
            options: see `SyncOptions`.

        Raises:
            InvalidArgument: an argument is wrong, or there is no token.
        """
        given = settings(**options)
        self._core = _core(token, host, email, requests_per_hour, given)
        self._http = SyncHttp(given.http)

    @cached_property
    def with_raw_response(self) -> RawRapidPro:
        """The same resources, with methods that return the answer as it came."""
        return RawRapidPro(self)


class AsyncRapidPro(AsyncClient, AsyncResources):
    """A client of RapidPro or TextIt for asyncio."""

    def __init__(
        self,
        token: str | None = None,
        *,
        host: str | None = None,
        email: str | None = None,
        requests_per_hour: int | None = None,
        **options: Unpack[AsyncOptions],
    ) -> None:
        """Check the settings, which are those of `RapidPro`; nothing is sent before the first call."""
        given = settings(**options)
        self._core = _core(token, host, email, requests_per_hour, given)
        self._http = AsyncHttp(given.http)

    @cached_property
    def with_raw_response(self) -> AsyncRawRapidPro:
        """The same resources, with methods that return the answer as it came."""
        return AsyncRawRapidPro(self)


class RawRapidPro(RawSyncClient, RawResources):
    """`RapidPro` with answers as they came."""


class AsyncRawRapidPro(RawAsyncClient, AsyncRawResources):
    """`AsyncRapidPro` with answers as they came."""


def _core(
    token: str | None, host: str | None, email: str | None, requests_per_hour: int | None, given: Settings
) -> Core:
    key = checked_token(token or os.environ.get("RAPIDPRO_TOKEN"), "token", "RAPIDPRO_TOKEN")
    address = base_url(host or os.environ.get("RAPIDPRO_HOST") or TEXTIT, "", allow_http=given.allow_http)
    return Core(
        PLATFORM,
        address.removesuffix(API) + API,
        StaticAuth(f"Token {key}" if email is None else basic(_checked_email(email), key)),
        WindowPacer(_scope, HOUR, _checked_limit(requests_per_hour)),
        given.clock,
        given.options,
    )


def _checked_email(email: str) -> str:
    if not isinstance(email, str) or "@" not in email or ":" in email:
        raise InvalidArgument("email: expected the e-mail address of a user of the workspace")
    return email


def _checked_limit(limit: int | None) -> int | None:
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise InvalidArgument("requests_per_hour: expected an integer of at least 1, or None to learn it")
    return limit


def _scope(operation: Operation[Any]) -> str:
    endpoint = operation.path.strip("/").removesuffix(".json")
    return endpoint if endpoint in OWN_COUNTS else "others"


def read_error(response: HttpResponse) -> ApiError:
    """Return the exception for an answer that is no success.

    Reads `{"detail": ...}`, messages by field, messages nested by index, key or language, a bare list, and pages of
    HTML.
    """
    body = error_body(response)
    fields = dict(_field_errors(body))
    message = _detail(body) or "; ".join(
        f"{name}: {' '.join(texts)}" if name else " ".join(texts) for name, texts in fields.items()
    )
    kind = error_class(response.status)
    if kind is PermissionDenied and message.startswith(REFUSALS):
        kind = CredentialsRefused
    return kind(
        message or wordless(response, "RapidPro"),
        status=response.status,
        headers=response.headers,
        body=body,
        field_errors=fields,
    )


def _detail(body: Any) -> str:
    detail = body.get("detail") if is_object(body) else None
    return detail if isinstance(detail, str) else ""


def _field_errors(body: Any) -> Iterator[tuple[str, list[str]]]:
    if is_object(body):
        for name, value in body.items():
            if name == "non_field_errors":
                yield from _messages("", value)
            elif name != "detail" or not isinstance(value, str):
                yield from _messages(name, value)
    elif is_array(body):
        yield from _messages("", body)


def _messages(path: str, value: Any, depth: int = 0) -> Iterator[tuple[str, list[str]]]:
    """Yield the messages below a field with the path to each: `urns[0]`, `text.eng`, `quick_replies[0].type`."""
    if depth > DEEPEST:
        return
    if is_object(value):
        for key, inner in value.items():
            yield from _messages(_inner_path(path, str(key)), inner, depth + 1)
    elif is_array(value):
        texts = [text for text in value if isinstance(text, str)]
        if texts:
            yield path, texts
        for index, inner in enumerate(value):
            if isinstance(inner, (dict, list)):
                yield from _messages(_inner_path(path, str(index)), inner, depth + 1)
    elif value is not None:
        yield path, [str(value)]


def _inner_path(path: str, key: str) -> str:
    if key == "non_field_errors":
        return path
    return f"{path}[{key}]" if key.isdigit() else f"{path}.{key}".lstrip(".")


PLATFORM = Platform("rapidpro", "RapidPro", read_error)
