# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Error reports to Sentry, where it is configured, without personal data."""

from importlib import import_module
from typing import Any

SCRUBBED = frozenset({"authorization", "cookie", "data", "query_string", "stripe-signature"})


def configure(dsn: str | None, *, environment: str) -> None:
    """Switch reports on; without a DSN nothing is loaded or sent."""
    if dsn is None:
        return
    import_module("sentry_sdk").init(
        dsn=dsn, environment=environment, send_default_pii=False, max_request_body_size="never", before_send=scrub
    )


def scrub(event: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any]:
    """Take out what could hold personal data: the request's body, query, cookies, credentials, the user, locals."""
    request = event.get("request", {})
    for name in SCRUBBED & request.keys():
        del request[name]
    headers = request.get("headers", {})
    request["headers"] = {name: value for name, value in headers.items() if name.lower() not in SCRUBBED}
    event.pop("user", None)
    for exception in event.get("exception", {}).get("values", []):
        for frame in exception.get("stacktrace", {}).get("frames", []):
            frame.pop("vars", None)
    return event
