# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import current_app
from sqlalchemy import text

from tithi.identity import errors, local, queries
from tithi.identity.models import AuthSession, Membership
from tithi.integrations.identity import contract
from tithi.integrations.identity.tokens import TokenVerifier
from tithi.platform import clock
from tithi.platform.access import Principal, TenantNotFoundError, TokenExpiredError, TokenInvalidError
from tithi.platform.db import session, transaction
from tithi.platform.ids import new_id
from tithi.platform.tenancy import scope_without_tenant, tenant_scope
from tithi.tenants import service as tenants

if TYPE_CHECKING:
    from tithi.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Identities:
    """The configured provider, the one verifier, and the public keys where this platform signs."""

    provider: contract.IdentityProvider
    verifier: TokenVerifier
    jwks: dict[str, Any]
    mirrors_accounts: bool


class Principals:
    """Says who a token speaks for; membership and session are read from the database on each request."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities

    def load(self, token: str) -> Principal:
        try:
            identity = self._identities.verifier.verify(token)
            user_id, session_id = UUID(identity.subject), UUID(identity.session_id)
        except contract.TokenExpiredError as error:
            raise TokenExpiredError(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}) from error
        except (contract.TokenInvalidError, ValueError) as error:
            raise TokenInvalidError(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}) from error
        except contract.KeysUnavailableError as error:
            raise errors.IdentityUnavailableError(headers={"Retry-After": "5"}) from error
        with scope_without_tenant(actor=f"user:{user_id}", user_id=user_id):
            with transaction():
                row = queries.principal_row(user_id=user_id, session_id=session_id)
            if row is None and self._identities.mirrors_accounts:
                with transaction():
                    _mirror(user_id, session_id, identity.email)
                    row = queries.principal_row(user_id=user_id, session_id=session_id)
        if row is None or row.revoked_at is not None:
            raise TokenInvalidError(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return Principal(
            user_id=user_id,
            session_id=session_id,
            email=identity.email,
            assurance=identity.assurance,
            memberships=queries.memberships_of(row),
            chosen_tenant_id=row.chosen_tenant_id,
        )


def identities() -> Identities:
    found: Identities = current_app.extensions["tithi.identities"]
    return found


def register(*, email: str, password: str, first_name: str, last_name: str) -> contract.Session | None:
    try:
        return identities().provider.sign_up(
            email=email, password=password, metadata={"first_name": first_name, "last_name": last_name}
        )
    except contract.AccountExistsError as error:
        raise errors.AccountExistsError from error
    except contract.WeakPasswordError as error:
        raise errors.PasswordTooWeakError(error.reason, errors={"password": [error.reason]}) from error
    except contract.ProviderUnavailableError as error:
        raise errors.IdentityUnavailableError(headers={"Retry-After": "5"}) from error


def sign_in(*, email: str, password: str) -> contract.Session:
    try:
        return identities().provider.sign_in(email=email, password=password)
    except contract.CredentialsInvalidError as error:
        raise errors.CredentialsInvalidError from error
    except contract.ProviderUnavailableError as error:
        raise errors.IdentityUnavailableError(headers={"Retry-After": "5"}) from error


def refresh(*, refresh_token: str) -> contract.Session:
    try:
        return identities().provider.refresh(refresh_token)
    except contract.RefreshRejectedError as error:
        raise errors.RefreshRejectedError from error
    except contract.ProviderUnavailableError as error:
        raise errors.IdentityUnavailableError(headers={"Retry-After": "5"}) from error


def sign_out(*, principal: Principal, access_token: str) -> None:
    """End the session here first, so that its tokens are refused whatever the provider answers."""
    with transaction():
        local.revoke_session(principal.session_id)
    try:
        identities().provider.sign_out(access_token)
    except contract.ProviderUnavailableError as error:
        raise errors.IdentityUnavailableError(headers={"Retry-After": "5"}) from error


def switch_tenant(*, principal: Principal, tenant_id: UUID) -> None:
    """Choose the business that requests of this session are about, where neither host nor path says so."""
    if principal.role_in(tenant_id) is None:
        raise TenantNotFoundError
    opened = session().get_one(AuthSession, principal.session_id)
    opened.chosen_tenant_id = tenant_id


def create_tenant(*, principal: Principal, details: dict[str, Any], request_id: str) -> "Tenant":
    """Open a business whose owner is the caller; runs its own transaction, in the new tenant's scope."""
    tenant_id = new_id()
    with (
        tenant_scope(tenant_id, actor=f"user:{principal.user_id}", user_id=principal.user_id, request_id=request_id),
        transaction(),
    ):
        tenant = tenants.create(tenant_id=tenant_id, details=dict(details))
        add_member(tenant_id=tenant_id, user_id=principal.user_id, role="owner")
        return tenant


def add_member(*, tenant_id: UUID, user_id: UUID, role: str) -> Membership:
    member = Membership(tenant_id=tenant_id, id=new_id(), user_id=user_id, role=role, created_at=clock.now())
    session().add(member)
    session().flush()
    return member


def _mirror(user_id: UUID, session_id: UUID, email: str) -> None:
    """Keep a row for a person and session that the hosted provider knows."""
    parameters = {
        "user_id": user_id,
        "session_id": session_id,
        "email": email,
        "normalized": local.normalise_email(email) or f"{user_id}@no-address.invalid",
        "now": clock.now(),
    }
    session().execute(
        text(
            "INSERT INTO users (id, email, email_normalized, first_name, last_name, created_at)"
            " VALUES (:user_id, :email, :normalized, '', '', :now) ON CONFLICT (id) DO NOTHING"
        ),
        parameters,
    )
    session().execute(
        text(
            "INSERT INTO auth_sessions (id, user_id, created_at) VALUES (:session_id, :user_id, :now)"
            " ON CONFLICT (id) DO NOTHING"
        ),
        parameters,
    )
