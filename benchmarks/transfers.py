"""What files cost: an upload of 100 MB from a file, in memory and CPU."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

from benchmarks.measure import Case, in_children
from benchmarks.server import serving

SIZE = 100 * 1024**2


def measure() -> Iterator[Case]:
    """Measure each in an interpreter of its own."""
    with serving(0) as address, tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.truncate(SIZE)
        url = f"{address}/api/v2/media.json"
        programs = {
            "httpx: client.post(..., files=...)": (
                "import httpx\nclient = httpx.Client(timeout=600)",
                f"client.post({url!r}, files={{'file': open({file.name!r}, 'rb')}}).raise_for_status()",
            ),
            "trilogue: media.upload()": (
                f"from trilogue import RapidPro\nclient = RapidPro('x' * 40, host={address!r}, timeout=600)",
                f"client.media.upload({file.name!r})",
            ),
        }
        medians = in_children(programs, rounds=3)
    floor = next(iter(programs))
    yield Case(f"upload {SIZE // 1024**2} MB", floor, medians["cpu"])
    yield Case(f"upload {SIZE // 1024**2} MB, memory more at the peak", floor, medians["memory"], "MB")
