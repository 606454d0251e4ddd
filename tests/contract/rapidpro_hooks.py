"""What is known of the RapidPro server, and checks of its own: it deletes by a parameter of the query."""

from __future__ import annotations

from schemathesis import Case, CheckContext, check
from schemathesis.core.transport import Response

from tests.contract.known import Leniency, Refusal, accept

LISTS = ()
