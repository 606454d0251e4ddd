"""What the clients of all platforms have in common."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from trilogue_generated.runtime.operation import DownloadTarget
from trilogue_generated.runtime.resource import hiding_arguments
from trilogue_generated.runtime.unset import UNSET

from ._base_client import Client
from ._callers import AsyncCaller, SyncCaller
from ._custom_calls import prepare_custom
from ._http.senders import AsyncHttp, SyncHttp
from ._responses import Response

if TYPE_CHECKING:
    from ._reconciling import Reconciliation


class SyncClient(Client):
    """A client whose methods wait for the response."""

    _http: SyncHttp

    @property
    def _caller(self) -> SyncCaller:
        return SyncCaller(self._core, self._http)

    def reconcile(self, error: Exception, *, settle: float = 10.0) -> Reconciliation:
        """Look for the effect of a call whose outcome is unknown, and return what became of it.

        Where nothing is found at first, it looks once more `settle` seconds after the request was sent, as the platform
        may still have been at it. Nothing is carried out by looking.

        Args:
            error: the error of the call, as it was raised.
            settle: seconds after which the platform is done with a request (10).

        Raises:
            InvalidArgument: it is no error of a call of this client.
            RequestError: a look-up failed.
        """
        from ._reconciling import reconcile  # here, because only programs whose calls fail need it

        return self._caller.run(lambda core: reconcile(core, error, settle))

    @hiding_arguments
    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Any = UNSET,
        to: DownloadTarget | None = None,
    ) -> Response[Any]:
        """Send a request that this package has no method for, with the same credentials, waits and errors.

        Args:
            method: the HTTP method; only GET, HEAD and OPTIONS are retried after a failure.
            path: below the platform's base address, for example `/contacts.json`.
            query: parameters of the query.
            json: the body.
            to: a path, or a file opened for writing bytes; the body of a successful response is written there as it
                arrives, and is not in the response. A path names the file only once it is complete,
                which may take any time unless there is a `deadline`.
        """
        return self._caller.send(prepare_custom(self._core, method, path, query, json, to))

    def close(self) -> None:
        """Close the connections, those of all copies included; a later call opens new ones."""
        self._http.close()

    def __enter__(self) -> Self:
        """Return the client; leaving the block closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()


class AsyncClient(Client):
    """`SyncClient` for asyncio."""

    _http: AsyncHttp

    @property
    def _caller(self) -> AsyncCaller:
        return AsyncCaller(self._core, self._http)

    async def reconcile(self, error: Exception, *, settle: float = 10.0) -> Reconciliation:
        """Look for the effect of a call whose outcome is unknown; see `SyncClient.reconcile`."""
        from ._reconciling import reconcile  # here, because only programs whose calls fail need it

        return await self._caller.run(lambda core: reconcile(core, error, settle))

    @hiding_arguments
    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Any = UNSET,
        to: DownloadTarget | None = None,
    ) -> Response[Any]:
        """Send a request that this package has no method for; see `SyncClient.request`."""
        return await self._caller.send(prepare_custom(self._core, method, path, query, json, to))

    async def close(self) -> None:
        """Close the connections, those of all copies included; a later call opens new ones."""
        await self._http.close()

    async def __aenter__(self) -> Self:
        """Return the client; leaving the block closes it."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()
