"""The bill of materials inside the wheel (PEP 770): CycloneDX, the same bytes for the same project."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from packaging.requirements import Requirement

from .project import ROOT

PATH = ROOT / "scripts" / "release_checks" / "trilogue.cdx.json"


def bill_of_materials() -> str:
    """Return the document: the package, and what it needs, at the versions it was tested with."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"], project["version"]
    needed = {Requirement(text).name for text in project["dependencies"]}
    extras = [text for extra in project["optional-dependencies"].values() for text in extra]
    optional = {Requirement(text).name for text in extras} - needed - {name}
    locked = _locked()
    package = {**_component(name, version), "licenses": [{"expression": project["license"]}]}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{name} {version}')}",
        "version": 1,
        "metadata": {"component": package},
        "components": [
            {**_component(each, locked.get(each.lower())), "scope": "required" if each in needed else "optional"}
            for each in sorted(needed | optional, key=str.lower)
        ]
        + [_swagger_ui()],
        "dependencies": [{"ref": _reference(name), "dependsOn": [_reference(each) for each in sorted(needed)]}],
    }
    return json.dumps(document, indent=2) + "\n"


def _component(name: str, version: str | None) -> dict[str, Any]:
    known = {"version": version, "purl": f"{_reference(name)}@{version}"} if version else {"purl": _reference(name)}
    return {"type": "library", "bom-ref": _reference(name), "name": name, **known}


def _swagger_ui() -> dict[str, Any]:
    """Return Swagger UI, of which the wheel holds a copy."""
    packages = json.loads((ROOT / "scripts" / "node" / "package.json").read_text(encoding="utf-8"))
    purl = f"pkg:npm/swagger-ui-dist@{packages['devDependencies']['swagger-ui-dist']}"
    named = {"type": "library", "bom-ref": purl, "name": "swagger-ui-dist", "version": purl.rpartition("@")[2]}
    return {**named, "purl": purl, "scope": "required", "licenses": [{"license": {"id": "Apache-2.0"}}]}


def _reference(name: str) -> str:
    return f"pkg:pypi/{name.lower()}"


def _locked() -> dict[str, str]:
    text = (ROOT / "scripts" / "requirements.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE)
    return {name.lower(): version for name, version in pinned}


if __name__ == "__main__":
    PATH.write_text(bill_of_materials(), encoding="utf-8")
