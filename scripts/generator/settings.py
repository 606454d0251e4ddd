"""What generator-config/<platform>.yaml says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml
from attrs import frozen

from .errors import GenerationError
from .parser_internals import Config, ConfigFile, MetaType


class OwnSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys that are ours; the others belong to openapi-python-client."""

    context_headers: tuple[str, ...] = ()
    key_header: str | None = None
    object_query_style: Literal["deep", "dotted"] = "deep"
    own_methods: bool = False
    public_package: str = ""


@frozen
class Settings:
    """How one description becomes code."""

    platform: str
    parser: Config
    own: OwnSettings

    def is_context(self, header: str) -> bool:
        """Return whether the client fills this header in, whatever its case."""
        return header.lower() in {name.lower() for name in self.own.context_headers}


def load(path: Path) -> Settings:
    """Read the settings of a platform.

    Raises:
        GenerationError: a key is unknown or its value is of the wrong type.
    """
    keys: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    parser = {key: value for key, value in keys.items() if key in ConfigFile.model_fields}
    try:
        own = msgspec.convert({key: value for key, value in keys.items() if key not in parser}, OwnSettings)
        return Settings(path.stem, _parser_config(parser, path), own)
    except ValueError as error:
        raise GenerationError(f"{path}: {error}") from error


def _parser_config(keys: dict[str, Any], path: Path) -> Config:
    file = ConfigFile.model_validate(keys)
    return Config.from_sources(file, MetaType.NONE, path, "utf-8", overwrite=True, output_path=path.parent)
