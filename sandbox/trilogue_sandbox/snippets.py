"""Code to copy: a first request to each platform, with the credentials of an account."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from trilogue_generated.platforms import PLATFORMS

from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.origins import is_loopback
from trilogue_sandbox.kernel.platform import Account
from trilogue_sandbox.kernel.samples import SampleRequest


def snippets(engine: Engine, name: str, account: Account, origin: str) -> Mapping[str, str]:
    """Return the code by language; `origin` is the address of the sandbox, such as `http://127.0.0.1:8000`."""
    with engine.looking_at(name) as platform:
        sample = platform.sample_request(account)
    url = engine.url(name, origin)
    found = {"curl": _curl(sample, url), "JavaScript": _javascript(sample, url)}
    return {"Python": _python(name, account, url), **found} if name in PLATFORMS else found


def _python(name: str, account: Account, url: str) -> str:
    info = PLATFORMS[name]
    given = {key: value for key, value in account.credentials.items() if key in info.variables}
    arguments = [f'{key}="{value}"' for key, value in given.items()] + [f'host="{url}"']
    arguments += [] if is_loopback(url) else ["allow_http=True"]
    return f"from trilogue import {info.client}\n\nclient = {info.client}({', '.join(arguments)})"


def _curl(sample: SampleRequest, url: str) -> str:
    options = [] if sample.method == "GET" else ["-X", sample.method]
    for key, value in sample.headers.items():
        options += ["-H", f"{key}: {value}"]
    options += [] if sample.body is None else ["-d", sample.body]
    return shlex.join(["curl", *options, f"{url}{sample.path}"])


def _javascript(sample: SampleRequest, url: str) -> str:
    options = {"method": sample.method, "headers": {**sample.headers}}
    given = options if sample.body is None else {**options, "body": sample.body}
    address = json.dumps(f"{url}{sample.path}")
    return (
        f"const response = await fetch({address}, {json.dumps(given, indent=2)});\nconsole.log(await response.json());"
    )
