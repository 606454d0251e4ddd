"""The registry of platforms, `openapi/platforms.yaml`, read strictly."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import yaml

ROOT = Path(__file__).resolve().parent.parent
REGISTRY = ROOT / "openapi" / "platforms.yaml"
SNAKE_CASE = r"[a-z][a-z0-9]*(_[a-z0-9]+)*"


class RegistryError(Exception):
    """An entry of the registry that cannot be read; the message names it and says what is wrong."""


class Argument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One argument of the constructors.

    `type` may be a class of the overlays, with its module as seen from the platform's package: `.._tokens.TokenCache`.
    `otherwise` says what absence means.
    """

    name: str
    description: str
    type: str = "str"
    variable: str = ""
    positional: bool = False
    otherwise: str = ""


class Conventions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the description rules demand of one platform; openapi/README.md explains each."""

    methods: frozenset[str] = frozenset({"delete", "get", "patch", "post", "put"})
    path: str = "/.+"
    operation_id: str = rf"{{resource}}_{SNAKE_CASE}"
    errors: frozenset[str] = frozenset({"401", "429", "500"})
    errors_with_body: frozenset[str] = frozenset()
    lookup: str = r"required path \w+"
    creates_what_it_looks_up: frozenset[str] = frozenset()
    response_headers: frozenset[str] = frozenset()
    refuses_unknown_fields: bool = False
    next_fields: tuple[str, ...] = ()
    page_parameters: tuple[str, ...] = ()


class Platform(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One platform."""

    name: str
    label: str
    client: str
    summary: str
    docs: str
    arguments: tuple[Argument, ...]
    raises: str
    conventions: Conventions = Conventions()


def read_registry(path: Path = REGISTRY) -> dict[str, Platform]:
    """Return the platforms by name.

    Raises:
        RegistryError: an entry has an unknown key, lacks one, or has a value of the wrong type.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {name: msgspec.convert({"name": name, **entry}, Platform) for name, entry in entries.items()}
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise RegistryError(f"{path}: {error}; openapi/README.md explains the keys") from error


@cache
def platforms() -> dict[str, Platform]:
    """Return the platforms of this project by name."""
    return read_registry()
