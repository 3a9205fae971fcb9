# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Which other origins may read answers: the listed ones, and a business's own host. No credentials are shared."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

from tithi.platform.pipeline import ports

ALLOWED_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-ID, X-Tenant-ID"
EXPOSED_HEADERS = (
    "ETag, Idempotency-Replayed, Retry-After, X-Feature-Flags, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-ID"
)


def install(app: Flask) -> None:
    app.after_request(_allow)


def _allow(response: Response) -> Response:
    response.headers.add("Vary", "Origin")
    origin = request.headers.get("Origin")
    if origin is not None and _is_allowed(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, DELETE"
            response.headers["Access-Control-Max-Age"] = "600"
    return response


def _is_allowed(origin: str) -> bool:
    settings = ports().settings
    if origin in settings.cors_origins:
        return True
    parts = urlsplit(origin)
    label, _, rest = parts.netloc.partition(".")
    if parts.scheme != settings.public_scheme or rest != settings.base_domain or parts.path:
        return False
    return ports().tenants.by_slug(label.lower()) is not None
