# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Who calls, and the one word at each route that says who may.

`public`: anybody, at a tenant's site. `anyone`: anybody, no tenant. `user`: a signed-in person, no tenant needed.
`link`: whoever holds the link in the path. `viewer`, `staff`, `admin`, `owner`: a member of the tenant with at least
this role.

A second word says what the tenant must be entitled to: `always` is never refused, `changes` is refused to a tenant that
may only read, `new_bookings` also to one that may take no new ones.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from flask import g

from tithi.platform.crypto import LinkTarget
from tithi.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError

AccessWord = Literal["public", "anyone", "link", "user", "viewer", "staff", "admin", "owner"]
EntitlementWord = Literal["always", "changes", "new_bookings"]
EntitlementLevel = Literal["full", "no_new_bookings", "read_only"]
ALLOWED: dict[EntitlementLevel, frozenset[EntitlementWord]] = {
    "full": frozenset({"always", "changes", "new_bookings"}),
    "no_new_bookings": frozenset({"always", "changes"}),
    "read_only": frozenset({"always"}),
}
ROLES: tuple[str, ...] = ("viewer", "staff", "admin", "owner")


class TokenExpiredError(UnauthenticatedError):
    code = "TITHI_AUTH_TOKEN_EXPIRED"
    title = "The token has expired."


class TokenInvalidError(UnauthenticatedError):
    code = "TITHI_AUTH_TOKEN_INVALID"
    title = "The token is not valid."


class TenantNotFoundError(NotFoundError):
    code = "TITHI_TENANT_NOT_FOUND"
    title = "There is no such business."


class LinkNotFoundError(NotFoundError):
    code = "TITHI_LINK_NOT_FOUND"
    title = "This link leads nowhere, or leads there no more."


class TenantNotChosenError(ConflictError):
    code = "TITHI_TENANT_NOT_CHOSEN"
    title = "You belong to several businesses: choose one with auth/switch-tenant."


class TenantMismatchError(InvalidError):
    code = "TITHI_TENANT_MISMATCH"
    title = "The request names two different businesses."


class FeatureNotAvailableError(ForbiddenError):
    code = "TITHI_FEATURE_NOT_AVAILABLE"
    title = "This is not available to the business at present."


@dataclass(frozen=True, slots=True)
class Dues:
    """What was last heard of the tenant's own subscription; without a status it has none yet."""

    status: str | None
    trial_ends_at: datetime | None
    past_due_since: datetime | None


@dataclass(frozen=True, slots=True)
class TenantInfo:
    id: UUID
    slug: str
    status: str
    created_at: datetime
    dues: Dues


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a tenant may do now, why, what lifts the limit, and when it changes by the clock alone."""

    level: EntitlementLevel
    reason: str
    remedy: str | None
    changes_at: datetime | None

    def allows(self, word: EntitlementWord) -> bool:
        return word in ALLOWED[self.level]


@dataclass(frozen=True, slots=True)
class Membership:
    tenant_id: UUID
    role: str


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person; `role` is that of the membership in the request's tenant, or None."""

    user_id: UUID
    session_id: UUID
    email: str
    assurance: str
    memberships: tuple[Membership, ...]
    chosen_tenant_id: UUID | None

    def role_in(self, tenant_id: UUID) -> str | None:
        return next((member.role for member in self.memberships if member.tenant_id == tenant_id), None)


class TenantResolver(Protocol):
    def by_slug(self, slug: str) -> TenantInfo | None: ...

    def by_id(self, tenant_id: UUID) -> TenantInfo | None: ...


class PrincipalLoader(Protocol):
    def load(self, token: str) -> Principal:
        """Raises TokenExpired or TokenInvalid."""
        ...


class Entitlements(Protocol):
    def of(self, tenant: TenantInfo) -> Entitlement: ...


def principal() -> Principal:
    """The signed-in caller of this request.

    Raises:
        Unauthenticated: nobody is signed in.
    """
    found: Principal | None = g.get("principal")
    if found is None:
        raise UnauthenticatedError
    return found


def tenant() -> TenantInfo:
    """The tenant of this request.

    Raises:
        TenantNotFound: the request has none.
    """
    found: TenantInfo | None = g.get("tenant")
    if found is None:
        raise TenantNotFoundError
    return found


def link() -> LinkTarget:
    """What the link in the path points at.

    Raises:
        LinkNotFound: the request came without one.
    """
    found: LinkTarget | None = g.get("link")
    if found is None:
        raise LinkNotFoundError
    return found


def require_role(word: AccessWord) -> None:
    role = principal().role_in(tenant().id)
    if role is None:
        raise TenantNotFoundError
    if ROLES.index(role) < ROLES.index(word):
        raise ForbiddenError
