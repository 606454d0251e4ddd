"""What an upload takes, apart from how it is done, so that who reads signatures loads nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from trilogue_generated.botpress import inputs, literals
from trilogue_generated.botpress import models as m


class UploadOptions(TypedDict, total=False):
    """What `upsert` takes beside the key and the size; see there."""

    tags: Mapping[str, str] | None
    index: bool | None
    indexing: m.Indexing | inputs.IndexingDict | None
    access_policies: Sequence[literals.FilePolicy] | None
    content_type: str | None
    expires_at: datetime | None
    public_content_immediately_accessible: bool | None
    metadata: Mapping[str, Any] | None
