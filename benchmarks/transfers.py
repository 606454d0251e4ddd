"""What large files cost, in CPU and in memory, each in an interpreter of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping

from benchmarks.measure import Case, in_children
from benchmarks.server import LARGE, LARGE_SIZE, serving

SIZE = 100 * 1024**2

HTTPX = "import httpx\nclient = httpx.Client(timeout=600)\nclient.get('{address}/api/v2/workspace.json')"
OWN = (
    "import httpx  # which sending a file loads\nfrom trilogue import RapidPro\n"
    "client = RapidPro('x' * 40, host={address!r}, timeout=600)\nclient.workspace.get()"
)

UPLOADS = {
    "httpx: client.post(..., files=...)": (
        HTTPX,
        "client.post('{address}/api/v2/media.json', files={{'file': open({file!r}, 'rb')}}).raise_for_status()",
    ),
    "trilogue: media.upload()": (OWN, "client.media.upload({file!r})"),
}
DOWNLOADS = {
    "httpx: client.stream(...), written to a file": (
        HTTPX,
        "with client.stream('GET', '{address}{large}') as response, open({file!r}, 'wb') as file:\n"
        "    for part in response.iter_bytes():\n"
        "        file.write(part)",
    ),
    "trilogue: request(..., to=file)": (OWN, "client.request('GET', '{large}', to={file!r})"),
}


def measure() -> Iterator[Case]:
    """Measure an upload from a file, and a download to one."""
    with serving(0) as address, tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.truncate(SIZE)
        yield from _compare(f"upload {SIZE // 1024**2} MB", UPLOADS, address, file.name)
        yield from _compare(f"download {LARGE_SIZE // 1024**2} MB", DOWNLOADS, address, file.name)


def _compare(name: str, programs: Mapping[str, tuple[str, str]], address: str, file: str) -> Iterator[Case]:
    def fill_in(code: str) -> str:
        return code.format(address=address, file=file, large=LARGE)

    medians = in_children({each: (fill_in(setup), fill_in(code)) for each, (setup, code) in programs.items()}, rounds=3)
    floor = next(iter(programs))
    yield Case(name, floor, medians["cpu"])
    yield Case(f"{name}, memory more at the peak", floor, medians["memory"], "MB")
