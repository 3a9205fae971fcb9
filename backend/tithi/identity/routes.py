# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import TYPE_CHECKING, Any

from flask import g, request

from tithi.identity import errors, queries, service
from tithi.identity.schemas import (
    JwksOut,
    LoginIn,
    MemberListOut,
    MeOut,
    RefreshIn,
    RegisteredOut,
    RegisterIn,
    SessionOut,
    SwitchTenantIn,
    TenantListOut,
)
from tithi.integrations.identity.contract import Session
from tithi.platform.access import TenantNotFoundError, principal
from tithi.platform.http import Room
from tithi.tenants import queries as tenants
from tithi.tenants.errors import SlugTakenError, SlugUnusableError
from tithi.tenants.schemas import TenantIn, TenantOut

if TYPE_CHECKING:
    from tithi.tenants.models import Tenant

blueprint = Room("identity", description="Accounts, sessions, and the businesses that a person belongs to.")


@blueprint.post(
    "/auth/register",
    access="anyone",
    body=RegisterIn,
    returns=RegisteredOut,
    status=201,
    limit="sign_in",
    phased=True,
    errors=(errors.AccountExistsError, errors.PasswordTooWeakError, errors.IdentityUnavailableError),
    entitlement="always",
)
def register(body: dict[str, str]) -> dict[str, Any]:
    """Open an account."""
    opened = service.register(**body)
    return {"confirmation_pending": opened is None, "session": _session(opened) if opened else None}


@blueprint.post(
    "/auth/login",
    access="anyone",
    body=LoginIn,
    returns=SessionOut,
    limit="sign_in",
    phased=True,
    errors=(errors.CredentialsInvalidError, errors.IdentityUnavailableError),
    entitlement="always",
)
def login(body: dict[str, str]) -> dict[str, Any]:
    """Sign in. A wrong password and an unknown e-mail answer alike."""
    return _session(service.sign_in(**body))


@blueprint.post(
    "/auth/refresh",
    access="anyone",
    body=RefreshIn,
    returns=SessionOut,
    limit="sign_in",
    phased=True,
    errors=(errors.RefreshRejectedError, errors.IdentityUnavailableError),
    entitlement="always",
)
def refresh(body: dict[str, str]) -> dict[str, Any]:
    """Exchange a refresh token, once, for new tokens. A token that comes back after its use ends the session."""
    return _session(service.refresh(**body))


@blueprint.post(
    "/auth/logout",
    access="user",
    status=204,
    phased=True,
    errors=(errors.IdentityUnavailableError,),
    entitlement="always",
)
def logout() -> None:
    """End this session; its tokens are refused from now on."""
    service.sign_out(principal=principal(), access_token=request.headers["Authorization"].partition(" ")[2])


@blueprint.post(
    "/auth/switch-tenant",
    access="user",
    body=SwitchTenantIn,
    status=204,
    errors=(TenantNotFoundError,),
    entitlement="always",
)
def switch_tenant(body: dict[str, Any]) -> None:
    """Choose the business that this session's requests are about."""
    service.switch_tenant(principal=principal(), tenant_id=body["tenant_id"])


@blueprint.get("/auth/me", access="user", returns=MeOut)
def me() -> dict[str, Any]:
    """Show the signed-in person."""
    caller = principal()
    user = queries.get_user(caller.user_id)
    return {
        "id": user.id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "memberships": caller.memberships,
        "chosen_tenant_id": caller.chosen_tenant_id,
    }


@blueprint.get("/auth/.well-known/jwks.json", access="anyone", returns=JwksOut, ready=True)
def jwks() -> dict[str, Any]:
    """The public keys of the tokens that this platform signs."""
    return service.identities().jwks


@blueprint.get("/tenants", access="user", returns=TenantListOut)
def list_tenants() -> dict[str, Any]:
    """List the businesses that the caller belongs to."""
    found = tenants.tenants_of_user()
    return {"tenants": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/tenants",
    access="user",
    body=TenantIn,
    returns=TenantOut,
    status=201,
    idempotent="optional",
    phased=True,
    errors=(SlugTakenError, SlugUnusableError),
    entitlement="always",
)
def create_tenant(body: dict[str, Any]) -> "Tenant":
    """Open a business with its first location; the caller becomes its owner."""
    return service.create_tenant(principal=principal(), details=body, request_id=g.request_id)


@blueprint.get("/tenants/<uuid:tenant_id>/members", access="admin", returns=MemberListOut)
def list_members() -> dict[str, Any]:
    """List who belongs to the business."""
    found = queries.list_members()
    return {"members": found, "total": len(found), "next_cursor": None}


def _session(opened: Session) -> dict[str, Any]:
    return {
        "token": opened.access_token,
        "access_token": opened.access_token,
        "refresh_token": opened.refresh_token,
        "token_type": "Bearer",
        "expires_in": opened.expires_in,
        "user_id": opened.subject,
    }
