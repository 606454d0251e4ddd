"""The files of a bot, with a method that uploads one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from trilogue_generated.botpress import models as m
from trilogue_generated.botpress.resources.files import AsyncFiles as GeneratedAsyncFiles
from trilogue_generated.botpress.resources.files import Files as GeneratedFiles
from trilogue_generated.runtime.operation import FileContent

from ._upload_options import UploadOptions

if TYPE_CHECKING:
    from .._callers import AsyncCaller, SyncCaller


class Files(GeneratedFiles):
    """The files of a bot."""

    def __init__(self, client: SyncCaller) -> None:
        """Call through `client`."""
        super().__init__(client)
        self._sender = client

    def upload(
        self, content: FileContent, *, key: str | None = None, wait: float = 0.0, **options: Unpack[UploadOptions]
    ) -> m.File:
        """Create or replace a file, with its content.

        The content is read while it is sent, to the address that Botpress gives for it and without the token; a stream
        that cannot be rewound is read into memory first. Its type is `content_type`, or else follows from its key or
        its name.

        Args:
            content: a path, bytes, a file opened for reading bytes, or an `Upload`.
            key: the key of the file; default: the name of the path or of the `Upload`.
            wait: seconds to wait at most until the content has arrived, and with `index` until it can be searched; 0
                to return at once.
            options: see `upsert`.

        Raises:
            UploadFailed: the content was refused, or could not be indexed; the file exists all the same, as `file`.
            TimedOut: it was not ready within `wait` seconds; the file exists all the same.

        ```python
        file = client.files.upload("notes.pdf", key="notes/2026.pdf", index=True)
        ```
        """
        from ._uploads import upload  # here, because only programs that upload need it

        return self._sender.run(lambda core: upload(core, content, key, wait, options))


class AsyncFiles(GeneratedAsyncFiles):
    """The files of a bot."""

    def __init__(self, client: AsyncCaller) -> None:
        """Call through `client`."""
        super().__init__(client)
        self._sender = client

    async def upload(
        self, content: FileContent, *, key: str | None = None, wait: float = 0.0, **options: Unpack[UploadOptions]
    ) -> m.File:
        """Create or replace a file, with its content; see `Files.upload`.

        ```python
        file = await client.files.upload("notes.pdf", key="notes/2026.pdf", index=True)
        ```
        """
        from ._uploads import upload

        return await self._sender.run(lambda core: upload(core, content, key, wait, options))
