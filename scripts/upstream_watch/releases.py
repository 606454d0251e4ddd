"""The newest releases, fetched through npm and pip, and the versions pinned here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path

from platforms import ROOT

PACKAGE_JSON = ROOT / "scripts" / "node" / "package.json"
REQUIREMENTS = ROOT / "scripts" / "requirements.in"
PARSER = "openapi-python-client"


def pinned_npm_packages() -> dict[str, str]:
    """Return the packages of Botpress that this project uses, with their versions."""
    wanted = json.loads(PACKAGE_JSON.read_text(encoding="utf-8"))["devDependencies"]
    return {name: version for name, version in wanted.items() if name.startswith("@botpress/")}


def fetch_declarations(package: str, version: str, folder: Path) -> tuple[str, str]:
    """Return the version of a release of an npm package (`latest` for the newest) and its type declarations."""
    command = ("npm", "pack", "--silent", "--pack-destination", str(folder), f"{package}@{version}")
    archive = folder / subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    with tarfile.open(archive) as files:
        manifest = json.loads(_read(files, "package/package.json"))
        names = sorted(name for name in files.getnames() if name.endswith(".d.ts"))
        return manifest["version"], "\n".join(_read(files, name) for name in names)


def _read(files: tarfile.TarFile, name: str) -> str:
    file = files.extractfile(name)
    return file.read().decode() if file else ""


def pinned_parser() -> str:
    """Return the version of openapi-python-client that this project uses."""
    (version,) = re.findall(rf"^{PARSER}==(\S+)$", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)
    return str(version)


def install_newest_parser(folder: Path) -> str:
    """Install the newest openapi-python-client in a folder and return its version."""
    pip = (sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps", "--target")
    subprocess.run((*pip, str(folder), PARSER), check=True)
    (metadata,) = folder.glob("openapi_python_client-*.dist-info")
    return metadata.name.removeprefix("openapi_python_client-").removesuffix(".dist-info")


def pin(path: Path, old: str, new: str) -> None:
    """Replace one version by another in a file."""
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
