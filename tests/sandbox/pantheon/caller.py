"""A caller of the sandbox's Pantheon, in few words."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.platform import ControlError

PREFIX = "/pantheon/v1.0"
ORIGIN = "http://127.0.0.1:8000"


@attrs.frozen
class Caller:
    """Calls with one value of the header `Authorization`; an empty one is left out."""

    sandbox: Sandbox
    authorization: str = ""
    account: str = ""

    @classmethod
    def of(cls, sandbox: Sandbox, account: str) -> Caller:
        """Call with an access token of an app (`scale`, `scale_second`, `standard`, `free`, `empty`)."""
        return cls(sandbox, f"Bearer {app(sandbox, account).new_tokens()['access_token']}", account)

    def new_tokens(self) -> Any:
        """Return a new pair of tokens; for a caller with the credentials of an app."""
        return self.ok("auth/getAccessToken", grant_type="client_credentials")

    def call(
        self,
        method: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        query: str = "",
        verb: str = "POST",
        **headers: str,
    ) -> Response:
        """Send one request; in the names of headers an underscore is a hyphen."""
        sent = {"Authorization": self.authorization} if self.authorization else {}
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        if data:
            sent["Content-Type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        pairs = parse_qsl(query, keep_blank_values=True)
        return self.sandbox.respond(Request(verb, f"{PREFIX}/{method}", pairs, sent, data, ORIGIN))

    def ok(self, method: str, **body: object) -> Any:
        """Return the document of the response, which must be 200."""
        return document(self.call(method, body), 200)

    def with_key(self, key: str, method: str, **body: object) -> Response:
        """Call with an idempotency key."""
        return self.call(method, body, Idempotency_Key=key)

    def field_errors(self, method: str, **body: object) -> list[str]:
        """Return the fields that an error response names, which must be a 400."""
        error = document(self.call(method, body), 400)
        assert error["message"] == "Your request data was invalid."
        return [field for entry in error["errors"] for field in entry]

    def is_missing(self, method: str, **body: object) -> bool:
        """Whether a method responds with 404 for an id, and says nothing else is wrong."""
        response = self.call(method, body)
        return response.status == 404 and list(json.loads(response.body)) == ["message"]

    def items(self, method: str, **body: object) -> list[Any]:
        """Return the items of all pages of a list."""
        return [item for page in self.pages(method, **body) for item in page["items"]]

    def pages(self, method: str, **body: object) -> Iterator[Any]:
        """Iterate over the pages of a list, as a client does: by the URL, with the same body."""
        page = self.ok(method, **body)
        yield page
        while page["next_cursor"]:
            page = document(self.follow(page["next_cursor"], body), 200)
            yield page

    def follow(self, url: str, body: object = None) -> Response:
        """Call the URL of a next page."""
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == ORIGIN
        return self.call(parts.path.removeprefix(f"{PREFIX}/"), body, query=parts.query)

    def ids(self, method: str, **body: object) -> list[str]:
        """Return the ids of all items of a list."""
        return [item["id"] for item in self.items(method, **body)]

    def control(self, action: str, **arguments: Any) -> Any:
        """Do something that no call does."""
        return self.sandbox.control("pantheon", action, arguments)

    def rejected_argument(self, action: str, **arguments: Any) -> str | None:
        """Return the argument that the error of a control action names."""
        try:
            self.control(action, **arguments)
        except ControlError as error:
            return error.field
        raise AssertionError("there was no error")

    def advance(self, **length: float) -> None:
        """Let time pass (`seconds=30`), and whatever falls due in it happen."""
        self.sandbox.advance(timedelta(**length))

    def later(self, **length: float) -> Caller:
        """Let time pass, and return a caller whose token is new."""
        self.advance(**length)
        return Caller.of(self.sandbox, self.account)


def app(sandbox: Sandbox, account: str) -> Caller:
    """Return a caller with the credentials of an app, for the namespace auth."""
    found = {account.name: account.credentials for account in sandbox.accounts("pantheon")}[account]
    return Caller(sandbox, basic(found["client_id"], found["client_secret"]))


def basic(user: str, password: str) -> str:
    """Return the value of a header for HTTP Basic."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def document(response: Response, status: int) -> Any:
    """Return the document of a response, which must have this status."""
    assert response.status == status, (response.status, response.body.decode())
    return json.loads(response.body)
