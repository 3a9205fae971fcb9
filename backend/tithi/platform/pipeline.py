# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The steps that every request passes, each written once."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import structlog
from flask import Flask, Response, current_app, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from tithi.platform import access, metrics
from tithi.platform.access import (
    AccessWord,
    Entitlements,
    EntitlementWord,
    FeatureNotAvailableError,
    Principal,
    PrincipalLoader,
    TenantInfo,
    TenantResolver,
)
from tithi.platform.crypto import LinkInvalidError, LinkTarget, open_link
from tithi.platform.errors import UnauthenticatedError
from tithi.platform.ratelimit import RateLimiter, Window
from tithi.platform.settings import Settings
from tithi.platform.tenancy import scope_without_tenant, tenant_scope

MANAGE_LINK = "manage"
WAITLIST_LINK = "waitlist"
# The name of a path's link says what it is for.
LINK_NAMES = {"token": MANAGE_LINK, "waitlist_token": WAITLIST_LINK}
LONGEST_REQUEST_ID = 100
NO_TENANT_WORDS = frozenset({"anyone", "user"})
SITE_STATUSES = frozenset({"active", "paused"})

log = structlog.get_logger("tithi.access")


@dataclass(frozen=True, slots=True)
class Ports:
    """What the platform needs from rooms above it; `wiring` fills it."""

    settings: Settings
    tenants: TenantResolver
    principals: PrincipalLoader
    entitlements: Entitlements
    limiter: RateLimiter


def ports() -> Ports:
    found: Ports = current_app.extensions["tithi"]
    return found


def install(app: Flask) -> None:
    """Put the first and the last step around every request."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    usable = 0 < len(given) <= LONGEST_REQUEST_ID and given.isascii() and given.isprintable()
    g.request_id = given if usable else uuid4().hex
    g.started = time.perf_counter()
    clear_contextvars()
    bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    response.headers["X-Request-ID"] = g.get("request_id", "")
    window: Window | None = g.get("window")
    if window is not None and "X-RateLimit-Remaining" not in response.headers:
        response.headers["X-RateLimit-Remaining"] = str(window.remaining)
        response.headers["X-RateLimit-Reset"] = str(window.resets_in)
    if "principal" in g:
        response.headers["X-Feature-Flags"] = ""
    response.headers["X-Content-Type-Options"] = "nosniff"
    endpoint = request.endpoint or "none"
    metrics.requests.labels(endpoint, response.status_code).inc()
    metrics.request_seconds.labels(endpoint).observe(seconds)
    log.info(
        "request",
        method=request.method,
        endpoint=endpoint,
        status=response.status_code,
        ms=round(seconds * 1000, 2),
        tenant_id=str(g.tenant.id) if "tenant" in g else None,
        user_id=str(g.principal.user_id) if "principal" in g else None,
    )
    return response


def limit_by_address() -> None:
    rates = ports().settings.rate_limits
    g.window = ports().limiter.hit(rates.by_address, "address", request.remote_addr or "unknown")


def limit_by_caller(name: str, word: AccessWord) -> None:
    """Count against the caller's limit: user and tenant where somebody is signed in, else address and tenant."""
    found: Principal | None = g.get("principal")
    if found is None and name == "by_user":
        return
    who = str(found.user_id) if found else request.remote_addr or "unknown"
    whose = str(g.tenant.id) if "tenant" in g else word
    rate = getattr(ports().settings.rate_limits, name)
    window = ports().limiter.hit(rate, name, whose, who)
    g.window = min(g.window, window, key=lambda one: one.remaining)


def identify(word: AccessWord, path_values: Mapping[str, Any], named_in_body: UUID | None) -> None:
    """Find whose request this is and who makes it, and refuse who may not.

    A public site is named by its host, the path's slug or the booking flow's body; a member's tenant by the host, the
    path, the only membership, or the one chosen for the session.
    """
    at_host = _tenant_of_host()
    if word == "anyone":
        return
    if word == "public":
        _take_tenant(_public_tenant(at_host, path_values, named_in_body))
        return
    if word == "link":
        g.link = _open_link(path_values)
        _take_tenant(_public_tenant(at_host, {"tenant_id": g.link.tenant_id}, None))
        return
    token = _bearer()
    g.principal = ports().principals.load(token)
    bind_contextvars(user_id=str(g.principal.user_id))
    if word == "user":
        return
    _take_tenant(_members_tenant(g.principal, at_host, path_values))
    access.require_role(word)


def require_entitlement(word: EntitlementWord) -> None:
    """Refuse what the tenant is not entitled to; only its members are told why.

    Raises:
        FeatureNotAvailable: the tenant's dues, or their absence, do not cover this.
    """
    if word == "always" or "tenant" not in g:
        return
    found = ports().entitlements.of(g.tenant)
    if found.allows(word):
        return
    if "principal" not in g:
        raise FeatureNotAvailableError(details={"remedy": "Ask the business directly."})
    raise FeatureNotAvailableError(
        details={"entitlement": found.level, "reason": found.reason, "remedy": found.remedy},
    )


def is_entitled(word: EntitlementWord) -> bool:
    """Whether the tenant of this request is entitled to it."""
    return ports().entitlements.of(access.tenant()).allows(word)


def is_at_site() -> bool:
    """Whether the request's host is a business's own."""
    return _tenant_of_host() is not None


def _open_link(path_values: Mapping[str, Any]) -> LinkTarget:
    name = next(name for name in LINK_NAMES if name in path_values)
    try:
        return open_link(LINK_NAMES[name], path_values[name])
    except LinkInvalidError as error:
        raise access.LinkNotFoundError from error


def _take_tenant(found: TenantInfo) -> None:
    g.tenant = found
    bind_contextvars(tenant_id=str(found.id))


def _tenant_of_host() -> TenantInfo | None:
    base = ports().settings.base_domain.partition(":")[0]
    host = request.host.partition(":")[0].lower()
    label, dot, rest = host.partition(".")
    if not dot or not host.endswith(f".{base}"):
        return None
    if rest != base:
        raise access.TenantNotFoundError
    found = ports().tenants.by_slug(label)
    if found is None:
        raise access.TenantNotFoundError
    return found


def _public_tenant(at_host: TenantInfo | None, path_values: Mapping[str, Any], in_body: UUID | None) -> TenantInfo:
    named: TenantInfo | None = None
    if "slug" in path_values:
        named = ports().tenants.by_slug(path_values["slug"])
    elif "tenant_id" in path_values or in_body is not None:
        wanted: UUID | None = path_values.get("tenant_id") or in_body
        named = ports().tenants.by_id(wanted) if wanted else None
    elif at_host is not None:
        named = at_host
    if named is None or named.status not in SITE_STATUSES:
        raise access.TenantNotFoundError
    if at_host is not None and at_host.id != named.id:
        raise access.TenantMismatchError
    return named


def _members_tenant(principal: Principal, at_host: TenantInfo | None, path_values: Mapping[str, Any]) -> TenantInfo:
    tenant_id: UUID | None = path_values.get("tenant_id")
    if at_host is not None:
        if tenant_id not in {None, at_host.id}:
            raise access.TenantNotFoundError
        tenant_id = at_host.id
    elif tenant_id is None:
        tenant_id = _tenant_of_membership(principal)
    if tenant_id is None or principal.role_in(tenant_id) is None:
        raise access.TenantNotFoundError
    confirmed = request.headers.get("X-Tenant-ID")
    if confirmed is not None and confirmed.lower() != str(tenant_id):
        raise access.TenantMismatchError
    found = at_host or ports().tenants.by_id(tenant_id)
    if found is None:
        raise access.TenantNotFoundError
    return found


def _tenant_of_membership(principal: Principal) -> UUID | None:
    if principal.chosen_tenant_id and principal.role_in(principal.chosen_tenant_id):
        return principal.chosen_tenant_id
    if len(principal.memberships) > 1:
        raise access.TenantNotChosenError
    return principal.memberships[0].tenant_id if principal.memberships else None


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError(headers={"WWW-Authenticate": "Bearer"})
    return token.strip()


def actor() -> str:
    found: Principal | None = g.get("principal")
    return f"user:{found.user_id}" if found else "anonymous"


def scope_tenant_id(word: AccessWord) -> UUID | None:
    return None if word in NO_TENANT_WORDS else access.tenant().id


@contextmanager
def scope_of_request(word: AccessWord) -> Iterator[None]:
    found: Principal | None = g.get("principal")
    user_id = found.user_id if found else None
    tenant_id = scope_tenant_id(word)
    if tenant_id is None:
        with scope_without_tenant(actor=actor(), user_id=user_id, request_id=g.request_id):
            yield
    else:
        with tenant_scope(tenant_id, actor=actor(), user_id=user_id, request_id=g.request_id):
            yield
