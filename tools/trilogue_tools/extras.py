"""Which extra brings a module that is missing."""

from __future__ import annotations

from collections.abc import Mapping

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "cli": ("click", "rich", "jmespath", "yaml"),
    "export": ("dlt", "pyarrow", "duckdb", "psycopg2"),
    "dask": ("dask", "distributed", "pandas"),
    "contract": ("schemathesis", "hypothesis"),
    "mcp": ("mcp",),
    "sandbox": (
        *("jsonschema_rs", "httptools", "anyio", "python_multipart", "phonenumbers", "cronsim", "nodesemver"),
        *("markdownify", "jinja2"),
    ),
    "otel": ("opentelemetry",),
    "aiohttp": ("aiohttp",),
    "budget": ("valkey",),
}
"""The modules that each extra brings, by their import names."""


def advice(error: ModuleNotFoundError) -> str | None:
    """Return what to install, None if the missing module belongs to no extra."""
    missing = (error.name or "").partition(".")[0]
    extra = next((name for name, modules in EXTRAS.items() if missing in modules), None)
    return extra and f"this needs {missing}, which is not installed; install it: pip install 'trilogue[{extra}]'"
