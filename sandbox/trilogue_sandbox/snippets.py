"""Code to copy: a first request to each platform, with the credentials of an account."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from trilogue_generated.platforms import PLATFORMS

from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.origins import is_loopback
from trilogue_sandbox.kernel.platform import Account


def snippets(engine: Engine, name: str, account: Account, origin: str) -> Mapping[str, str]:
    """Return the code by language; `origin` is the address of the sandbox, such as `http://127.0.0.1:8000`."""
    found = {"curl": _curl(engine, name, account, origin), "JavaScript": _javascript(engine, name, account, origin)}
    return {"Python": _python(engine, name, account, origin), **found} if name in PLATFORMS else found


def _python(engine: Engine, name: str, account: Account, origin: str) -> str:
    info = PLATFORMS[name]
    given = {key: value for key, value in account.credentials.items() if key in info.variables}
    arguments = [f'{key}="{value}"' for key, value in given.items()] + [f'host="{engine.url(name, origin)}"']
    arguments += [] if is_loopback(origin) else ["allow_http=True"]
    return f"from trilogue import {info.client}\n\nclient = {info.client}({', '.join(arguments)})"


def _curl(engine: Engine, name: str, account: Account, origin: str) -> str:
    sample = engine.sample_request(name, account)
    options = [] if sample.method == "GET" else ["-X", sample.method]
    for key, value in sample.headers.items():
        options += ["-H", f"{key}: {value}"]
    options += [] if sample.body is None else ["-d", sample.body]
    return shlex.join(["curl", *options, f"{engine.url(name, origin)}{sample.path}"])


def _javascript(engine: Engine, name: str, account: Account, origin: str) -> str:
    sample = engine.sample_request(name, account)
    options = {"method": sample.method, "headers": {**sample.headers}}
    given = options if sample.body is None else {**options, "body": sample.body}
    url = json.dumps(f"{engine.url(name, origin)}{sample.path}")
    return f"const response = await fetch({url}, {json.dumps(given, indent=2)});\nconsole.log(await response.json());"
