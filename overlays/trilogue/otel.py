"""Traces calls with OpenTelemetry, without personal data; needs `pip install 'trilogue[otel]'`.

```python
from trilogue import RapidPro
from trilogue.otel import instrument

client = instrument(RapidPro(token="..."))
```

Each attempt is a span of the kind `CLIENT`, named by its operation (`RapidPro contacts.list`), with the attributes of
OpenTelemetry's conventions for HTTP: method, URL template, server, status, number of the retry. It holds no URL with
its query, no argument and no content.
"""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import urlsplit

from ._base_client import Client
from ._events import AttemptEvent, Hook
from ._version import __version__

try:
    from opentelemetry import trace
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, TracerProvider
except ImportError:
    raise ImportError("tracing needs one more package: pip install 'trilogue[otel]'") from None

AnyClient = TypeVar("AnyClient", bound=Client)


def instrument(client: AnyClient, tracer_provider: TracerProvider | None = None) -> AnyClient:
    """Return a client whose calls are traced, and which shares everything else.

    Its own hooks `on_request` and `on_response` are still called.

    Args:
        client: any client, sync or async.
        tracer_provider: where the spans go; default: the global one.
    """
    hooks = client._core.options.hooks  # pyright: ignore[reportPrivateUsage]  of this package
    spans = _Spans(trace.get_tracer("trilogue", __version__, tracer_provider))
    return client.with_options(
        on_request=_both(spans.start, hooks.on_request), on_response=_both(spans.end, hooks.on_response)
    )


class _Spans:
    """The spans of attempts that are under way."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._open: dict[object, Span] = {}

    def start(self, event: AttemptEvent) -> None:
        """Start the span of an attempt."""
        server = urlsplit(event.url_template)
        attributes: dict[str, str | int] = {
            "http.request.method": event.method,
            "url.template": server.path,
            "server.address": server.hostname or "",
            "server.port": server.port or (443 if server.scheme == "https" else 80),
        }
        if event.attempt > 1:
            attributes["http.request.resend_count"] = event.attempt - 1
        name = f"{event.platform} {event.operation}"
        self._open[event.call] = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)

    def end(self, event: AttemptEvent) -> None:
        """End the span of an attempt with what it ended with."""
        span = self._open.pop(event.call, None)
        if span is None:
            return
        if event.status is not None:
            span.set_attribute("http.response.status_code", event.status)
        problem = event.error or (str(event.status) if event.status is not None and event.status >= 400 else "")
        if problem:
            span.set_attribute("error.type", problem)
            span.set_status(Status(StatusCode.ERROR))
        span.end()


def _both(own: Hook, other: Hook | None) -> Hook:
    def call(event: AttemptEvent) -> None:
        own(event)
        if other is not None:
            other(event)

    return call
