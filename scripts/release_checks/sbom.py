"""The bill of materials inside the wheel (PEP 770): CycloneDX, the same bytes for the same project."""

from __future__ import annotations

import re
import tomllib
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

from .project import ROOT

PATH = ROOT / "scripts" / "release_checks" / "trilogue.cdx.json"


def bill_of_materials() -> str:
    """Return the document: the package, and what it needs, at the versions it was tested with."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = _locked()
    package = _component(project["name"], project["version"], ComponentScope.REQUIRED)
    package.licenses = [LicenseExpression(project["license"])]
    bom = Bom(serial_number=uuid5(NAMESPACE_URL, f"{project['name']} {project['version']}"))
    bom.metadata.component = package
    bom.metadata.tools.tools.clear()
    bom.metadata.tools.components.clear()
    needed = {Requirement(text).name for text in project["dependencies"]}
    extras = [text for extra in project["optional-dependencies"].values() for text in extra]
    optional = {Requirement(text).name for text in extras if not text.startswith(project["name"])} - needed
    for names, scope in ((needed, ComponentScope.REQUIRED), (optional, ComponentScope.OPTIONAL)):
        parts = [_component(name, locked.get(name.lower()), scope) for name in sorted(names)]
        bom.components.update(parts)
        bom.register_dependency(package, parts if scope is ComponentScope.REQUIRED else ())
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    return re.sub(r'\n *"timestamp": "[^"]*",?', "", text) + "\n"


def _component(name: str, version: str | None, scope: ComponentScope) -> Component:
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        scope=scope,
        bom_ref=f"pkg:pypi/{name.lower()}",
        purl=PackageURL("pypi", name=name.lower(), version=version),
    )


def _locked() -> dict[str, str]:
    text = (ROOT / "scripts" / "requirements.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE)
    return {name.lower(): version for name, version in pinned}


if __name__ == "__main__":
    PATH.write_text(bill_of_materials(), encoding="utf-8")
