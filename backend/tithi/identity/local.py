# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The local identity provider: accounts in this database, Argon2id passwords, ES256 tokens, rotating refresh tokens."""

import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from tithi.identity import passwords
from tithi.identity.models import AuthSession, RefreshToken, User, UserCredential
from tithi.integrations.identity import contract
from tithi.integrations.identity.signing import TokenSigner
from tithi.platform import clock
from tithi.platform.db import session, transaction
from tithi.platform.ids import new_id
from tithi.platform.tenancy import scope_without_tenant

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256
REFRESH_LIFE = timedelta(days=30)


class LocalProvider:
    def __init__(self, signer: TokenSigner) -> None:
        self.signer = signer

    def sign_up(self, *, email: str, password: str, metadata: Mapping[str, str]) -> contract.Session | None:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            reason = f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
            raise contract.WeakPasswordError(reason)
        password_hash = passwords.hash_password(password)
        user_id = new_id()
        try:
            with scope_without_tenant(actor=f"user:{user_id}", user_id=user_id), transaction():
                _insert_user(user_id, email, password_hash, metadata)
                return self._open_session(user_id, email)
        except IntegrityError as error:
            raise contract.AccountExistsError from error

    def sign_in(self, *, email: str, password: str) -> contract.Session:
        with scope_without_tenant(), transaction() as current:
            row = current.execute(
                text("SELECT user_id, email, password_hash FROM directory_credentials(:email)"),
                {"email": normalise_email(email)},
            ).one_or_none()
        if not passwords.matches(row.password_hash if row else None, password) or row is None:
            raise contract.CredentialsInvalidError
        with scope_without_tenant(actor=f"user:{row.user_id}", user_id=row.user_id), transaction():
            return self._open_session(row.user_id, row.email)

    def refresh(self, refresh_token: str) -> contract.Session:
        user_id, token_id, secret = _parse(refresh_token)
        with scope_without_tenant(actor=f"user:{user_id}", user_id=user_id), transaction():
            renewed = self._renew(user_id, token_id, secret)
        if renewed is None:
            raise contract.RefreshRejectedError
        return renewed

    def sign_out(self, access_token: str) -> None:
        """The room ends the session by its row; a local token holds nothing more to end."""

    def _renew(self, user_id: UUID, token_id: UUID, secret: str) -> contract.Session | None:
        token = session().get(RefreshToken, token_id, with_for_update=True)
        if token is None or not hmac.compare_digest(token.secret_hash, _hash(secret)):
            return None
        opened = session().get_one(AuthSession, token.session_id)
        now = clock.now()
        if opened.revoked_at is not None or token.expires_at <= now:
            return None
        if token.used_at is not None:
            opened.revoked_at = now
            return None
        token.used_at = now
        email = session().get_one(User, user_id).email
        return self._tokens(user_id, email, opened.id)

    def _open_session(self, user_id: UUID, email: str) -> contract.Session:
        session_id = new_id()
        session().add(AuthSession(id=session_id, user_id=user_id, created_at=clock.now()))
        session().flush()
        return self._tokens(user_id, email, session_id)

    def _tokens(self, user_id: UUID, email: str, session_id: UUID) -> contract.Session:
        secret = secrets.token_urlsafe(32)
        token = RefreshToken(
            id=new_id(),
            session_id=session_id,
            user_id=user_id,
            secret_hash=_hash(secret),
            expires_at=clock.now() + REFRESH_LIFE,
        )
        session().add(token)
        access_token = self.signer.mint(subject=str(user_id), email=email, session_id=str(session_id))
        return contract.Session(
            access_token=access_token,
            refresh_token=f"{user_id.hex}.{token.id.hex}.{secret}",
            expires_in=900,
            subject=str(user_id),
            email=email,
        )


def normalise_email(email: str) -> str:
    return email.strip().casefold()


def revoke_session(session_id: UUID) -> None:
    """End a session of the open scope's user: its tokens are refused from the next request on."""
    session().execute(
        update(AuthSession)
        .where(AuthSession.id == session_id, AuthSession.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def _insert_user(user_id: UUID, email: str, password_hash: str, metadata: Mapping[str, str]) -> None:
    now = clock.now()
    session().add(
        User(
            id=user_id,
            email=email,
            email_normalized=normalise_email(email),
            first_name=metadata.get("first_name", ""),
            last_name=metadata.get("last_name", ""),
            created_at=now,
        )
    )
    session().flush()
    session().add(UserCredential(user_id=user_id, password_hash=password_hash, changed_at=now))
    session().flush()


def _parse(refresh_token: str) -> tuple[UUID, UUID, str]:
    parts = refresh_token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - user, token, secret
        raise contract.RefreshRejectedError
    try:
        return UUID(hex=parts[0]), UUID(hex=parts[1]), parts[2]
    except ValueError as error:
        raise contract.RefreshRejectedError from error


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
